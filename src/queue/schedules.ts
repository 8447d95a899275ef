import type { JobName, JobPayload } from '../core/jobs/catalog.ts'
import type { Log } from '../core/ports/runtime.ts'
import type { Schedule } from '../core/schedules/schedule.ts'
import type { BoundQueue, QueueBackend } from './backend.ts'
import { kindOptions } from './job-options.ts'
import { jobState } from './job-states.ts'
import { patternOf } from './slot-after.ts'

const schedulerId = (schedule: Schedule): string => `schedule-${schedule.id}`

/**
 * Makes BullMQ's job schedulers equal to the schedules that run. One that is right already is not touched: setting it again
 * would pass over a slot that is due at this moment. One whose next job is gone would never run again: it is set anew.
 */
export async function reconcileSchedules(
  backend: Pick<QueueBackend, 'kind' | 'queues'>,
  schedules: readonly Schedule[],
  log: Log,
): Promise<void> {
  const queue = backend.queues['couplet-schedules']
  const running = schedules.filter(({ enabled, pause }) => enabled && pause === null)
  const wanted = new Map(running.map((one) => [schedulerId(one), one]))
  const found = new Map((await queue.getJobSchedulers()).map((one) => [one.key, one]))
  for (const key of found.keys()) {
    if (wanted.has(key)) continue
    await queue.removeJobScheduler(key)
    log.info({ scheduler: key }, 'schedule removed from the queue')
  }
  for (const [key, schedule] of wanted) {
    const existing = found.get(key)
    if (existing?.pattern === patternOf(schedule) && (await hasNextJob(queue, key, existing.next))) continue
    if (await setScheduler(backend, key, schedule))
      log.info({ scheduler: key, schedule: schedule.name }, 'schedule set in the queue')
  }
}

async function hasNextJob(queue: BoundQueue, key: string, next: number | undefined): Promise<boolean> {
  return next !== undefined && (await jobState(queue, `repeat:${key}:${next}`)) === 'live'
}

/** False: the schedule has no slot any more. */
async function setScheduler(
  { kind, queues }: Pick<QueueBackend, 'kind' | 'queues'>,
  key: string,
  schedule: Schedule,
): Promise<boolean> {
  const name = 'schedule-slot' satisfies JobName
  const data: JobPayload<typeof name> = { scheduleId: schedule.id }
  const repeat = { pattern: patternOf(schedule) }
  const job = { name, data, opts: kindOptions(name, kind) }
  return (await queues['couplet-schedules'].upsertJobScheduler(key, repeat, job)) !== undefined
}

/** Scheduled time of the slot a job stands for: part of its id, so the same at every delivery. Null for other jobs. */
export function slotMsOf(job: { readonly name: string; readonly id?: string | undefined }): number | null {
  if (job.name !== ('schedule-slot' satisfies JobName)) return null
  const match = /^repeat:.+:(\d+)$/.exec(job.id ?? '')
  return match ? Number(match[1]) : null
}
