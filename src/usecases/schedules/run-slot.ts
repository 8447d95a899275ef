import type { JobContext, Verdict } from '../../core/jobs/catalog.ts'
import { type SettleDeps, settleSchedule } from './settle-schedule.ts'

/** The queue says that a slot has come. */
export async function runSlot(
  ids: { scheduleId: number },
  context: Pick<JobContext, 'slotMs' | 'signal'>,
  deps: SettleDeps,
): Promise<Verdict> {
  await settleSchedule(ids.scheduleId, context.slotMs, deps, context.signal)
  return { verdict: 'done' }
}
