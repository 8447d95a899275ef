import { withGrownShares } from './learning.ts'
import { type BudgetLimits, budgetTiming } from './limits.ts'
import { type BudgetState, type BudgetWorker, mapWorkers, rebased } from './state.ts'
import { addUsage, bookUsage } from './window.ts'

/**
 * The state as it is at `now`, before anybody reports: usage that has left the window is forgotten, and what silent
 * workers hold is settled. A grant that has ended without a report may have been used to the last request, at its very
 * end; requests of a dead worker may go on running at the server, so its slots stay taken for as long as these can last.
 */
export function settled(stored: BudgetState, time: number, limits: BudgetLimits): BudgetState {
  const state = rebased(stored, time)
  const timing = budgetTiming(limits)
  const now = Math.max(state.at, time)
  const ended = Object.values(state.workers).filter((worker) => worker.validUntil <= now)
  const lost = ended.reduce((sum, worker) => addUsage(sum, heldBy(worker)), { requests: 0, executionMs: 0 })
  const kept = Object.entries(state.workers).filter(
    ([, { slots, interactiveSlots, validUntil, lastsMs }]) =>
      validUntil > now ||
      (slots + interactiveSlots > 0 && validUntil + Math.min(timing.lingerMs, LINGER * lastsMs) > now),
  )
  return {
    ...withGrownShares(state, now, limits),
    at: now,
    usage: bookUsage(
      state.usage.filter(({ from }) => leavesAt(from, limits) > now),
      lost,
      now,
      timing.bucketMs,
    ),
    workers: mapWorkers({ ...state, workers: Object.fromEntries(kept) }, (worker) =>
      worker.validUntil > now ? worker : { ...worker, ...nothing },
    ),
  }
}

/** Hardly a request takes so many times what requests usually take. One that does is noticed by a refusal, and learned from. */
const LINGER = 3
const noAmount = { requests: 0, executionMs: 0 }
const nothing = {
  ...noAmount,
  interactive: 0,
  want: { ...noAmount, slots: 0, interactiveSlots: 0, mappings: 0 },
  credit: noAmount,
}

/** What a worker may still use, of both lanes. */
export function heldBy({ requests, interactive, executionMs }: BudgetWorker) {
  return { requests: requests + interactive, executionMs }
}

/**
 * When a bucket's usage is surely out of the server's window: the youngest of it was reported at the bucket's end, and
 * may have reached the server an exchange later.
 */
export function leavesAt(from: number, limits: BudgetLimits): number {
  const { bucketMs, exchangeMs } = budgetTiming(limits)
  return from + bucketMs + exchangeMs + limits.windowMs
}
