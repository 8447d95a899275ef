import { creationToken, derivedKey } from '../../core/coupling/identity.ts'
import { SyncError } from '../../core/errors.ts'
import type { CompiledMapping } from '../../core/mapping/compile.ts'
import {
  destinationSide,
  type JobDirection,
  jobDirections,
  sourceSide,
} from '../../core/mapping/definition.ts'
import type { ConnectedTable } from '../../core/ports/connector.ts'
import type { Pair, StoredMapping } from '../../core/ports/mapping-store.ts'
import type { RecordRequest } from '../../core/ports/run-store.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { Deps } from '../deps.ts'
import { startRequest } from '../flow/request-run.ts'
import { bindMapping, openTable } from '../line/open-session.ts'

type RejoinDeps = Pick<Deps, 'stores' | 'queue' | 'log' | 'connect' | 'loadFunctions' | 'settings'>

export interface Rejoined {
  readonly mapping: string
  readonly direction: JobDirection
  /** Records whose counterpart of our making was found again; they are coupled by the run. */
  readonly found: number
  /** False: the destination does not take the ids we derive, so that nothing can be found by them. */
  readonly isSearched: boolean
}

/**
 * For a store that is older than the systems (docs/disaster.md). The race: after the backup a record was created on the
 * other side; the restored store knows nothing of it, and the new record would look like somebody else's and be created
 * back. The id of a creation is derived from its source, so each uncoupled record tells which id its counterpart would
 * have: what is found there is ours, and both are coupled before anything else runs. Couples only, writes nothing
 * outside; a second time it finds nothing left. Returns the runs that do it, to be waited for, and what was found.
 */
export async function rejoin(
  pair: Pair,
  origin: { readonly requestedBy: string; readonly reason: string },
  deps: RejoinDeps,
  signal: AbortSignal,
): Promise<{ readonly runIds: readonly number[]; readonly found: readonly Rejoined[] }> {
  const runIds: number[] = []
  const found: Rejoined[] = []
  for (const mapping of await deps.stores.mappings.listMappings(pair.id)) {
    if (!mapping.definition.enabled) continue
    const search = await openSearch(mapping, pair, deps, signal)
    for (const direction of jobDirections(mapping.definition.direction)) {
      const isSearched = search.mapping.keyStrategy[destinationSide[direction]] === 'derived-uuid'
      let count = 0
      if (isSearched) {
        for await (const requests of findLost(search, direction, deps)) {
          count += requests.length
          runIds.push(await couple(mapping, requests, origin, deps))
        }
      }
      found.push({ mapping: mapping.definition.name, direction, found: count, isSearched })
    }
  }
  return { runIds, found }
}

interface Search {
  readonly stored: StoredMapping
  readonly mapping: CompiledMapping
  readonly tables: Readonly<Record<'local' | 'remote', ConnectedTable>>
  readonly signal: AbortSignal
}

async function openSearch(
  stored: StoredMapping,
  pair: Pair,
  deps: RejoinDeps,
  signal: AbortSignal,
): Promise<Search> {
  const tables = {
    local: await openTable(deps, stored, pair, 'local', signal),
    remote: await openTable(deps, stored, pair, 'remote', signal),
  }
  const schemas = { local: tables.local.schema, remote: tables.remote.schema }
  return { stored, tables, signal, mapping: await bindMapping(deps, stored, schemas) }
}

/** Page by page, so that memory does not grow with the table. What a person has uncoupled stays uncoupled. */
async function* findLost(
  { stored, mapping, tables, signal }: Search,
  direction: JobDirection,
  deps: RejoinDeps,
): AsyncGenerator<readonly RecordRequest[]> {
  const source = sourceSide[direction]
  const destination = destinationSide[direction]
  const { sync } = deps.stores
  const limit = deps.settings.pageSize
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<ConnectedTable['listKeys']>> = await tables[source].listKeys({
      cursor,
      limit,
      signal,
    })
    cursor = page.next
    const coupled = keysOf(await sync.findCouplings(stored.id, source, page.keys), source)
    const parted = await sync.findUncoupled(stored.id, source, page.keys)
    const wanted = new Map<RecordKey, RecordKey>()
    for (const key of page.keys) {
      if (coupled.has(key) || parted.has(key)) continue
      const { pairId } = stored
      const token = creationToken({
        pairId,
        mappingId: mapping.id,
        side: destination,
        sourceKey: key,
        generation: 0,
      })
      wanted.set(derivedKey(token), key)
    }
    const there = [...(await readExisting(tables[destination], [...wanted.keys()], signal))]
    const taken = keysOf(await sync.findCouplings(stored.id, destination, there), destination)
    const requests = there.flatMap((made): RecordRequest[] => {
      const from = wanted.get(made)
      if (from === undefined || taken.has(made)) return []
      return [toRequest(stored, { [source]: from, [destination]: made })]
    })
    if (requests.length > 0) yield requests
  } while (cursor !== null)
}

const keysOf = (
  couplings: readonly { readonly local: { key: RecordKey }; readonly remote: { key: RecordKey } }[],
  side: 'local' | 'remote',
): ReadonlySet<RecordKey> => new Set(couplings.map((coupling) => coupling[side].key))

async function readExisting(
  table: ConnectedTable,
  keys: readonly RecordKey[],
  signal: AbortSignal,
): Promise<Iterable<RecordKey>> {
  if (keys.length === 0) return []
  return (await table.readByKeys(keys, table.schema.keyFields, signal)).keys()
}

/** In the direction that is worked off first, so that no page meets the records before they are coupled. */
function toRequest({ definition }: StoredMapping, keys: Partial<Record<'local' | 'remote', RecordKey>>) {
  const [direction = 'to'] = jobDirections(definition.direction)
  const key = keys[sourceSide[direction]]
  const partner = keys[destinationSide[direction]]
  if (key === undefined || partner === undefined) throw new SyncError('INTERNAL', 'a pair has two keys')
  const task = { kind: 'couple', with: partner, next: 'nothing' } as const
  return { direction, key, force: true, createMissing: false, task }
}

async function couple(
  { pairId, definition }: StoredMapping,
  requests: readonly RecordRequest[],
  { requestedBy, reason }: { readonly requestedBy: string; readonly reason: string },
  deps: RejoinDeps,
): Promise<number> {
  const origin = {
    pairId,
    mapping: definition.name,
    requestedBy,
    reason,
    idempotencyKey: null,
    payloadHash: null,
  }
  const work = { kind: 'couple', jobType: 'coupling', plan: async () => ({ requests }) } as const
  return (await startRequest(origin, work, deps)).run.id
}
