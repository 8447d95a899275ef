import type { BudgetReport } from '../ports/budget-store.ts'
import { fairShares } from './fair-share.ts'
import { type BudgetLimits, budgetTiming, RESERVED_SHARE } from './limits.ts'
import { heldBy, leavesAt } from './settle.ts'
import type { BudgetState, BudgetWorker } from './state.ts'
import { addUsage, spareAtRate, steadyRate, totalUsage, type Usage } from './window.ts'

/** A worker that comes late to its exchange is owed so many of them at most. */
const OWED_EXCHANGES = 4

/** What scheduled work may always go on with, as a part of a limit over its window; what is spare beyond may be spent sooner. */
const KEPT_PACE = 0.85
/** Spare usage is spent in this part of the window. */
const SPARE_TIME = 1 / 30

/** What a worker may use after its exchange, and what of its pace it is still owed. */
interface GrantedAmounts {
  readonly amounts: { readonly requests: number; readonly interactive: number; readonly executionMs: number }
  readonly credit: Usage
}

/**
 * Requests and run time of the reporting worker until its next exchange. Interactive work takes what is free; scheduled
 * work keeps to a pace that leaves the reserved share free and never runs dry, divided fairly between the workers. The
 * pace is owed in fractions and granted in whole requests.
 */
export function grantAmounts(
  state: BudgetState,
  report: BudgetReport,
  known: BudgetWorker | undefined,
  limits: BudgetLimits,
): GrantedAmounts {
  const { keep, want } = report
  const now = state.at
  const worker = state.workers[report.worker] as BudgetWorker
  if (now < state.holdUntil) return { amounts: { ...keep }, credit: worker.credit }
  const taken = Object.values(state.workers).map(heldBy).reduce(addUsage, totalUsage(state.usage))
  const capacity = capacityOf(state, limits)
  const hasTime = limits.executionMs === null || taken.executionMs < capacity.executionMs
  const interactive = hasTime ? wholes(want.interactive, capacity.requests - taken.requests) : 0
  const sinceMs = known === undefined ? budgetTiming(limits).exchangeMs : now - known.exchangedAt
  const owed = (facet: keyof Usage, taking: number) => {
    const free = capacity[facet] * (1 - RESERVED_SHARE) - taken[facet] - taking
    return { free, credit: creditOf(state, report.worker, facet, free, sinceMs, capacity[facet], limits) }
  }
  const requests = owed('requests', interactive)
  const time = owed('executionMs', 0)
  const granted = wholes(want.requests, requests.credit, requests.free)
  const grantedMs = Math.max(0, Math.min(want.executionMs, time.credit, time.free))
  return {
    amounts: {
      requests: keep.requests + granted,
      interactive: keep.interactive + interactive,
      executionMs: keep.executionMs + grantedMs,
    },
    credit: { requests: requests.credit - granted, executionMs: time.credit - grantedMs },
  }
}

/** The limits as far as they were learned to be usable. */
function capacityOf({ shares }: BudgetState, limits: BudgetLimits): Usage {
  return {
    requests: limits.requests * shares.requests,
    executionMs: (limits.executionMs ?? 0) * shares['execution-time'],
  }
}

/** The worker's part of the pace since its last exchange, with what it was owed before. */
function creditOf(
  state: BudgetState,
  name: string,
  facet: keyof Usage,
  free: number,
  sinceMs: number,
  capacity: number,
  limits: BudgetLimits,
): number {
  const { exchangeMs } = budgetTiming(limits)
  const claims = new Map(
    Object.entries(state.workers).map(([each, { want }]) => [
      each,
      { weight: Math.max(1, want.mappings), want: want[facet] },
    ]),
  )
  const pace = paceOf(state, facet, free, capacity, limits)
  const part = fairShares(pace * exchangeMs, claims).get(name) ?? 0
  const before = state.workers[name]?.credit[facet] ?? 0
  const owed = Math.max(before, (-part / exchangeMs) * limits.windowMs) + (part * sinceMs) / exchangeMs
  return Math.min(owed, 1 + OWED_EXCHANGES * part)
}

/**
 * What all workers may use per ms. Work that pauses, as a table does between two pages, leaves some of the steady pace unused;
 * that is made up for as far as it does not slow down what comes later.
 */
function paceOf(
  state: BudgetState,
  facet: keyof Usage,
  free: number,
  capacity: number,
  limits: BudgetLimits,
): number {
  const { windowMs } = limits
  const returning = returningOf(state, facet, limits)
  const burst = (free - capacity / 2) / budgetTiming(limits).burstMs
  const spare = spareAtRate((KEPT_PACE * capacity) / windowMs, free, returning, state.at, windowMs)
  const madeUpFor = Math.max(0, spare) / (SPARE_TIME * windowMs)
  return Math.max(burst, steadyRate(free, returning, state.at, windowMs) + madeUpFor)
}

/** What comes back to the window, and when; what workers still hold counts as used at the latest moment. */
function returningOf(state: BudgetState, facet: keyof Usage, limits: BudgetLimits) {
  const used = state.usage.map((bucket) => ({ at: leavesAt(bucket.from, limits), amount: bucket[facet] }))
  const held = Object.values(state.workers).reduce((sum, worker) => sum + heldBy(worker)[facet], 0)
  return [...used, { at: leavesAt(state.at, limits), amount: held }]
}

function wholes(...bounds: readonly number[]): number {
  return Math.max(0, Math.floor(Math.min(...bounds) + 1e-9))
}
