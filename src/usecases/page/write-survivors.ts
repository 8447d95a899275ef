import { problem } from '../../core/errors.ts'
import { destinationSide } from '../../core/mapping/definition.ts'
import type { WriteOperation, WriteResult } from '../../core/ports/connector.ts'
import type { IntendedWrite } from '../../core/ports/sync-store.ts'
import type { DeletionPlan } from '../../core/sync/deletion.ts'
import type { FieldChange } from '../../core/sync/outcome.ts'
import { present } from '../../lib/assert.ts'
import { groupBy } from '../../lib/group.ts'
import { type LineSession, step } from '../line/session.ts'
import type { DeletionCase } from './deletion-facts.ts'
import { type Ended, endedResult, reportedResult } from './deletion-results.ts'
import type { PageFrame, RecordResult } from './page.ts'
import { fieldChanges } from './results.ts'

/** How long a record is left alone that somebody has at hand. */
const RETRY_BUSY_RECORD_MS = 15_000

interface SurvivorCase extends DeletionCase {
  readonly plan: Extract<DeletionPlan, { action: 'delete' | 'archive' }>
}

interface Written {
  readonly results: readonly RecordResult[]
  readonly intentIds: readonly number[]
}

/**
 * Deletes or archives what is left of the pairs, in bulk, each conditional on the version that was judged, and under an
 * intent like every write. Whoever dies here finds both records gone afterwards, and knows by the intent who did it.
 */
export async function writeSurvivors(
  session: LineSession,
  frame: PageFrame,
  cases: readonly (DeletionCase & { readonly plan: DeletionPlan })[],
): Promise<Written> {
  const writing = cases.filter(isWriting)
  const results: RecordResult[] = []
  const intentIds: number[] = []
  for (const [side, ofSide] of groupBy(writing, ({ plan }) => plan.survivor.side)) {
    await step(session, 'intent', frame.number)
    intentIds.push(await openIntent(session, frame, ofSide))
    await step(session, 'write', frame.number)
    const answers = await session.tables[side].write({
      operations: ofSide.map((each) => toOperation(session, each)),
      returning: session.mapping[side].read,
      assertMaySend: () => session.lease.assertMaySend(),
      signal: session.lease.signal,
    })
    ofSide.forEach((each, index) => {
      results.push(toResult(session, frame, each, present(answers[index], 'answer to a write')))
    })
  }
  return { results, intentIds }
}

function isWriting(each: DeletionCase & { readonly plan: DeletionPlan }): each is SurvivorCase {
  return each.plan.action === 'delete' || each.plan.action === 'archive'
}

function toOperation(session: LineSession, { plan }: SurvivorCase): WriteOperation {
  const { key, version: expectedVersion } = plan.survivor.record
  if (plan.action === 'delete') return { kind: 'delete', key, expectedVersion }
  return { kind: 'update', key, expectedVersion, values: archiveValues(session, plan) }
}

function archiveValues(session: LineSession, { survivor }: SurvivorCase['plan']): IntendedWrite['values'] {
  const { field, value } = present(session.mapping.archive[survivor.side], 'archive field')
  return { [field]: value }
}

function openIntent(session: LineSession, frame: PageFrame, cases: readonly SurvivorCase[]): Promise<number> {
  const writes = cases.map((each): IntendedWrite => {
    const { gone, plan } = each
    const { record, side } = plan.survivor
    return {
      sourceKey: gone.item.key,
      sourceVersion: record.version,
      sourceValues: {},
      destinationKey: gone.coupling[destinationSide[frame.direction]].key,
      token: null,
      expectedVersion: record.version,
      values: plan.action === 'archive' ? archiveValues(session, plan) : {},
      deletion: { side, kind: plan.action },
    }
  })
  const serverRunMs = Math.max(
    ...cases.map(({ plan }) => session.mapping[plan.survivor.side].schema.maxServerRunMs),
  )
  return session.commits.sync.openIntent(session.lease.fence, {
    mappingId: session.mapping.id,
    direction: frame.direction,
    jobId: frame.jobId,
    writes,
    serverRunMs,
  })
}

function toResult(
  session: LineSession,
  frame: PageFrame,
  each: SurvivorCase,
  answer: WriteResult,
): RecordResult {
  const end = (kind: Ended['kind'], changes: readonly FieldChange[], isRemembered = true) =>
    endedResult(session, frame, each, { kind, changes, recovered: false, isRemembered })
  const { record, side } = each.plan.survivor
  switch (answer.status) {
    case 'deleted':
      return end('deleted', beforeImage(record.values, session.mapping[side].tracked))
    case 'written':
      return end(
        'uncoupled',
        fieldChanges(archiveValues(session, each.plan), record.values, answer.record.values),
      )
    case 'missing':
      // Somebody else was faster: both records are gone now.
      return end('uncoupled', [], false)
    case 'rejected':
      return reportedResult(session, frame, each, 'failed', answer.problem)
    case 'locked':
      return putOff(session, frame, each, 'RECORD_LOCKED', 'Somebody else keeps the record locked')
    default:
      return putOff(
        session,
        frame,
        each,
        'VERSION_MISMATCH',
        'The record was changed while it was being judged',
      )
  }
}

function putOff(
  session: LineSession,
  frame: PageFrame,
  each: SurvivorCase,
  code: 'RECORD_LOCKED' | 'VERSION_MISMATCH',
  message: string,
): RecordResult {
  return reportedResult(session, frame, each, 'failed', problem(code, message), RETRY_BUSY_RECORD_MS)
}

/** What a deleted record held, so that the ledger keeps what the system no longer has. */
function beforeImage(values: IntendedWrite['values'], fields: readonly string[]): readonly FieldChange[] {
  return fields
    .map((field) => ({ field, before: values[field] ?? null, after: null }))
    .filter(({ before }) => before !== null)
}
