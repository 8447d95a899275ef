/** How a process fares, as it is measured once in a while. */
export interface Vitals {
  /** Memory of the process, as the operating system counts it. */
  readonly memoryMb: number
  /** Longest time that the event loop was busy with one thing since the last measurement. */
  readonly delayMs: number
}

/** What a process may use; null: there is no limit. */
export interface VitalLimits {
  readonly memoryMb: number | null
  readonly delayMs: number | null
}

/** Measurements in a row over a limit before a process leaves: one page that is large, or a pause of the machine, is no illness. */
const LEAVES_AFTER = 3

/**
 * Why the process should leave and be started again; null while it may stay. `measured`: newest last. Leaving in time is
 * orderly – pages are committed, others go on – while a process out of memory, or too busy to renew its leases, is not.
 */
export function findIllness(measured: readonly Vitals[], limits: VitalLimits): string | null {
  const last = measured.slice(-LEAVES_AFTER)
  if (last.length < LEAVES_AFTER) return null
  for (const { name, unit, of } of kinds) {
    const limit = limits[name]
    const values = last.map(of)
    if (limit !== null && values.every((value) => value > limit))
      return `${LEAVES_AFTER} measurements in a row were over the limit of ${limit} ${unit}: ${values.map(Math.round).join(', ')}`
  }
  return null
}

const kinds = [
  { name: 'memoryMb', unit: 'MB of memory', of: (each: Vitals) => each.memoryMb },
  { name: 'delayMs', unit: 'ms without an answer of the event loop', of: (each: Vitals) => each.delayMs },
] as const
