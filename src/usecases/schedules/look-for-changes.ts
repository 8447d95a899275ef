import { hash } from 'node:crypto'
import { SyncError, toSyncError } from '../../core/errors.ts'
import { type CompiledMapping, compileMapping } from '../../core/mapping/compile.ts'
import { jobDirections, type Side, sourceSide } from '../../core/mapping/definition.ts'
import { functionModules } from '../../core/mapping/validate-transform.ts'
import type { ConnectedTable } from '../../core/ports/connector.ts'
import { type Pair, type StoredMapping, watermarkOf } from '../../core/ports/mapping-store.ts'
import type { Schedule } from '../../core/schedules/schedule.ts'
import { aborted } from '../../lib/aborted.ts'
import type { Deps } from '../deps.ts'
import { openTable } from '../line/open-session.ts'
import { mappingsOf } from './scheduled-run.ts'

type LookDeps = Pick<Deps, 'stores' | 'connect' | 'loadFunctions' | 'log'>

/** A system that has not answered by then is left to a run. */
const LOOK_MS = 20_000
/** More changes than this are changes, without a look at each. */
const PAGE = 200
const HOUR_MS = 3_600_000

/**
 * What the sources of a schedule show behind the watermarks, changes and deletions on either side, as one text: the same text
 * means that nothing has happened since. Empty: there is nothing at all. Null: only a run can tell; so it is where a connection
 * is out of reach, or does not answer for `limitMs`. A few requests for each mapping; nothing is written, no lease is taken.
 * Throws when the signal is aborted.
 */
export async function lookForChanges(
  schedule: Pick<Schedule, 'pairId' | 'mapping' | 'name'>,
  deps: LookDeps,
  signal: AbortSignal,
  limitMs = LOOK_MS,
): Promise<string | null> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
  try {
    // Whoever does not heed the signal is not waited for either.
    return await Promise.race([look(schedule, deps, limit), silence(limit, limitMs)])
  } catch (error) {
    signal.throwIfAborted()
    deps.log.warn(
      { err: toSyncError(error), schedule: schedule.name },
      'Whether anything has changed could not be seen; the run tells',
    )
    return null
  }
}

async function look(
  schedule: Pick<Schedule, 'pairId' | 'mapping'>,
  deps: LookDeps,
  signal: AbortSignal,
): Promise<string | null> {
  const broken = new Set((await deps.stores.control.listBreakers()).map(({ connectionId }) => connectionId))
  const sights: string[] = []
  for (const mapping of await mappingsOf(schedule, deps)) {
    const pair = await deps.stores.mappings.getPair(mapping.pairId)
    if (broken.has(pair.localConnection.id) || broken.has(pair.remoteConnection.id)) return null
    const seen = await lookAtMapping(mapping, pair, deps, signal)
    if (seen === null) return null
    if (seen.length > 0) sights.push(`${mapping.id}.${mapping.version}`, ...seen)
  }
  return sights.length === 0 ? '' : hash('sha1', sights.join('\u0000'), 'base64')
}

async function silence(signal: AbortSignal, limitMs: number): Promise<never> {
  await aborted(signal)
  throw new SyncError('ANSWER_TIMEOUT', `No answer within ${limitMs} ms`)
}

async function lookAtMapping(
  stored: StoredMapping,
  pair: Pair,
  deps: LookDeps,
  signal: AbortSignal,
): Promise<readonly string[] | null> {
  if (stored.scannedGeneration < stored.selectionGeneration) return null
  const local = await openTable(deps, stored, pair, 'local', signal)
  const remote = await openTable(deps, stored, pair, 'remote', signal)
  const functions = await deps.loadFunctions(functionModules(stored.definition))
  const mapping = compileMapping(stored, { local: local.schema, remote: remote.schema }, functions)
  const tables = { local, remote }
  const seen: string[] = []
  for (const direction of jobDirections(stored.definition.direction)) {
    const side = sourceSide[direction]
    const changed = await readFirstChanges(stored, mapping, tables[side], side, signal)
    if (changed === null) return null
    seen.push(...changed)
  }
  for (const side of ['local', 'remote'] as const) {
    const deleted = await readFirstDeletions(stored, tables[side], side, deps, signal)
    if (deleted === null) return null
    seen.push(...deleted)
  }
  return seen
}

async function readFirstChanges(
  stored: StoredMapping,
  mapping: CompiledMapping,
  table: ConnectedTable,
  side: Side,
  signal: AbortSignal,
): Promise<readonly string[] | null> {
  const watermark = watermarkOf(stored, side)
  if (watermark === null) return null
  const { read: fields, filter } = mapping[side]
  const page = await table.readChanges({ fields, filter, cursor: null, limit: PAGE, watermark, signal })
  if (page.next !== null) return null
  return page.records.map(({ key, version }) => `${side}/${key}/${version}`)
}

async function readFirstDeletions(
  { id, definition }: StoredMapping,
  { tombstones }: ConnectedTable,
  side: Side,
  { stores }: LookDeps,
  signal: AbortSignal,
): Promise<readonly string[] | null> {
  const { mark, comparedMsAgo } = await stores.deletions.getLook(id, side)
  const { deletionCheck } = definition
  if (tombstones === null) {
    const isDue =
      deletionCheck && (comparedMsAgo ?? Number.POSITIVE_INFINITY) >= deletionCheck.everyHours * HOUR_MS
    return isDue ? null : []
  }
  if (mark === null) return []
  const page = await tombstones.read({ mark, cursor: null, limit: PAGE, signal })
  if (page === null || page.next !== null) return null
  return page.keys.map((key) => `${side}/${key}/deleted`)
}
