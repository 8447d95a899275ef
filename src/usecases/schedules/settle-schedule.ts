import { toSyncError } from '../../core/errors.ts'
import { decideSlot } from '../../core/schedules/decide-slot.ts'
import { isOpen } from '../../core/schedules/openings.ts'
import type { Schedule } from '../../core/schedules/schedule.ts'
import { lastSlot } from '../../core/schedules/slots.ts'
import type { Deps } from '../deps.ts'
import { startRun } from '../flow/start-run.ts'
import { lookForChanges } from './look-for-changes.ts'
import { restsBecause } from './rests-because.ts'
import { scheduledRun } from './scheduled-run.ts'

export type SettleDeps = Pick<Deps, 'stores' | 'queue' | 'log' | 'clock' | 'connect' | 'loadFunctions'>

/**
 * Brings a schedule up to date: the newest slot that is due becomes a run, or what the rule says. The queue's job of a slot is
 * only a reason to look, and so is the sweeper: whoever comes first does it, whoever comes later, or at the same time, finds it
 * done, because (schedule, slot) is one run. So a lost queue, a scheduler that was down and a pause all end the same way: the
 * slots that were missed are made up for together (`catchUp`). Nothing starts outside of the window or in a blackout: what is
 * still due then stays due until it opens.
 *
 * `dueMs`: a slot that has come by the clock of the queue, should it be ahead of ours. Throws when the signal is aborted before it is
 * done; the slot stays due.
 */
export async function settleSchedule(
  scheduleId: number,
  dueMs: number | null,
  deps: SettleDeps,
  signal: AbortSignal,
): Promise<void> {
  const { schedules } = deps.stores
  const schedule = await schedules.find(scheduleId)
  if (schedule === null || !schedule.enabled || schedule.pause !== null) return
  const nowMs = Math.max(dueMs ?? 0, deps.clock.now().getTime())
  const slotMs = lastSlot(schedule, nowMs, Date.parse(schedule.settledUntil))
  if (slotMs === null || !isOpen(schedule, nowMs)) return
  const rests = await restsBecause(schedule, deps)
  if (rests !== null) {
    deps.log.debug({ schedule: schedule.name, because: rests }, 'The schedule rests; its slot stays due')
    return
  }
  const lastRun = await schedules.findLastRun(scheduleId)
  const { overlap, catchUp, inactivityMinutes, isPending } = schedule
  const decided = decideSlot({ slotMs, nowMs, overlap, catchUp, inactivityMinutes, isPending, lastRun })
  const slot = new Date(slotMs).toISOString()
  switch (decided.action) {
    case 'start':
      return start(schedule, slot, deps)
    case 'if changed':
      return startIfChanged(schedule, slot, deps, signal)
    case 'wait':
      if (!isPending) await schedules.settle({ scheduleId, slot: null, decision: 'merged' })
      return
    case 'leave out':
      deps.log.info({ schedule: schedule.name, slot, because: decided.because }, 'A slot was left out')
      return schedules.settle({ scheduleId, slot, decision: decided.because })
  }
}

/** First the run, then the note that the slot is settled: a crash in between finds the run that is there. */
async function start(
  schedule: Schedule,
  slot: string,
  deps: SettleDeps,
  seen?: string | null,
): Promise<void> {
  const { schedules } = deps.stores
  try {
    await startRun(await scheduledRun(schedule, slot, deps), deps)
  } catch (error) {
    if (toSyncError(error).code !== 'FULL_SYNC_RUNNING') throw error
    return giveWay(schedule, slot, deps)
  }
  const sights = seen === undefined ? {} : { seen }
  await schedules.settle({ scheduleId: schedule.id, slot, decision: 'started', ...sights })
}

/** Somebody else's full synchronization goes on: what would be done if it were the schedule's own. */
async function giveWay(
  { id, name, overlap, isPending }: Schedule,
  slot: string,
  deps: SettleDeps,
): Promise<void> {
  const { schedules } = deps.stores
  if (overlap === 'skip') {
    deps.log.info({ schedule: name, slot, because: 'skipped' }, 'A slot was left out')
    return schedules.settle({ scheduleId: id, slot, decision: 'skipped' })
  }
  if (!isPending) await schedules.settle({ scheduleId: id, slot: null, decision: 'merged' })
}

/**
 * The schedule sleeps because nothing was to be done. What its sources show now is kept before the run that looks at it: only
 * what no run has looked at wakes it (domain.md §14.3).
 */
async function startIfChanged(
  schedule: Schedule,
  slot: string,
  deps: SettleDeps,
  signal: AbortSignal,
): Promise<void> {
  const seen = await lookForChanges(schedule, deps, signal)
  const isNew = seen === null || (seen !== '' && seen !== schedule.seen)
  if (isNew) return start(schedule, slot, deps, seen)
  await deps.stores.schedules.settle({ scheduleId: schedule.id, slot, decision: 'idle', seen })
}
