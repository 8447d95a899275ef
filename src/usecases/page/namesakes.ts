import { matchValues } from '../../core/coupling/match-key.ts'
import { destinationSide, sourceSide } from '../../core/mapping/definition.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { RecordView } from '../line/session.ts'
import { findIntendedCreation } from './complete-creation.ts'
import { search } from './matching.ts'
import type { LookFrame, OpenRecord } from './page.ts'

/**
 * Uncoupled records of the destination to which the mapping gives the very key that an uncoupled source record has: each
 * of the two is the other one's counterpart, whether somebody has made both or a creation has come out differently. Only
 * where keys are mapped like other fields; a search and a query per page then. A creation that may be under way finds its
 * own record.
 */
export async function findNamesakes(
  session: RecordView,
  frame: LookFrame,
  uncoupled: readonly OpenRecord[],
): Promise<ReadonlyMap<RecordKey, RecordKey>> {
  const from = sourceSide[frame.direction]
  const to = destinationSide[frame.direction]
  const group = session.mapping.mappedKey[from]
  if (group === null || uncoupled.length === 0) return new Map()
  const searching = uncoupled.filter(
    ({ item, source }) =>
      findIntendedCreation(session, frame, item.key) === null &&
      matchValues(session.mapping, group, source.values, from, to) !== null,
  )
  const sources = searching.map(({ source }) => source)
  const found = await search(session, group, sources, from, to)
  const keys = found.flatMap((records) => records.map(({ key }) => key))
  if (keys.length === 0) return new Map()
  const taken = await session.commits.sync.findTaken(session.groups[to], to, keys, -1)
  return new Map(
    searching.flatMap(({ item }, index) => {
      const namesake = found[index]?.find(({ key }) => !taken.has(key))
      return namesake ? [[item.key, namesake.key] as const] : []
    }),
  )
}
