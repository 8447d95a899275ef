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
