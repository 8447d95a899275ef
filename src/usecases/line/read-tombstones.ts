import type { Side } from '../../core/mapping/definition.ts'
import { type LineSession, step } from './session.ts'
import { assertMayGoOn } from './stop.ts'
import type { Suspects } from './suspects.ts'

/**
 * Notes the couplings of records that the system says were deleted since the mark, and moves the mark with each page.
 * False: the system keeps no tombstones, or does not remember as far back.
 */
export async function readTombstones(
  session: LineSession,
  suspects: Suspects,
  side: Side,
  mark: string,
): Promise<boolean> {
  const { tombstones } = session.tables[side]
  if (tombstones === null) return false
  for (let cursor: string | null = null, page = 1; ; page += 1) {
    await assertMayGoOn(session)
    await step(session, 'read', page)
    const found = await tombstones.read({
      mark,
      cursor,
      limit: session.deps.settings.pageSize,
      signal: session.signal,
    })
    if (found === null) return false
    await suspects.addDeleted(side, found)
    cursor = found.next
    if (cursor === null) return true
  }
}
