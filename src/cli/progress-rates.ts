import type { RunDetails } from '../core/ports/run-store.ts'
import type { Job } from '../core/sync/run.ts'
import { averageRate, elapsedMs } from './format.ts'

/** How fast a job is now, and how long it will still take when it stays so fast. */
interface JobRate {
  readonly perSecond: number | null
  readonly remainingMs: number | null
}

/** By job id. */
export type Rates = ReadonlyMap<number, JobRate>

/** Records read so far at moments of the monotonic clock, oldest first, by job id. */
export type RateSamples = ReadonlyMap<number, readonly { readonly atMs: number; readonly read: number }[]>

const windowMs = 5_000

/** Adds what is seen now and forgets what is older than the window; pure. */
export function sampleRates(samples: RateSamples, details: RunDetails, nowMs: number): RateSamples {
  const next = new Map<number, { atMs: number; read: number }[]>()
  for (const job of details.jobs) {
    if (job.state !== 'running') continue
    const kept = (samples.get(job.id) ?? []).filter((sample) => sample.atMs > nowMs - windowMs)
    next.set(job.id, [...kept, { atMs: nowMs, read: job.counters.read }])
  }
  return next
}

/** The rates that follow from the samples; for a job that has ended, its average. */
export function ratesOf(samples: RateSamples, details: RunDetails): Rates {
  return new Map(details.jobs.map((job) => [job.id, jobRate(samples, job)]))
}

function jobRate(samples: RateSamples, job: Job): JobRate {
  if (job.state !== 'running') {
    const tookMs = elapsedMs(job.startedAt, job.finishedAt)
    return { perSecond: averageRate(job.counters.read, tookMs), remainingMs: null }
  }
  const seen = samples.get(job.id) ?? []
  const first = seen[0]
  const last = seen.at(-1)
  if (!first || !last) return { perSecond: null, remainingMs: null }
  const perSecond = averageRate(last.read - first.read, last.atMs - first.atMs)
  return { perSecond, remainingMs: remainingMs(job, perSecond) }
}

function remainingMs(job: Job, perSecond: number | null): number | null {
  const estimate = believableEstimate(job)
  if (estimate === null || perSecond === null || perSecond <= 0) return null
  return ((estimate - job.counters.read) * 1000) / perSecond
}

/** The server's estimate of the rows to read, until more have been read: it lags behind a table that is being filled. */
export function believableEstimate({ estimatedRows, counters }: Job): number | null {
  return estimatedRows === null || estimatedRows < counters.read ? null : estimatedRows
}
