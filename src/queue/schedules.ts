import type { JobName, JobPayload } from '../core/jobs/catalog.ts'
import type { Schedule } from '../core/ports/operations-store.ts'
import type { Log } from '../core/ports/runtime.ts'
import type { BoundQueue } from './backend.ts'
import { kindOptions } from './job-options.ts'
import { jobState } from './job-states.ts'

const schedulerId = (schedule: Schedule): string => `schedule-${schedule.id}`
const everyMs = (schedule: Schedule): number => schedule.everyMinutes * 60_000

/**
 * Slots lie on a fixed grid, so that processes which set the same schedule at the same time mean the same slot. Each
 * schedule has a second of its own within the minute: not all start in the same instant.
 */
const offsetMs = (schedule: Schedule): number => (1 + (schedule.id % 59)) * 1_000

/**
 * Makes BullMQ's job schedulers equal to the enabled schedules. One that is right already is not touched: setting it
 * again would move its next slot. One whose next job is gone would never run again: it is set anew.
 */
export async function reconcileSchedules(
  queue: BoundQueue,
  schedules: readonly Schedule[],
  log: Log,
): Promise<void> {
  const wanted = new Map(schedules.filter(({ enabled }) => enabled).map((one) => [schedulerId(one), one]))
  const found = new Map((await queue.getJobSchedulers()).map((one) => [one.key, one]))
  for (const key of found.keys()) {
    if (wanted.has(key)) continue
    await queue.removeJobScheduler(key)
    log.info({ scheduler: key }, 'schedule removed from the queue')
  }
  for (const [key, schedule] of wanted) {
    const existing = found.get(key)
    if (existing && existing.every === everyMs(schedule) && (await hasNextJob(queue, key, existing.next)))
      continue
    await setScheduler(queue, key, schedule)
    log.info({ scheduler: key, everyMinutes: schedule.everyMinutes }, 'schedule set in the queue')
  }
}

async function hasNextJob(queue: BoundQueue, key: string, next: number | undefined): Promise<boolean> {
  return next !== undefined && (await jobState(queue, `repeat:${key}:${next}`)) === 'live'
}

async function setScheduler(queue: BoundQueue, key: string, schedule: Schedule): Promise<void> {
  const name = 'schedule-slot' satisfies JobName
  const data: JobPayload<typeof name> = { scheduleId: schedule.id }
  const repeat = { every: everyMs(schedule), offset: offsetMs(schedule) }
  await queue.upsertJobScheduler(key, repeat, { name, data, opts: kindOptions(name) })
}

/** Scheduled time of the slot a job stands for: part of its id, so the same at every delivery. Null for other jobs. */
export function slotMsOf(job: { readonly name: string; readonly id?: string | undefined }): number | null {
  if (job.name !== ('schedule-slot' satisfies JobName)) return null
  const match = /^repeat:.+:(\d+)$/.exec(job.id ?? '')
  return match ? Number(match[1]) : null
}
