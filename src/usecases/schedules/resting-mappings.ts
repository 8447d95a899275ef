import { restsBySchedule } from '../../core/schedules/resting.ts'
import { groupBy } from '../../lib/group.ts'
import type { Deps } from '../deps.ts'

/**
 * Mappings that start nothing by themselves at this moment, because their schedules rest: neither for announced changes nor for
 * records that are due. The next slot brings them; what somebody asks for by name runs all the same.
 */
export async function restingMappings({
  stores,
  clock,
}: Pick<Deps, 'stores' | 'clock'>): Promise<ReadonlySet<number>> {
  const nowMs = clock.now().getTime()
  const byPair = groupBy(await stores.schedules.list(), ({ pairId }) => pairId)
  const resting = new Set<number>()
  for (const [pairId, schedules] of byPair)
    for (const { id, definition } of await stores.mappings.listMappings(pairId))
      if (restsBySchedule(definition.name, schedules, nowMs)) resting.add(id)
  return resting
}
