/** What is remembered of one function. */
export interface Stops {
  /** How often it had to be stopped, or ended its process, without an answer in between. */
  readonly inRow: number
  readonly restsUntilMs: number
}

const STOPS_BEFORE_REST = 10
export const REST_MS = 5 * 60_000

export const noStops: Stops = { inRow: 0, restsUntilMs: 0 }

/** A function that does nothing but stop its process rests: it would hold up all who use its module. */
export function afterStop({ inRow }: Stops, nowMs: number): Stops {
  const stops = inRow + 1
  return { inRow: stops, restsUntilMs: stops >= STOPS_BEFORE_REST ? nowMs + REST_MS : 0 }
}

/** Why a call is not made at the moment, or null; completes "made MODULE NAME …". */
export function findRest({ inRow, restsUntilMs }: Stops, nowMs: number): string | null {
  if (nowMs >= restsUntilMs) return null
  return `rest for some minutes, as its last ${inRow} calls had to be stopped`
}
