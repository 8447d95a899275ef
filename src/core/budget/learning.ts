import type { BudgetSignals } from '../ports/budget-store.ts'
import { type BudgetFacet, type BudgetLimits, budgetFacets, budgetTiming } from './limits.ts'
import type { BudgetState } from './state.ts'
import { totalUsage } from './window.ts'

/** No limit is learned to be smaller than this part of what was configured. */
const SMALLEST_SHARE = 0.02
/** A cut goes a little below what was in use when the server refused, and never further than by half. */
const CUT = { requests: 0.9, 'execution-time': 0.9, concurrency: 0.7 } as const
const DEEPEST_CUT = 0.5
/** What a share regains in one window without a hold. */
const GROWTH = { requests: 0.05, 'execution-time': 0.05, concurrency: 0.2 } as const
/** Answers to what was sent before a cut go on arriving for so many exchanges. */
const ECHO_EXCHANGES = 4

/** Shares grow by the time that has passed without a hold (additive increase). */
export function withGrownShares(state: BudgetState, now: number, { windowMs }: BudgetLimits): BudgetState {
  const grownMs = now - Math.min(now, Math.max(state.at, state.holdUntil))
  return changeShares(state, (share, facet) => Math.min(1, share + (GROWTH[facet] * grownMs) / windowMs))
}

/**
 * Takes over what answers have told: a hold of the whole identity, the recommended parallelism, and a smaller share of
 * the limit that was hit (multiplicative decrease). One overload has many answers, and all workers report it: only the
 * first of them cuts.
 */
export function learn(
  state: BudgetState,
  signals: BudgetSignals,
  now: number,
  limits: BudgetLimits,
): BudgetState {
  const holdUntil = Math.max(state.holdUntil, now + signals.holdForMs)
  const hint = signals.parallelismHint === null ? state.hint : { requests: signals.parallelismHint, at: now }
  const facet = refusedFacet(state, signals, limits)
  const heard = { ...state, holdUntil, hint }
  if (facet === null || now < state.deafUntil) return heard
  return {
    ...changeShares(heard, (share, each) => (each === facet ? cut(state, each, limits) : share)),
    deafUntil: Math.max(holdUntil, now) + ECHO_EXCHANGES * budgetTiming(limits).exchangeMs,
  }
}

/** The limit that an answer has named; the one most used where a throttled answer names none (connectors.md B.8). */
function refusedFacet(state: BudgetState, signals: BudgetSignals, limits: BudgetLimits): BudgetFacet | null {
  const named = signals.throttled.find((facet) => facet !== null)
  if (named) return named
  if (signals.throttled.length > 0) return bindingFacet(state, limits)
  return signals.overloaded ? 'concurrency' : null
}

function cut(state: BudgetState, facet: BudgetFacet, limits: BudgetLimits): number {
  const share = state.shares[facet]
  const inUse = Math.min(share, usedParts(state, limits)[facet])
  return Math.max(SMALLEST_SHARE, share * DEEPEST_CUT, inUse * CUT[facet])
}

/** Which part of each configured limit is in use; 0 for a limit there is not. */
export function usedParts(state: BudgetState, limits: BudgetLimits): Record<BudgetFacet, number> {
  const usage = totalUsage(state.usage)
  const running = Object.values(state.workers).reduce((sum, worker) => sum + worker.running, 0)
  return {
    requests: usage.requests / limits.requests,
    'execution-time': limits.executionMs === null ? 0 : usage.executionMs / limits.executionMs,
    concurrency: running / limits.concurrency,
  }
}

/** The limit that is nearest to what is left of it: the one that sets the speed. */
export function bindingFacet(state: BudgetState, limits: BudgetLimits): BudgetFacet {
  const parts = usedParts(state, limits)
  const pressure = (facet: BudgetFacet) => parts[facet] / state.shares[facet]
  return budgetFacets.reduce((most, facet) => (pressure(facet) > pressure(most) ? facet : most))
}

function changeShares(
  state: BudgetState,
  change: (share: number, facet: BudgetFacet) => number,
): BudgetState {
  const { shares } = state
  return {
    ...state,
    shares: {
      requests: change(shares.requests, 'requests'),
      'execution-time': change(shares['execution-time'], 'execution-time'),
      concurrency: change(shares.concurrency, 'concurrency'),
    },
  }
}
