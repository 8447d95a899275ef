import { randomUUID } from 'node:crypto'
import { type Refusal, refuseIssue, requestsFor } from '../../core/bulk/judge.ts'
import { type BulkOperation, startsRuns } from '../../core/bulk/operation.ts'
import { SyncError } from '../../core/errors.ts'
import { assertEnabled } from '../../core/mapping/assert-enabled.ts'
import type { BulkDecision, PendingRecord } from '../../core/ports/bulk-store.ts'
import type { StoredMapping } from '../../core/ports/mapping-store.ts'
import type { Issue, Resolution } from '../../core/sync/issue.ts'
import { chooseFor } from '../conflicts/choose-for.ts'
import { createValueParsers } from '../conflicts/parse-value.ts'
import type { Deps } from '../deps.ts'

export type DecideChunk = (records: readonly PendingRecord[]) => Promise<readonly BulkDecision[]>

/**
 * Decides what is to become of the records of an operation, as they are now. Reads each mapping once, and a table of it only
 * where somebody has typed a value. What one record cannot get over is its refusal, and no matter of the others; what passes
 * by itself is thrown.
 */
export function createDecider(operation: BulkOperation, deps: Pick<Deps, 'stores' | 'connect'>): DecideChunk {
  const parse = createValueParsers(deps)
  const mappings = new Map<number, Promise<StoredMapping>>()
  const getMapping = (id: number) => {
    const found = mappings.get(id) ?? deps.stores.mappings.getMappingById(id)
    mappings.set(id, found)
    return found
  }

  async function decideIssue(record: PendingRecord): Promise<BulkDecision> {
    const { task, requestedBy } = operation
    const { issue, seen } = record
    const facts = issue && { ...issue, hasPartner: issue.partnerKey !== null }
    const why = seen === null ? gone : refuseIssue(task, seen, facts)
    if (why !== null || issue === null) return { verdict: 'refuse', record, why: why ?? gone }
    if (startsRuns(task)) assertEnabled((await getMapping(issue.mappingId)).definition)
    if (task.kind !== 'resolve') return apply(record, null)
    const wish = { all: task.all, byField: new Map(Object.entries(task.fields)) }
    const chosen = await chooseFor(issue, wish, parse)
    if (chosen.kind !== 'chosen') return { verdict: 'refuse', record, why: noChoice(issue, chosen) }
    const { choices } = chosen
    return apply(record, { kind: 'conflict', id: randomUUID(), decidedBy: requestedBy, choices })
  }

  async function decideCoupling(record: PendingRecord): Promise<BulkDecision> {
    const { coupling, mappingId } = record
    if (coupling === null) return { verdict: 'refuse', record, why: uncoupled }
    const { definition } = await getMapping(mappingId)
    assertEnabled(definition)
    const { requestedBy: by, reason, task, id } = operation
    const requests = requestsFor(task, coupling, definition, { by, reason: reason ?? `Operation ${id}` })
    if (requests.length > 0) return { verdict: 'apply', record, resolution: null, requests }
    const message = `Mapping ${definition.name} runs ${definition.direction} and has no field to bring across`
    return { verdict: 'refuse', record, why: { code: 'DIRECTION_NOT_ALLOWED', message } }
  }

  const decide = operation.selection.of === 'issues' ? decideIssue : decideCoupling
  return (records) =>
    Promise.all(records.map((record) => decide(record).catch((error: unknown) => refusalOf(record, error))))
}

function refusalOf(record: PendingRecord, error: unknown): BulkDecision {
  const isOfRecord = error instanceof SyncError && ['config', 'permanent', 'conflict'].includes(error.kind)
  if (!isOfRecord) throw error
  return { verdict: 'refuse', record, why: { code: error.code, message: error.message } }
}

const gone: Refusal = { code: 'ISSUE_UNKNOWN', message: 'It has been solved meanwhile' }
const uncoupled: Refusal = { code: 'NOT_COUPLED', message: 'It has been uncoupled meanwhile' }

function apply(record: PendingRecord, resolution: Resolution | null): BulkDecision {
  return { verdict: 'apply', record, resolution, requests: [] }
}

type NoChoice = Exclude<Awaited<ReturnType<typeof chooseFor>>, { kind: 'chosen' }>

/** What was typed may be a sensitive value, and more people may see the result of an operation than may decide. */
function noChoice({ conflicts }: Issue, chosen: NoChoice): Refusal {
  const message =
    chosen.kind === 'invalid'
      ? `Field ${chosen.field} cannot hold what was typed (${chosen.code})`
      : `Nothing is said about ${chosen.field}, and a record is decided as a whole (${conflicts.length} fields)`
  return { code: 'RESOLUTION_INVALID', message }
}
