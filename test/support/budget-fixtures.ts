import type { BudgetLimits } from '../../src/core/budget/limits.ts'
import type { BudgetReport } from '../../src/core/ports/budget-store.ts'

/** Dataverse, for one application user (connectors.md A.10): 52 at once are one too many. */
export const dataverse: BudgetLimits = {
  windowMs: 300_000,
  requests: 6_000,
  executionMs: 1_200_000,
  concurrency: 51,
}

/** Business Central, for one user (connectors.md B.8). */
export const businessCentral: BudgetLimits = {
  windowMs: 300_000,
  requests: 6_000,
  executionMs: null,
  concurrency: 5,
}

/** Parts of a report may be left out. */
export interface ReportParts extends Omit<Partial<BudgetReport>, 'keep' | 'want' | 'signals'> {
  readonly keep?: Partial<BudgetReport['keep']>
  readonly want?: Partial<BudgetReport['want']>
  readonly signals?: Partial<BudgetReport['signals']>
}

/** A worker that has done nothing, holds nothing and wants nothing but what is said. */
export function budgetReport(
  worker: string,
  { keep, want, signals, ...rest }: ReportParts = {},
): BudgetReport {
  const nothing = { requests: 0, interactive: 0, executionMs: 0, slots: 0, interactiveSlots: 0 }
  return {
    worker,
    requestsTotal: 0,
    executionTotalMs: 0,
    running: 0,
    lastsMs: 1_000,
    ...rest,
    keep: { ...nothing, ...keep },
    want: { ...nothing, mappings: 1, ...want },
    signals: { throttled: [], overloaded: false, holdForMs: 0, parallelismHint: null, ...signals },
  }
}
