import { jobDirections, sourceSide } from '../../core/mapping/definition.ts'
import type { ConnectionRecord, StoredMapping } from '../../core/ports/mapping-store.ts'
import { lineIsDone } from '../../core/sync/run.ts'
import type { Deps } from '../deps.ts'
import { startRun } from '../flow/start-run.ts'
import { unfinishedRuns } from '../flow/unfinished-runs.ts'
import { restingMappings } from '../schedules/resting-mappings.ts'

type WakeUpDeps = Pick<Deps, 'stores' | 'queue' | 'log' | 'clock'>

/** A mapping that takes records from a table of a connection. */
export interface WatchingMapping {
  readonly table: string
  readonly mapping: StoredMapping
}

/** Every enabled mapping, of any pair, that reads changes of the connection's tables. */
export async function listWatching(
  connection: Pick<ConnectionRecord, 'id'>,
  deps: Pick<Deps, 'stores'>,
): Promise<readonly WatchingMapping[]> {
  const found: WatchingMapping[] = []
  for (const pair of await deps.stores.mappings.listPairs()) {
    const sides = (['local', 'remote'] as const).filter(
      (side) => pair[`${side}Connection`].id === connection.id,
    )
    if (sides.length === 0) continue
    for (const mapping of await deps.stores.mappings.listMappings(pair.id)) {
      const { definition } = mapping
      const read = jobDirections(definition.direction).map((direction) => sourceSide[direction])
      const watched = definition.enabled ? sides.filter((side) => read.includes(side)) : []
      found.push(...watched.map((side) => ({ table: definition[side].table, mapping })))
    }
  }
  return found
}

/**
 * A system has announced changes of these tables: the mappings that read them look for changes as soon as they can. One that
 * waits for its turn anyway is not asked a second time; it will see what was announced. One whose schedules rest is not asked at
 * all; its next slot sees it. Returns how many were asked.
 */
export async function wakeUp(
  connection: Pick<ConnectionRecord, 'id' | 'name'>,
  tables: readonly string[],
  deps: WakeUpDeps,
): Promise<number> {
  const watching = (await listWatching(connection, deps)).filter(({ table }) => tables.includes(table))
  if (watching.length === 0) return 0
  const waiting = await findWaiting(deps)
  const resting = await restingMappings(deps)
  const mappings = new Map(watching.map(({ mapping }) => [mapping.id, mapping]))
  let asked = 0
  for (const mapping of mappings.values()) {
    if (waiting.has(mapping.id) || resting.has(mapping.id)) continue
    await startRun(requestFor(mapping, connection.name), deps)
    asked += 1
  }
  return asked
}

/**
 * Mappings with a line that is still to begin: it carries all changes up to then. One that was blocked or cancelled before never
 * will; a preview carries none, nor do single records.
 */
async function findWaiting(deps: Pick<Deps, 'stores'>): Promise<ReadonlySet<number>> {
  const waiting = new Set<number>()
  for await (const { run, lines } of unfinishedRuns(deps)) {
    if (run.options.dryRun) continue
    for (const { mappingId, state, startedAt, selection } of lines) {
      if (startedAt === null && !lineIsDone(state) && (selection === 'all' || selection === 'changes'))
        waiting.add(mappingId)
    }
  }
  return waiting
}

/** Nobody waits for it: where the system does not answer, it waits until it does, and what was announced is not lost. */
function requestFor({ pairId, definition }: StoredMapping, connection: string) {
  return {
    pairId,
    kind: 'mapping',
    mapping: definition.name,
    keepCreating: 'no',
    work: 'scheduled',
    requestedBy: 'announcement',
    reason: `${connection} announces changes`,
    idempotencyKey: null,
    payloadHash: null,
    scheduleId: null,
    slot: null,
  } as const
}
