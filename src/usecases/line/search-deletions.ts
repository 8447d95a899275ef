import {
  destinationSide,
  type JobDirection,
  jobDirections,
  type Side,
  sourceSide,
} from '../../core/mapping/definition.ts'
import { holdsBrake, policyChoice } from '../../core/sync/deletion.ts'
import type { BrakeVerdict, Checkpoint, DeletionSearch, Job } from '../../core/sync/run.ts'
import { emptyCommit } from '../page/commit.ts'
import { emptyFrameCommit, type PageItem } from '../page/page.ts'
import { processBothWays } from '../page/write-back.ts'
import { compareKeys, type SearchContext } from './compare-keys.ts'
import { readTombstones } from './read-tombstones.ts'
import { readSources } from './requests.ts'
import { hasPass, type LineSession, step } from './session.ts'

const fromTheStart: DeletionSearch = { done: [], isWhole: true, comparison: null, verdict: null }

/**
 * The end of a job: finds couplings that have lost a record, lets the brake answer for all of them at once, and judges
 * them page by page (architecture.md §4.6). Goes on where a crash has stopped it. Gives the answer of the brake.
 */
export async function searchDeletions(
  session: LineSession,
  job: Job,
  checkpoint: Checkpoint,
): Promise<BrakeVerdict> {
  const context: SearchContext = {
    session,
    job,
    save: (deletions) => saveSearch(session, job, { ...checkpoint, passDone: true, deletions }),
  }
  let search = checkpoint.deletions ?? fromTheStart
  for (const side of searchedSides(session, job.direction)) {
    if (search.done.includes(side)) continue
    const isCompared = await searchSide(context, search, side)
    const isWhole = search.isWhole && isCompared
    search = { ...search, done: [...search.done, side], isWhole, comparison: null }
    await context.save(search)
  }
  const verdict = search.verdict ?? { ...(await judgeSet(session, job)), isWhole: search.isWhole }
  if (search.verdict === null) await context.save({ ...search, verdict })
  await settleSuspects(session, job, verdict)
  return verdict
}

/** Partners of what this job reads; in a mapping with one direction also the records it reads themselves. */
function searchedSides(session: LineSession, direction: JobDirection): readonly Side[] {
  const isOneWay = jobDirections(session.mapping.definition.direction).length === 1
  return isOneWay ? [destinationSide[direction], sourceSide[direction]] : [destinationSide[direction]]
}

/**
 * Tombstones tell of every deletion at little cost; comparing all keys is for when there are none, or none old enough. True
 * when all keys were compared.
 */
async function searchSide(context: SearchContext, search: DeletionSearch, side: Side): Promise<boolean> {
  const { session, job } = context
  const look = await session.deps.stores.deletions.getLook(session.mapping.id, side)
  const isAsked = session.line.selection === 'deletions'
  const isUnderWay = search.comparison?.side === side
  if (!isAsked && !isUnderWay && look.mark !== null && (await readTombstones(session, job, side, look.mark)))
    return false
  const isFirst = session.tables[side].tombstones !== null
  const isDue = isAsked || isUnderWay || isFirst || (await isComparisonDue(session, look.comparedMsAgo))
  if (isDue) await compareKeys(context, search, side)
  return isDue
}

const HOUR_MS = 3_600_000

/** Couplings of this very run have just had their partners at hand: where there are no others, there is nothing to find. */
async function isComparisonDue(session: LineSession, comparedMsAgo: number | null): Promise<boolean> {
  const { deletionCheck } = session.mapping.definition
  const isOverdue =
    deletionCheck !== undefined &&
    (comparedMsAgo === null || comparedMsAgo >= deletionCheck.everyHours * HOUR_MS)
  if (session.line.selection !== 'all' && !isOverdue) return false
  return session.deps.stores.deletions.hasCouplingsBefore(session.mapping.id, session.run.createdAt)
}

/** Everything that was found is confirmed by reading the records themselves, filters not applied; then the brake is asked. */
async function judgeSet(session: LineSession, job: Job): Promise<Omit<BrakeVerdict, 'isWhole'>> {
  const { deletions } = session.deps.stores
  const search = { mappingId: session.mapping.id, direction: job.direction }
  const limit = session.deps.settings.pageSize
  for (let after = 0; ; ) {
    session.signal.throwIfAborted()
    const suspects = await deletions.listSuspects(search, after, limit)
    if (suspects.length > 0) {
      const existing = {
        local: await readKeys(
          session,
          'local',
          suspects.map(({ keys }) => keys.local),
        ),
        remote: await readKeys(
          session,
          'remote',
          suspects.map(({ keys }) => keys.remote),
        ),
      }
      const unfounded = suspects.filter(
        ({ keys }) => existing.local.has(keys.local) && existing.remote.has(keys.remote),
      )
      if (unfounded.length > 0)
        await deletions.dropSuspects(
          session.lease.fence,
          unfounded.map(({ couplingId }) => couplingId),
        )
    }
    after = suspects.at(-1)?.couplingId ?? after
    if (suspects.length < limit) break
  }
  const set = await deletions.countSet(search)
  const { deletionBrake, deletionConflict } = session.mapping.definition
  return { ...set, isHeld: policyChoice[deletionConflict] !== null && holdsBrake(deletionBrake, set) }
}

function readKeys(session: LineSession, side: Side, keys: readonly string[]) {
  return session.tables[side].readByKeys(keys, [], session.signal)
}

/** Each page takes its suspects off the list in the transaction that judges them. */
async function settleSuspects(session: LineSession, job: Job, verdict: BrakeVerdict): Promise<void> {
  const search = { mappingId: session.mapping.id, direction: job.direction }
  const side = sourceSide[job.direction]
  for (let page = 1; ; page += 1) {
    session.signal.throwIfAborted()
    const { deletions } = session.deps.stores
    const suspects = await deletions.listSuspects(search, 0, session.deps.settings.pageSize)
    if (suspects.length === 0) return
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
      }),
    )
    await processBothWays(
      session,
      {
        direction: job.direction,
        jobId: job.id,
        number: page,
        isFullCompare: true,
        isSeenAgain: job.direction === 'to' && hasPass(session.line),
        isCommittedBehind: false,
        deletions: verdict,
        commit: { ...emptyFrameCommit, settledDeletions: suspects.map(({ couplingId }) => couplingId) },
      },
      items,
    )
  }
}

async function saveSearch(session: LineSession, job: Job, value: Checkpoint): Promise<void> {
  await step(session, 'commit', 0)
  await session.commits.sync.commitPage(session.lease.fence, {
    ...emptyCommit(session.mapping),
    checkpoint: { jobId: job.id, value },
  })
}
