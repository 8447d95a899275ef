import { destinationSide, type JobDirection } from '../../core/mapping/definition.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { LineSession } from '../line/session.ts'
import { emptyFrameCommit, type PageFrame, type PageItem, type RecordResult } from './page.ts'
import { processPage } from './process-page.ts'

/**
 * Brings a page across, and what its writes have given rise to back in the same run: a number that the local system gave
 * to a new record, say (default-mappings.md §7, "Better"). Only where no job of this line will look at those records
 * again. Should the process die in between, the next run finds them by their modification time.
 */
export async function processBothWays(
  session: LineSession,
  frame: PageFrame,
  items: readonly PageItem[],
): Promise<readonly RecordResult[]> {
  const results = await processPage(session, frame, items)
  const back: JobDirection = frame.direction === 'to' ? 'from' : 'to'
  const jobId = session.jobIds[back]
  if (jobId === null || frame.isSeenAgain || session.mapping.transfers[back].length === 0) return results
  const keys = results.flatMap((result) => unsettledKey(result, frame.direction))
  if (keys.length === 0) return results
  await session.commits.settled()
  await processPage(
    session,
    {
      ...frame,
      direction: back,
      jobId,
      isFullCompare: false,
      isSeenAgain: false,
      isCommittedBehind: false,
      commit: emptyFrameCommit,
    },
    await readItems(session, back, jobId, keys),
  )
  return results
}

/** The written record, when it holds something its own side still has to give to the other. */
function unsettledKey(result: RecordResult, direction: JobDirection): readonly RecordKey[] {
  const destination = result.coupling?.[destinationSide[direction]]
  const isWritten = result.kind === 'inserted' || result.kind === 'coupled' || result.kind === 'modified'
  return destination && isWritten && destination.version === null ? [destination.key] : []
}

async function readItems(
  session: LineSession,
  direction: JobDirection,
  jobId: number,
  keys: readonly RecordKey[],
): Promise<readonly PageItem[]> {
  const side = direction === 'to' ? 'local' : 'remote'
  const snapshots = await session.tables[side].readByKeys(keys, session.mapping[side].read, session.signal)
  return [...snapshots.values()].map((snapshot) => ({
    key: snapshot.key,
    snapshot,
    jobIds: [jobId],
    isRequested: false,
    isForced: true,
    mayCreate: false,
  }))
}
