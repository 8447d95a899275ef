import { usableSlots } from './grant-slots.ts'
import { bindingFacet, usedParts } from './learning.ts'
import type { BudgetFacet, BudgetLimits } from './limits.ts'
import { settled } from './settle.ts'
import type { BudgetState } from './state.ts'
import { totalUsage } from './window.ts'

/** One limit of one identity, as people read it. */
interface FacetReading {
  readonly facet: BudgetFacet
  /** As configured; requests, milliseconds, or requests at once. */
  readonly limit: number
  /** What is used of it today, after what was learned. */
  readonly usable: number
  readonly used: number
}

/** How one identity's budget stands. */
export interface BudgetReading {
  readonly facets: readonly FacetReading[]
  /** The limit that sets the speed, or a hold. */
  readonly binding: BudgetFacet | 'hold'
  /** Nothing is sent for so long; 0: no hold. */
  readonly holdForMs: number
  readonly parallelismHint: number | null
  /** Workers that hold a part of it. */
  readonly workers: number
}

/** Reads a stored state at a time of the database's clock. */
export function readBudgetState(stored: BudgetState, time: number, limits: BudgetLimits): BudgetReading {
  const state = settled(stored, time, limits)
  const parts = usedParts(state, limits)
  const usage = totalUsage(state.usage)
  const holdForMs = Math.max(0, state.holdUntil - state.at)
  const { executionMs } = limits
  const requests = {
    facet: 'requests',
    limit: limits.requests,
    usable: Math.floor(limits.requests * state.shares.requests),
    used: usage.requests,
  } as const
  const executionTime = executionMs === null ? [] : [timeReading(executionMs, state, usage.executionMs)]
  const concurrency = {
    facet: 'concurrency',
    limit: limits.concurrency,
    usable: usableSlots(state, state.at, limits),
    used: Math.round(parts.concurrency * limits.concurrency),
  } as const
  return {
    facets: [requests, ...executionTime, concurrency],
    binding: holdForMs > 0 ? 'hold' : bindingFacet(state, limits),
    holdForMs,
    parallelismHint: state.hint?.requests ?? null,
    workers: Object.keys(state.workers).length,
  }
}

function timeReading(limit: number, { shares }: BudgetState, used: number): FacetReading {
  return {
    facet: 'execution-time',
    limit,
    usable: Math.floor(limit * shares['execution-time']),
    used: Math.round(used),
  }
}
