import { destinationSide, type JobDirection, sourceSide } from '../../core/mapping/definition.ts'
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
  if (jobId === null || session.mapping.transfers[back].length === 0) return results
  const isEachSeen = frame.isSeenAgain && session.line.selection === 'all'
  // What a table would fill in by itself in a record that is not there, no preview can carry back.
  const known = session.run.options.dryRun ? results.filter(({ kind }) => kind !== 'inserted') : results
  const open = known.filter((result) => isUnsettled(result, frame.direction))
  // A later pass over changes meets what this page has written, and nothing else.
  const mine = isEachSeen ? [] : open.filter((result) => !frame.isSeenAgain || !hasWritten(result))
  if (mine.length === 0) return results
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
      notesSeen: false,
      deletions: 'now',
      commit: emptyFrameCommit,
    },
    await readItems(session, back, jobId, mine),
  )
  return results
}

/** The partner holds something its own side still has to give to the other. */
function isUnsettled(result: RecordResult, direction: JobDirection): boolean {
  const isAgreed = result.kind === 'inserted' || result.kind === 'coupled' || result.kind === 'modified'
  return isAgreed && result.coupling?.[destinationSide[direction]].version === null
}

/** The record's fields have really been changed outside. */
export function hasWritten({ outcome }: RecordResult): boolean {
  return outcome !== null && outcome.changes.length > 0
}

async function readItems(
  session: LineSession,
  direction: JobDirection,
  jobId: number,
  results: readonly RecordResult[],
): Promise<readonly PageItem[]> {
  const side = sourceSide[direction]
  const open = new Map(
    results.flatMap((result) => (result.coupling ? [[result.coupling[side].key, result]] : [])),
  )
  const keys = [...open.keys()]
  const snapshots = await session.tables[side].readByKeys(keys, session.mapping[side].read, session.signal)
  return [...snapshots.values()].map((snapshot) => ({
    key: snapshot.key,
    snapshot,
    jobIds: [jobId],
    isRequested: false,
    isForced: true,
    mayCreate: false,
    resolution: open.get(snapshot.key)?.item.resolution ?? null,
    isReleased: open.get(snapshot.key)?.item.isReleased ?? false,
    sourceWins: false,
  }))
}
