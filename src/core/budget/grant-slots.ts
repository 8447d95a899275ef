import type { BudgetReport } from '../ports/budget-store.ts'
import { type Claim, fairPieces } from './fair-share.ts'
import { type BudgetLimits, budgetTiming, RESERVED_SHARE } from './limits.ts'
import type { BudgetState, BudgetWorker } from './state.ts'

/** How many requests may run at once, for all workers: limit, what was learned of it, and the server's own hint. */
export function usableSlots({ shares, hint }: BudgetState, now: number, limits: BudgetLimits): number {
  const learned = Math.floor(limits.concurrency * shares.concurrency + 1e-9)
  const hinted = hint !== null && hint.at + limits.windowMs > now ? hint.requests : limits.concurrency
  return Math.max(1, Math.min(learned, hinted))
}

/**
 * The slots of the reporting worker. Interactive work comes first: what it claims is taken from the share of scheduled
 * work. A worker that should get more waits until the others have given back, which they do with their next exchange.
 */
export function grantSlots(
  state: BudgetState,
  { worker: name, keep }: BudgetReport,
  now: number,
  limits: BudgetLimits,
): { readonly slots: number; readonly interactiveSlots: number } {
  const total = usableSlots(state, now, limits)
  const workers = Object.entries(state.workers)
  const claimed = workers.reduce((sum, [, { want }]) => sum + want.interactiveSlots, 0)
  const reserved = Math.max(Math.floor(total * RESERVED_SHARE), claimed)
  // Scheduled work keeps one slot, except where there is only one.
  const scheduled = total - Math.min(reserved, Math.max(1, total - 1))
  const silent = workers.filter(([, worker]) => worker.validUntil <= now)
  const claims = new Map<string, Claim>(
    workers.map(([each, { want }]) => [each, { weight: Math.max(1, want.mappings), want: want.slots }]),
  )
  // Longer than a bucket, since a slot that changes hands idles for an exchange.
  const turn = Math.floor(now / (2 * budgetTiming(limits).bucketMs))
  const fair = fairPieces(scheduled - held(silent), claims, turn).get(name) ?? 0
  const others = workers.filter(([each]) => each !== name)
  const othersSlots = others.reduce((sum, [, { slots }]) => sum + slots, 0)
  const slots = Math.max(0, Math.min(fair, scheduled - othersSlots))
  const free = total - held(others) - Math.max(slots, keep.slots)
  const wanted = state.workers[name]?.want.interactiveSlots ?? 0
  return { slots, interactiveSlots: Math.max(0, Math.min(wanted, free)) }
}

function held(workers: readonly (readonly [string, BudgetWorker])[]): number {
  return workers.reduce((sum, [, { slots, interactiveSlots }]) => sum + slots + interactiveSlots, 0)
}
