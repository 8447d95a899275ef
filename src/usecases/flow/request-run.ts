import { runPriority, type WishedPriority } from '../../core/jobs/priority.ts'
import { assertEnabled } from '../../core/mapping/assert-enabled.ts'
import type { StoredMapping } from '../../core/ports/mapping-store.ts'
import type { NewLine } from '../../core/ports/run-store.ts'
import { type JobType, plainOptions, type Run, type RunOptions } from '../../core/sync/run.ts'
import type { Deps } from '../deps.ts'
import { requestLine } from './plan-run.ts'
import { storeAndEnqueue } from './start-run.ts'

/** Who asks for something to be done with single records of one mapping, and why. */
export interface RequestOrigin {
  readonly pairId: number
  readonly mapping: string
  /** Only shows what would happen; left out: no. */
  readonly dryRun?: boolean
  readonly requestedBy: string
  readonly reason: string
  readonly idempotencyKey: string | null
  readonly payloadHash: string | null
  /** Left out: normal. */
  readonly priority?: WishedPriority
  /** As of NewRun. */
  readonly deduplicate?: boolean
  /** Who is told of the end of the run (docs/webhooks.md); left out or null: nobody. */
  readonly callbackUrl?: string | null
}

export interface RequestedWork {
  readonly kind: 'records' | 'couple' | 'uncouple'
  readonly jobType: JobType
  readonly options?: Partial<RunOptions>
  /** What the line is to do; without directions: in all that the mapping allows. */
  readonly plan: (mapping: StoredMapping) => Promise<RequestedLine>
}

export type RequestedLine = Pick<NewLine, 'requests'> & Partial<Pick<NewLine, 'directions'>>

/**
 * Starts a run for single records: they become inbox rows, worked off by whoever holds the mapping, also in the middle
 * of a full synchronization. The same idempotency key gives the run that exists, and the records are not looked for again.
 * Throws MAPPING_DISABLED, unless it is a preview.
 */
export async function startRequest(
  origin: RequestOrigin,
  work: RequestedWork,
  deps: Pick<Deps, 'stores' | 'queue' | 'log'>,
): Promise<{ run: Run; created: boolean }> {
  const same = await deps.stores.runs.findSameRun({ ...origin, scheduleId: null, slot: null })
  if (same) return { run: same, created: false }
  const { pairId, requestedBy, reason, idempotencyKey, payloadHash, dryRun = false } = origin
  const mapping = await deps.stores.mappings.getMapping(pairId, origin.mapping)
  if (!dryRun) assertEnabled(mapping.definition)
  const { requests, ...more } = await work.plan(mapping)
  return storeAndEnqueue(
    {
      pairId,
      kind: work.kind,
      options: { ...plainOptions, ...work.options, dryRun },
      requestedBy,
      reason,
      priority: runPriority('records', origin.priority),
      callbackUrl: origin.callbackUrl ?? null,
      idempotencyKey,
      payloadHash,
      scheduleId: null,
      slot: null,
      lines: [{ ...requestLine(mapping, 1, requests, work.jobType), ...more }],
      deduplicate: origin.deduplicate ?? false,
    },
    deps,
  )
}
