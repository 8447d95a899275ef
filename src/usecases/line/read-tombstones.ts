import type { Side } from '../../core/mapping/definition.ts'
import type { Job } from '../../core/sync/run.ts'
import { type LineSession, step } from './session.ts'

/**
 * Notes the couplings of records that the system says were deleted since the mark, and moves the mark with each page.
 * False: the system keeps no tombstones, or does not remember as far back.
 */
export async function readTombstones(
  session: LineSession,
  job: Job,
  side: Side,
  mark: string,
): Promise<boolean> {
  const { tombstones } = session.tables[side]
  if (tombstones === null) return false
  for (let cursor: string | null = null, page = 1; ; page += 1) {
    session.signal.throwIfAborted()
    await step(session, 'read', page)
    const found = await tombstones.read({
      mark,
      cursor,
      limit: session.deps.settings.pageSize,
      signal: session.signal,
    })
    if (found === null) return false
    await session.deps.stores.deletions.addDeleted(session.lease.fence, {
      mappingId: session.mapping.id,
      direction: job.direction,
      side,
      keys: found.keys,
      mark: found.mark,
    })
    cursor = found.next
    if (cursor === null) return true
  }
}
