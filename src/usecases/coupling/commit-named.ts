import type { LineSession } from '../line/session.ts'
import { commitResults, nothingMore } from '../page/commit.ts'
import { enterTroubles, noIssues } from '../page/ledger.ts'
import { emptyFrameCommit, type PageFrame, type RecordResult } from '../page/page.ts'
import type { JobPlace } from './uncouple-page.ts'

/** Commits a page of records that a person or a coupling job has named: nothing has been compared, nothing written outside. */
export async function commitNamed(
  session: LineSession,
  job: JobPlace,
  number: number,
  results: readonly RecordResult[],
  commit: Partial<PageFrame['commit']>,
): Promise<void> {
  const frame: PageFrame = {
    direction: job.direction,
    jobId: job.id,
    number,
    isFullCompare: false,
    isSeenAgain: false,
    isCommittedBehind: false,
    notesSeen: false,
    deletions: 'now',
    commit: { ...emptyFrameCommit, ...commit },
  }
  const entered = enterTroubles(session, frame, results, noIssues)
  await commitResults(session, frame, entered, [], new Map(), nothingMore)
}
