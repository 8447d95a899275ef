import { sourceSide } from '../../core/mapping/definition.ts'
import type { DeletionSuspect } from '../../core/ports/deletion-store.ts'
import type { BrakeVerdict, Job } from '../../core/sync/run.ts'
import { emptyFrameCommit, type PageItem } from '../page/page.ts'
import { processBothWays } from '../page/write-back.ts'
import { readSources } from './requests.ts'
import { hasPass, type LineSession } from './session.ts'

interface JudgedSet {
  readonly suspects: readonly DeletionSuspect[]
  readonly verdict: BrakeVerdict
}

/** Judges one page of couplings that seem to have lost a record, as part of the set the brake has answered for. */
export async function judgeSuspects(
  session: LineSession,
  job: Job,
  number: number,
  { suspects, verdict }: JudgedSet,
): Promise<void> {
  const side = sourceSide[job.direction]
  const snapshots = await readSources(
    session,
    job,
    suspects.map(({ keys }) => keys[side]),
  )
  const items = suspects.map(
    ({ keys }): PageItem => ({
      key: keys[side],
      snapshot: snapshots.get(keys[side]) ?? null,
      jobIds: [job.id],
      isRequested: false,
      isForced: true,
      mayCreate: false,
      resolution: null,
      isReleased: false,
      sourceWins: false,
    }),
  )
  await processBothWays(
    session,
    {
      direction: job.direction,
      jobId: job.id,
      number,
      isFullCompare: true,
      isSeenAgain: job.direction === 'to' && hasPass(session.line),
      isCommittedBehind: false,
      notesSeen: false,
      deletions: verdict,
      commit: {
        ...emptyFrameCommit,
        settledDeletions: suspects.map(({ couplingId }) => couplingId),
      },
    },
    items,
  )
}
