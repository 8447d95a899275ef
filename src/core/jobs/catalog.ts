import { z } from 'zod'

const RowId = z.int().positive()

/**
 * Every kind of queue job: payload, attempts and back-off. Payloads carry row ids only; what to do stands in the store.
 * `attempts` counts failures of the job itself (connection lost, crash); records have their own ledger.
 */
export const jobCatalog = {
  /** Parent of a run: waits for its lines, grows the flow, ends the run. */
  'full-sync': {
    queue: 'couplet-runs',
    payload: z.strictObject({ runId: RowId }),
    attempts: 5,
    backoff: { firstMs: 1_000, maxMs: 60_000 },
  },
  /** One mapping of a run. */
  'sync-line': {
    queue: 'couplet-lines',
    payload: z.strictObject({ runId: RowId, lineId: RowId }),
    attempts: 5,
    backoff: { firstMs: 1_000, maxMs: 300_000 },
  },
  /** A bulk operation: works off its records, chunk by chunk. Beside the parents, which are short as well. */
  'bulk-operation': {
    queue: 'couplet-runs',
    payload: z.strictObject({ operationId: RowId }),
    attempts: 5,
    backoff: { firstMs: 1_000, maxMs: 60_000 },
  },
  /** A slot of a schedule: plans a run. */
  'schedule-slot': {
    queue: 'couplet-schedules',
    payload: z.strictObject({ scheduleId: RowId }),
    attempts: 3,
    backoff: { firstMs: 1_000, maxMs: 60_000 },
  },
} as const satisfies Record<
  string,
  { queue: string; payload: z.ZodType; attempts: number; backoff: { firstMs: number; maxMs: number } }
>

export type JobName = keyof typeof jobCatalog
export const jobNames = Object.keys(jobCatalog) as readonly JobName[]
export type JobPayload<N extends JobName> = z.infer<(typeof jobCatalog)[N]['payload']>
export type QueueName = (typeof jobCatalog)[JobName]['queue']

/** What a processor tells the queue: finished; come back later (no attempt spent); or wait for the children. */
export type Verdict =
  | { readonly verdict: 'done' }
  | { readonly verdict: 'later'; readonly inMs: number; readonly reason: string }
  | { readonly verdict: 'wait-for-children' }

export interface JobContext {
  /** Aborted when the process shuts down: finish or checkpoint the page at hand. */
  readonly signal: AbortSignal
  /** 1 for the first try. */
  readonly attempt: number
  readonly isLastAttempt: boolean
  /** Scheduled time of the slot in ms since the epoch, for `schedule-slot`; null otherwise. */
  readonly slotMs: number | null
}

/** One processor per job kind; a missing or mistyped one does not compile. Errors decide by their kind (SyncError). */
export type Processors = {
  readonly [N in JobName]: (payload: JobPayload<N>, context: JobContext) => Promise<Verdict>
}
