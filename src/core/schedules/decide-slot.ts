import type { CatchUpPolicy, OverlapPolicy } from './schedule.ts'

/** A slot that is looked at later than this has been missed. */
const LATE_MS = 5 * 60_000
const MINUTE_MS = 60_000

/** What is known when a slot is due. Times in ms. */
export interface SlotFacts {
  /** The newest slot that is due and not settled. Those before it are made up for together with it. */
  readonly slotMs: number
  readonly nowMs: number
  readonly overlap: OverlapPolicy
  readonly catchUp: CatchUpPolicy
  readonly inactivityMinutes: number
  /** A slot waits for the end of the last run already. */
  readonly isPending: boolean
  /** The last run of the schedule; null: there was none. */
  readonly lastRun: LastRun | null
}

export interface LastRun {
  readonly isOver: boolean
  /** Null while it goes on. */
  readonly finishedMs: number | null
  /** It succeeded, and nothing was to be done. */
  readonly foundNothing: boolean
}

/**
 * `start` the run. `wait` for the end of the last one: the slot stays due. Start it `if changed`, else it is left out. `leave
 * out`, for good.
 */
export type SlotAction =
  | { readonly action: 'start' }
  | { readonly action: 'wait' }
  | { readonly action: 'if changed' }
  | { readonly action: 'leave out'; readonly because: 'skipped' | 'missed' }

/** Decides about a slot that is due (domain.md §14.3, §14.5): never two runs of a schedule at once, missed slots are merged. */
export function decideSlot(facts: SlotFacts): SlotAction {
  const { slotMs, nowMs, lastRun, isPending } = facts
  if (lastRun !== null && !lastRun.isOver)
    return facts.overlap === 'merge' ? { action: 'wait' } : { action: 'leave out', because: 'skipped' }
  const isLate = nowMs - slotMs > LATE_MS
  if (isLate && !isPending && facts.catchUp === 'skip') return { action: 'leave out', because: 'missed' }
  return isAsleep(facts) ? { action: 'if changed' } : { action: 'start' }
}

/** When a schedule that found nothing to do would run whether or not something changes; null: it does not sleep. */
export function sleepsUntil({
  inactivityMinutes,
  lastRun,
}: Pick<SlotFacts, 'inactivityMinutes' | 'lastRun'>): number | null {
  if (inactivityMinutes === 0 || !lastRun?.foundNothing || lastRun.finishedMs === null) return null
  return lastRun.finishedMs + inactivityMinutes * MINUTE_MS
}

function isAsleep(facts: SlotFacts): boolean {
  const until = sleepsUntil(facts)
  return until !== null && facts.slotMs < until
}
