import { planCoupling } from '../../core/coupling/plan-coupling.ts'
import { SyncError } from '../../core/errors.ts'
import {
  destinationSide,
  type JobDirection,
  jobDirections,
  type Side,
  sourceSide,
} from '../../core/mapping/definition.ts'
import type { ConnectedTable } from '../../core/ports/connector.ts'
import type { Pair, StoredMapping } from '../../core/ports/mapping-store.ts'
import type { AfterCoupling } from '../../core/ports/sync-store.ts'
import type { Run } from '../../core/sync/run.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { Deps } from '../deps.ts'
import { type RequestOrigin, startRequest } from '../flow/request-run.ts'
import { bindMapping, groupOf, openTable } from '../line/open-session.ts'
import { findByText } from '../records/find-by-text.ts'
import { type KeyPair, readEnds } from './coupling-ends.ts'

export interface CouplingRequest extends RequestOrigin {
  /** Key or reference of the local record, as people write it. */
  readonly local: string
  readonly remote: string
  /** What is done with the two records once they are coupled. */
  readonly next: AfterCoupling
}

type CouplingDeps = Pick<Deps, 'stores' | 'queue' | 'log' | 'connect' | 'loadFunctions'>

/**
 * Asks for two records to be coupled. What can be seen now is refused at once, ALREADY_COUPLED say; what counts is
 * decided under the lease. A dry run shows what would become of the two, what comes next included.
 */
export async function requestCoupling(
  request: CouplingRequest,
  deps: CouplingDeps,
): Promise<{ run: Run; created: boolean }> {
  const { next } = request
  const plan = async (mapping: StoredMapping) => {
    const direction = directionOf(mapping, next)
    const keys = await findPair(mapping, request, deps)
    const task = { kind: 'couple', with: keys[destinationSide[direction]], next } as const
    const key = keys[sourceSide[direction]]
    return { requests: [{ direction, key, force: true, createMissing: false, task }] }
  }
  const options = { onlyAsked: true }
  return startRequest(request, { kind: 'couple', jobType: 'coupling', options, plan }, deps)
}

function directionOf({ definition }: StoredMapping, next: AfterCoupling): JobDirection {
  const allowed = jobDirections(definition.direction)
  const wanted: readonly JobDirection[] =
    next === 'merge' ? ['to', 'from'] : next === 'nothing' ? allowed.slice(0, 1) : [next]
  const [first = 'to'] = wanted
  if (wanted.every((direction) => allowed.includes(direction))) return first
  throw new SyncError(
    'DIRECTION_NOT_ALLOWED',
    `Mapping ${definition.name} runs ${definition.direction} only; it cannot bring the records across by '${next}'`,
  )
}

/** The keys of both records; throws RECORD_NOT_FOUND, and what `planCoupling` has against the pair. */
async function findPair(
  mapping: StoredMapping,
  request: CouplingRequest,
  deps: CouplingDeps,
): Promise<KeyPair> {
  const pair = await deps.stores.mappings.getPair(mapping.pairId)
  const signal = new AbortController().signal
  const tables = {
    local: await openTable(deps, mapping, pair, 'local', signal),
    remote: await openTable(deps, mapping, pair, 'remote', signal),
  }
  const keys = {
    local: await findOne(mapping, tables.local, 'local', request.local, signal),
    remote: await findOne(mapping, tables.remote, 'remote', request.remote, signal),
  }
  await refuseImpossible(mapping, pair, tables, keys, deps)
  return keys
}

async function findOne(
  { definition }: StoredMapping,
  table: ConnectedTable,
  side: Side,
  text: string,
  signal: AbortSignal,
): Promise<RecordKey> {
  const found = await findByText(table, definition[side].referenceField, [text], signal)
  const key = found.get(text)
  if (key !== undefined) return key
  throw new SyncError(
    'RECORD_NOT_FOUND',
    `Mapping ${definition.name}: no ${side} record (${definition[side].table}) has the key ${text}`,
  )
}

async function refuseImpossible(
  mapping: StoredMapping,
  pair: Pair,
  tables: Readonly<Record<Side, ConnectedTable>>,
  keys: KeyPair,
  deps: CouplingDeps,
): Promise<void> {
  const schemas = { local: tables.local.schema, remote: tables.remote.schema }
  const compiled = await bindMapping(deps, mapping, schemas)
  const groups = { local: groupOf(mapping, pair, 'local'), remote: groupOf(mapping, pair, 'remote') }
  const signal = new AbortController().signal
  const view = { mapping: compiled, tables, groups, sync: deps.stores.sync, signal }
  const [ends] = await readEnds(view, [keys])
  const plan = ends && planCoupling(compiled, ends)
  if (plan?.action === 'fail') throw new SyncError(plan.problem.code, plan.problem.message)
}
