import { findHolding, pauseInWords } from '../../core/control/pause.ts'
import type { StoredMapping } from '../../core/ports/mapping-store.ts'
import type { Schedule } from '../../core/schedules/schedule.ts'
import type { Deps } from '../deps.ts'

type RestDeps = Pick<Deps, 'stores'>

/**
 * Why nothing that a schedule is about may run, in words: all its mappings are disabled or paused; null: something may. Its slots
 * stay due meanwhile.
 */
export async function restsBecause(
  schedule: Pick<Schedule, 'pairId' | 'mapping'>,
  deps: RestDeps,
): Promise<string | null> {
  const all = await deps.stores.mappings.listMappings(schedule.pairId)
  const about = all.filter(
    ({ definition: { name } }) => schedule.mapping === null || name === schedule.mapping,
  )
  const enabled = about.filter(({ definition }) => definition.enabled)
  if (enabled.length === 0)
    return schedule.mapping === null ? 'no mapping is enabled' : `mapping ${schedule.mapping} is disabled`
  const paused = await pausesOf(enabled, deps)
  const [first] = paused
  return first !== undefined && paused.length === enabled.length ? first.says : null
}

/** Enabled mappings of a pair that a pause keeps from running. */
export async function pausedMappings(pairId: number, deps: RestDeps): Promise<readonly StoredMapping[]> {
  const all = await deps.stores.mappings.listMappings(pairId)
  const enabled = all.filter(({ definition }) => definition.enabled)
  return (await pausesOf(enabled, deps)).map(({ mapping }) => mapping)
}

interface PausedMapping {
  readonly mapping: StoredMapping
  readonly says: string
}

async function pausesOf(
  mappings: readonly StoredMapping[],
  { stores }: RestDeps,
): Promise<readonly PausedMapping[]> {
  const pauses = await stores.control.listPauses()
  if (pauses.length === 0) return []
  const found: PausedMapping[] = []
  for (const mapping of mappings) {
    const { localConnection, remoteConnection } = await stores.mappings.getPair(mapping.pairId)
    const connectionIds = [localConnection.id, remoteConnection.id]
    const holding = findHolding(pauses, { mappingId: mapping.id, connectionIds, isPreview: false })
    if (holding !== null) found.push({ mapping, says: pauseInWords(holding) })
  }
  return found
}
