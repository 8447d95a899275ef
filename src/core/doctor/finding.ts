/** What an examination looks at, in the order in which it is shown. */
export const areas = ['program', 'store', 'queue', 'processes', 'systems', 'work'] as const
export type Area = (typeof areas)[number]

/** One thing that was looked at. `warning`: works, and will cause trouble; `bad`: something does not work. */
export interface Finding {
  readonly area: Area
  readonly what: string
  readonly state: 'good' | 'warning' | 'bad'
  readonly detail: string
  /** What to do about it; null where all is well. */
  readonly remedy: string | null
}

/** How the whole installation is: as its worst finding. */
export function worstOf(findings: readonly Finding[]): Finding['state'] {
  if (findings.some(({ state }) => state === 'bad')) return 'bad'
  return findings.some(({ state }) => state === 'warning') ? 'warning' : 'good'
}

export function good(area: Area, what: string, detail: string): Finding {
  return { area, what, state: 'good', detail, remedy: null }
}

export function warning(area: Area, what: string, detail: string, remedy: string): Finding {
  return { area, what, state: 'warning', detail, remedy }
}

export function bad(area: Area, what: string, detail: string, remedy: string): Finding {
  return { ...warning(area, what, detail, remedy), state: 'bad' }
}
