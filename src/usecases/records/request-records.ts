import { SyncError } from '../../core/errors.ts'
import {
  appliesTo,
  type JobDirection,
  jobDirections,
  type Side,
  sourceSide,
} from '../../core/mapping/definition.ts'
import type { StoredMapping } from '../../core/ports/mapping-store.ts'
import type { RecordRequest } from '../../core/ports/run-store.ts'
import type { RecordWay, Run } from '../../core/sync/run.ts'
import { displayKey, type RecordKey } from '../../core/values/key.ts'
import { indexBy } from '../../lib/group.ts'
import type { Deps } from '../deps.ts'
import { type RequestOrigin, startRequest } from '../flow/request-run.ts'
import { openTable } from '../line/open-session.ts'
import { findByText } from './find-by-text.ts'

export interface RecordsRequest extends RequestOrigin {
  /** Keys as people write them: a key or reference (No., Code, GUID) of either side; parts of a composite key by comma. */
  readonly keys: readonly string[]
  /** Creates the missing partner although the mapping says only coupled records. */
  readonly createMissing: boolean
  /** To the remote side, from there, or merged; left out: merged. Pinned in the run (P12). */
  readonly way?: RecordWay
}

type RecordDeps = Pick<Deps, 'stores' | 'queue' | 'log' | 'lookUp'>

/**
 * Asks for single records to be synchronized soon (architecture.md §5.2). Merged, they go in both directions the mapping
 * allows; sent to one side, only in that one, and a record that is sent alone wins where both sides have changed a field
 * (domain.md §12.2). Of several, one that both sides have changed becomes a conflict: nothing is overwritten by the dozen.
 * Throws RECORD_NOT_FOUND naming the keys that exist nowhere.
 */
export async function requestRecords(
  request: RecordsRequest,
  deps: RecordDeps,
): Promise<{ run: Run; created: boolean }> {
  const { keys, createMissing, way = 'merge' } = request
  const isAlone = new Set(keys).size === 1
  const task = way !== 'merge' && isAlone ? ({ kind: 'send' } as const) : null
  const asked = { force: true, createMissing, releases: createMissing, task }
  const plan = async (mapping: StoredMapping) => {
    const directions = directionsOf(mapping, way)
    const resolved = await resolveKeys(mapping, directions, keys, deps)
    return { directions, requests: resolved.map((each) => ({ ...each, ...asked })) }
  }
  const options = { createMissing, recordsGo: way, onlyAsked: true }
  return startRequest(request, { kind: 'records', jobType: 'synchronization', options, plan }, deps)
}

function directionsOf({ definition }: StoredMapping, way: RecordWay): readonly JobDirection[] {
  const allowed = jobDirections(definition.direction)
  if (way === 'merge') return allowed
  if (allowed.includes(way)) return [way]
  throw new SyncError(
    'DIRECTION_NOT_ALLOWED',
    `Mapping ${definition.name} runs ${definition.direction} only; its records cannot go '${way}'`,
  )
}

type Addressed = Pick<RecordRequest, 'direction' | 'key'>

async function resolveKeys(
  mapping: StoredMapping,
  directions: readonly JobDirection[],
  keys: readonly string[],
  deps: RecordDeps,
): Promise<readonly Addressed[]> {
  const pair = await deps.stores.mappings.getPair(mapping.pairId)
  const signal = new AbortController().signal
  const found: { side: Side; key: RecordKey }[] = []
  let missing = [...new Set(keys)]
  for (const side of ['local', 'remote'] as const) {
    if (missing.length === 0) break
    const table = await openTable({ connect: deps.lookUp }, mapping, pair, side, signal)
    const hits = await findByText(table, mapping.definition[side].referenceField, missing, signal)
    found.push(...[...hits.values()].map((key) => ({ side, key })))
    missing = missing.filter((key) => !hits.has(key))
  }
  if (missing.length > 0) {
    const message = `Mapping ${mapping.definition.name}: no record on either side has the key ${missing.slice(0, 10).join(', ')}`
    throw new SyncError('RECORD_NOT_FOUND', message, { data: { missing: missing.length } })
  }
  return withPartners(mapping, directions, found, deps)
}

/** Each record in the direction away from the side it was named on, and its partner in the other one. */
async function withPartners(
  mapping: StoredMapping,
  directions: readonly JobDirection[],
  found: readonly { side: Side; key: RecordKey }[],
  deps: RecordDeps,
): Promise<readonly Addressed[]> {
  const { fields } = mapping.definition
  const writing = directions.filter((direction) => fields.some((field) => appliesTo(field, direction)))
  const requests = new Map<string, Addressed>()
  const idle: RecordKey[] = []
  for (const side of ['local', 'remote'] as const) {
    const keys = found.filter((each) => each.side === side).map((each) => each.key)
    const couplings = indexBy(
      await deps.stores.sync.findCouplings(mapping.id, side, keys),
      (coupling) => coupling[side].key,
    )
    for (const key of keys) {
      const addressed = writing.flatMap((direction): Addressed[] => {
        const from = sourceSide[direction]
        const own = from === side ? key : couplings.get(key)?.[from].key
        return own === undefined ? [] : [{ direction, key: own }]
      })
      for (const each of addressed) requests.set(`${each.direction}/${each.key}`, each)
      if (addressed.length === 0) idle.push(key)
    }
  }
  if (idle.length > 0) throw nothingToBring(mapping, directions, idle)
  return [...requests.values()]
}

/** Left out, such a record would look as if it had been synchronized. */
function nothingToBring(
  { definition: { name, direction } }: StoredMapping,
  directions: readonly JobDirection[],
  keys: readonly RecordKey[],
): SyncError {
  const way = directions.length === 1 ? `'${directions.join()}'` : direction
  const message = `Mapping ${name} has nothing to bring ${way} for ${keys.slice(0, 10).map(displayKey).join(', ')}: not coupled, and on the side that receives`
  return new SyncError('DIRECTION_NOT_ALLOWED', message, { data: { records: keys.length } })
}
