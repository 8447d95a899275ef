import type { JobsOptions, KeepJobs } from 'bullmq'
import type { BulkOperation } from '../core/bulk/operation.ts'
import { type JobName, type JobPayload, jobCatalog } from '../core/jobs/catalog.ts'
import { runPriority } from '../core/jobs/priority.ts'
import type { Line, Run } from '../core/sync/run.ts'
import type { QueueDriver } from './backend.ts'

type QueueKind = QueueDriver['kind']

/** Queue job ids are row id + generation: the same work is never in the queue twice (P1). BullMQ forbids `:`. */
export const runJobId = (run: Pick<Run, 'id' | 'generation'>): string => `run-${run.id}.${run.generation}`
export const lineJobId = (line: Pick<Line, 'id' | 'generation'>): string =>
  `line-${line.id}.${line.generation}`

export const operationJobId = ({ id, generation }: Pick<BulkOperation, 'id' | 'generation'>): string =>
  `operation-${id}.${generation}`

/** Name of our back-off in a job's options; the workers compute the delay (failure.ts). */
const backoffType = 'couplet'

/** Kinds whose jobs wait for children; only they are asked for pending children before they complete. */
export const parentJobs: ReadonlySet<JobName> = new Set<JobName>(['full-sync'])

/** Redis counts for nothing, and memory is bounded; in Postgres each completion would have to sort all that are kept. */
const keepCompleted = {
  redis: { age: 24 * 3600, count: 1_000 },
  postgres: { age: 3600 },
} as const satisfies Record<QueueKind, KeepJobs>
const keepFailed = { age: 14 * 24 * 3600, count: 5_000 }

/** Attempts, back-off and retention every job of the kind gets. */
export function kindOptions(name: JobName, queue: QueueKind) {
  return {
    attempts: jobCatalog[name].attempts,
    backoff: { type: backoffType },
    removeOnComplete: keepCompleted[queue],
    removeOnFail: keepFailed,
    stackTraceLimit: 3,
  } satisfies JobsOptions
}

/** The parent job of a run. */
export function runJob(run: Run, queue: QueueKind) {
  const data: JobPayload<'full-sync'> = { runId: run.id }
  return {
    name: 'full-sync' satisfies JobName,
    queueName: jobCatalog['full-sync'].queue,
    data,
    opts: { ...kindOptions('full-sync', queue), jobId: runJobId(run), priority: run.priority },
  }
}

/**
 * A line's job below its run. The edge says explicitly what a failed line does to the run: nothing but letting it go
 * on; the run reads from the store what failed. Without it a failed child leaves its parent waiting for ever (P10).
 */
export function lineJob(run: Run, line: Line, queue: QueueKind) {
  const data: JobPayload<'sync-line'> = { runId: run.id, lineId: line.id }
  return {
    name: 'sync-line' satisfies JobName,
    queueName: jobCatalog['sync-line'].queue,
    data,
    opts: {
      ...kindOptions('sync-line', queue),
      // What became of it stands in the store; to keep thousands of them costs as much as to run them.
      removeOnComplete: true,
      jobId: lineJobId(line),
      priority: run.priority,
      ignoreDependencyOnFailure: true,
    },
  }
}

/** The job of an operation; people wait for it. */
export function operationJob(operation: Pick<BulkOperation, 'id' | 'generation'>, queue: QueueKind) {
  const data: JobPayload<'bulk-operation'> = { operationId: operation.id }
  return {
    name: 'bulk-operation' satisfies JobName,
    data,
    opts: {
      ...kindOptions('bulk-operation', queue),
      jobId: operationJobId(operation),
      priority: runPriority('records'),
    },
  }
}
