import { SyncError } from '../../core/errors.ts'
import { appliesTo, type JobDirection, jobDirections, type Side } from '../../core/mapping/definition.ts'
import type { StoredMapping } from '../../core/ports/mapping-store.ts'
import type { RecordRequest } from '../../core/ports/run-store.ts'
import { plainOptions, type Run } from '../../core/sync/run.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { Deps } from '../deps.ts'
import { requestLine } from '../flow/plan-run.ts'
import { storeAndEnqueue } from '../flow/start-run.ts'
import { openTable } from '../line/open-session.ts'
import { findByText } from './find-by-text.ts'

export interface RecordsRequest {
  readonly pairId: number
  readonly mapping: string
  /** Keys as people write them: a key or reference (No., Code, GUID) of either side; parts of a composite key by comma. */
  readonly keys: readonly string[]
  /** Creates the missing partner although the mapping says only coupled records. */
  readonly createMissing: boolean
  /** Only shows what would happen; left out: no. */
  readonly dryRun?: boolean
  readonly requestedBy: string
  readonly reason: string
  readonly idempotencyKey: string | null
  readonly payloadHash: string | null
}

type RecordDeps = Pick<Deps, 'stores' | 'queue' | 'log' | 'connect'>

/**
 * Asks for single records to be synchronized soon: they become inbox rows, worked off by whoever holds the mapping, in
 * both directions the mapping allows (architecture.md §5.2). Throws RECORD_NOT_FOUND naming the keys that exist nowhere.
 */
export async function requestRecords(
  request: RecordsRequest,
  deps: RecordDeps,
): Promise<{ run: Run; created: boolean }> {
  const same = await deps.stores.runs.findSameRun({ ...request, scheduleId: null, slot: null })
  if (same) return { run: same, created: false }
  const mapping = await deps.stores.mappings.getMapping(request.pairId, request.mapping)
  const resolved = await resolveKeys(mapping, request.keys, deps)
  const { createMissing } = request
  const requests = resolved.map((each) => ({ ...each, force: true, createMissing, releases: createMissing }))
  return storeAndEnqueue(
    {
      pairId: request.pairId,
      kind: 'records',
      options: { ...plainOptions, createMissing: request.createMissing, dryRun: request.dryRun ?? false },
      requestedBy: request.requestedBy,
      reason: request.reason,
      priority: 1,
      idempotencyKey: request.idempotencyKey,
      payloadHash: request.payloadHash,
      scheduleId: null,
      slot: null,
      lines: [requestLine(mapping, 1, requests)],
    },
    deps,
  )
}

type Addressed = Pick<RecordRequest, 'direction' | 'key'>

async function resolveKeys(
  mapping: StoredMapping,
  keys: readonly string[],
  deps: RecordDeps,
): Promise<readonly Addressed[]> {
  const pair = await deps.stores.mappings.getPair(mapping.pairId)
  const signal = new AbortController().signal
  const found: { side: Side; key: RecordKey }[] = []
  let missing = [...new Set(keys)]
  for (const side of ['local', 'remote'] as const) {
    if (missing.length === 0) break
    const table = await openTable(deps, mapping, pair, side, signal)
    const hits = await findByText(table, mapping.definition[side].referenceField, missing, signal)
    found.push(...[...hits.values()].map((key) => ({ side, key })))
    missing = missing.filter((key) => !hits.has(key))
  }
  if (missing.length > 0) {
    const message = `Mapping ${mapping.definition.name}: no record on either side has the key ${missing.slice(0, 10).join(', ')}`
    throw new SyncError('RECORD_NOT_FOUND', message, { data: { missing: missing.length } })
  }
  return withPartners(mapping, found, deps)
}

/** Each record in the direction away from the side it was named on, and its partner in the other one. */
async function withPartners(
  mapping: StoredMapping,
  found: readonly { side: Side; key: RecordKey }[],
  deps: RecordDeps,
): Promise<readonly Addressed[]> {
  const requests = new Map<string, Addressed>()
  const add = (direction: JobDirection, key: RecordKey) => {
    if (allowed.has(direction)) requests.set(`${direction}/${key}`, { direction, key })
  }
  const allowed = new Set(
    jobDirections(mapping.definition.direction).filter((direction) =>
      mapping.definition.fields.some((field) => appliesTo(field, direction)),
    ),
  )
  for (const side of ['local', 'remote'] as const) {
    const keys = found.filter((each) => each.side === side).map((each) => each.key)
    for (const key of keys) add(side === 'local' ? 'to' : 'from', key)
    for (const coupling of await deps.stores.sync.findCouplings(mapping.id, side, keys)) {
      add('to', coupling.local.key)
      add('from', coupling.remote.key)
    }
  }
  if (requests.size === 0) {
    throw new SyncError(
      'DIRECTION_NOT_ALLOWED',
      `Mapping ${mapping.definition.name} runs ${mapping.definition.direction} only, and the record is not coupled`,
    )
  }
  return [...requests.values()]
}
