import type { BudgetLimits } from './limits.ts'

/**
 * What a request of so many milliseconds uses of the budget: the largest part of any of its limits, so that mappings are
 * compared by what is scarce for each of them (dominant resource fairness).
 */
export function requestCost(durationMs: number, limits: BudgetLimits): number {
  const slot = durationMs / (limits.concurrency * limits.windowMs)
  const time = limits.executionMs === null ? 0 : durationMs / limits.executionMs
  return Math.max(1 / limits.requests, slot, time)
}
