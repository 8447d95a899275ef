import type { BudgetGrant, BudgetReport } from '../ports/budget-store.ts'
import { grantAmounts } from './grant-amounts.ts'
import { grantSlots } from './grant-slots.ts'
import { learn } from './learning.ts'
import { type BudgetLimits, budgetTiming } from './limits.ts'
import { settled } from './settle.ts'
import type { BudgetState, BudgetWorker } from './state.ts'
import { bookUsage } from './window.ts'

/** What an exchange leads to. */
export interface ExchangeResult {
  readonly state: BudgetState
  readonly grant: BudgetGrant
}

/**
 * One worker's exchange at a time of the database's clock: books what it has used, learns from its answers, and grants
 * what it may use until the next exchange. Promises: what all workers may use together, with what was used in the last
 * window, never exceeds the limits, whichever of them die, freeze or repeat an exchange. Only run time can exceed them,
 * by what running requests take longer than those before.
 */
export function exchange(
  stored: BudgetState,
  report: BudgetReport,
  time: number,
  limits: BudgetLimits,
): ExchangeResult {
  const timing = budgetTiming(limits)
  const before = settled(stored, time, limits)
  const now = before.at
  const reported = learn(withReport(before, report, limits), report.signals, now, limits)
  const holdForMs = Math.max(0, reported.holdUntil - now)
  if (holdsNothing(report)) {
    const { [report.worker]: _, ...workers } = reported.workers
    return { state: { ...reported, workers }, grant: { ...report.keep, validForMs: 0, holdForMs } }
  }
  const slots = grantSlots(reported, report, now, limits)
  const { amounts, credit } = grantAmounts(reported, report, before.workers[report.worker], limits)
  const worker = reported.workers[report.worker] as BudgetWorker
  const granted: BudgetWorker = {
    ...worker,
    ...amounts,
    credit,
    // A slot that was kept may be in use until the worker reads the answer.
    slots: Math.max(slots.slots, report.keep.slots),
    interactiveSlots: Math.max(slots.interactiveSlots, report.keep.interactiveSlots),
  }
  return {
    state: { ...reported, workers: { ...reported.workers, [report.worker]: granted } },
    grant: { ...amounts, ...slots, validForMs: timing.validMs, holdForMs },
  }
}

/** The worker has nothing left, nothing running (that would take a slot), and wants nothing. */
export function holdsNothing({ keep, want }: BudgetReport): boolean {
  const held = keep.requests + keep.interactive + keep.slots + keep.interactiveSlots
  return held + want.requests + want.interactive + want.slots + want.interactiveSlots === 0
}

/**
 * Books the growth of the worker's totals. A worker that is not known has lost its grant: what it may have used of it
 * was booked then, so its totals are taken as they are.
 */
function withReport(state: BudgetState, report: BudgetReport, limits: BudgetLimits): BudgetState {
  const known = state.workers[report.worker]
  const used = {
    requests: Math.max(0, report.requestsTotal - (known?.requestsTotal ?? report.requestsTotal)),
    executionMs: Math.max(0, report.executionTotalMs - (known?.executionTotalMs ?? report.executionTotalMs)),
  }
  const { validMs, bucketMs } = budgetTiming(limits)
  const overdrawnMs = Math.max(0, used.executionMs + report.keep.executionMs - (known?.executionMs ?? 0))
  const { interactive: _, ...want } = report.want
  const worker: BudgetWorker = {
    exchangedAt: state.at,
    validUntil: state.at + validMs,
    requestsTotal: report.requestsTotal,
    executionTotalMs: report.executionTotalMs,
    ...report.keep,
    running: report.running,
    lastsMs: report.lastsMs,
    want,
    credit: {
      requests: known?.credit.requests ?? 0,
      executionMs: (known?.credit.executionMs ?? 0) - (known ? overdrawnMs : 0),
    },
  }
  return {
    ...state,
    usage: bookUsage(state.usage, used, state.at, bucketMs),
    workers: { ...state.workers, [report.worker]: worker },
  }
}
