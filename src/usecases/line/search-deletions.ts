import { jobDirections, type Side } from '../../core/mapping/definition.ts'
import type { DeletionSuspect } from '../../core/ports/deletion-store.ts'
import { type DeletionSet, isTooMany } from '../../core/sync/deletion.ts'
import type { BrakeVerdict, Checkpoint, DeletionSearch, Job } from '../../core/sync/run.ts'
import { emptyCommit } from '../page/commit.ts'
import { findChangedAccess, saveListedAccess } from './access.ts'
import { compareKeys, type SearchContext } from './compare-keys.ts'
import { judgeSuspects } from './judge-suspects.ts'
import { lookThroughCouplings } from './look-through-couplings.ts'
import { readTombstones } from './read-tombstones.ts'
import { searchedSides } from './searched-sides.ts'
import { compareSeen, forgetSeen } from './seen.ts'
import { type LineSession, step } from './session.ts'
import { assertMayGoOn } from './stop.ts'
import { suspectsOf } from './suspects.ts'

const fromTheStart: DeletionSearch = {
  done: [],
  isWhole: true,
  comparison: null,
  access: {},
  verdict: null,
}

/**
 * The end of a job: finds couplings that have lost a record, lets the brake answer for all of them at once, and judges
 * them page by page (architecture.md §4.6). Goes on where a crash has stopped it. Gives the answer of the brake. A preview
 * does the same, and leaves nothing that a real run could meet.
 */
export async function searchDeletions(
  session: LineSession,
  job: Job,
  checkpoint: Checkpoint,
): Promise<BrakeVerdict> {
  const context: SearchContext = {
    session,
    job,
    seen: checkpoint.seen,
    save: (deletions) => saveSearch(session, job, { ...checkpoint, passDone: true, deletions }),
  }
  let search = checkpoint.deletions ?? fromTheStart
  for (const side of searchedSides(session, job.direction)) {
    if (search.done.includes(side)) continue
    const access = await searchSide(context, search, side)
    search = {
      ...search,
      done: [...search.done, side],
      isWhole: search.isWhole && typeof access === 'string',
      comparison: null,
      access: access === undefined ? search.access : { ...search.access, [side]: access },
    }
    await context.save(search)
  }
  if (checkpoint.seen !== undefined) await forgetSeen(session)
  const known = await stillHolds(session, job, search.verdict)
  const verdict = known ?? (await askBrake(session, job, search))
  if (known === null) await context.save({ ...search, verdict })
  await settleSuspects(session, job, verdict)
  return verdict
}

/** An answer from before a stop is for the set it was given for: what other runs have found since asks anew (P9). */
async function stillHolds(
  session: LineSession,
  job: Job,
  verdict: BrakeVerdict | null,
): Promise<BrakeVerdict | null> {
  if (verdict === null || verdict.isHeld) return verdict
  const { records } = await suspectsOf(session, job.direction).countSet()
  return records > verdict.records ? null : verdict
}

/**
 * Tombstones tell of every deletion at little cost; comparing all keys is for when there are none, or none old enough. Gives
 * what the connection could see while all keys were compared (null: that changed), undefined when they were not.
 */
async function searchSide(
  context: SearchContext,
  search: DeletionSearch,
  side: Side,
): Promise<string | null | undefined> {
  const { session, job, seen } = context
  const look = await session.deps.stores.deletions.getLook(session.mapping.id, side)
  const isAsked = session.line.selection === 'deletions'
  const isUnderWay = search.comparison?.side === side
  const suspects = suspectsOf(session, job.direction)
  if (
    !isAsked &&
    !isUnderWay &&
    look.mark !== null &&
    (await readTombstones(session, suspects, side, look.mark))
  )
    return undefined
  if (seen !== undefined && !isUnderWay) return compareSeen(session, job, seen, side)
  const isFirst = session.tables[side].tombstones !== null
  const isDue = isAsked || isUnderWay || isFirst || (await isComparisonDue(session, look.comparedMsAgo))
  if (!isDue) return undefined
  return session.run.options.dryRun
    ? lookThroughCouplings(session, job.direction, side)
    : compareKeys(context, search, side)
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

/**
 * The brake answers for the whole set. One that was found with other eyes than the last set is held whatever its size; while
 * nothing of it is open, what the connection sees now is what later looks are compared with. That is noted before the
 * verdict is: whoever dies in between asks once more and hears the same.
 */
async function askBrake(session: LineSession, job: Job, search: DeletionSearch): Promise<BrakeVerdict> {
  const set = await confirmSet(session, job)
  const change = await findChangedAccess(session, searchedSides(session, job.direction), search.access)
  const accessChange = change?.when === 'since' && set.records === 0 ? null : change
  if (accessChange === null && !session.run.options.dryRun) await saveListedAccess(session, search.access)
  const isHeld = set.records > 0 && (accessChange !== null || isTooMany(session.mapping.definition, set))
  return { ...set, isHeld, isWhole: search.isWhole, accessChange }
}

/**
 * Everything that was found is confirmed by reading the records themselves, filters not applied. Where only the other
 * side has lost its record, the other direction finds that.
 */
async function confirmSet(session: LineSession, job: Job): Promise<DeletionSet> {
  const suspects = suspectsOf(session, job.direction)
  const limit = session.deps.settings.pageSize
  for (let after = 0; ; ) {
    await assertMayGoOn(session)
    const page = await suspects.list(after, limit)
    const unfounded = page.length === 0 ? [] : await findUnfounded(session, job, page)
    if (unfounded.length > 0) await suspects.drop(unfounded.map(({ couplingId }) => couplingId))
    after = page.at(-1)?.couplingId ?? after
    if (page.length < limit) return suspects.countSet()
  }
}

/** A pair that has lost both records is judged once, by the first job: a preview remembers no end of a coupling. */
async function findUnfounded(
  session: LineSession,
  job: Job,
  page: readonly DeletionSuspect[],
): Promise<readonly DeletionSuspect[]> {
  const readAll = (side: Side) =>
    session.tables[side].readByKeys(
      page.map(({ keys }) => keys[side]),
      [],
      session.signal,
    )
  const [local, remote] = [await readAll('local'), await readAll('remote')]
  const isFirst = jobDirections(session.mapping.definition.direction)[0] === job.direction
  const isJudgedBefore = session.run.options.dryRun && !isFirst
  const searched = searchedSides(session, job.direction)
  return page.filter(({ keys }) => {
    const isFound = { local: local.has(keys.local), remote: remote.has(keys.remote) }
    return searched.every((side) => isFound[side]) || (isJudgedBefore && !isFound.local && !isFound.remote)
  })
}

/** Each page takes its suspects off the list in the transaction that judges them. */
async function settleSuspects(session: LineSession, job: Job, verdict: BrakeVerdict): Promise<void> {
  for (let page = 1; ; page += 1) {
    await assertMayGoOn(session)
    const suspects = await suspectsOf(session, job.direction).list(0, session.deps.settings.pageSize)
    if (suspects.length === 0) return
    await judgeSuspects(session, job, page, { suspects, verdict })
  }
}

async function saveSearch(session: LineSession, job: Job, value: Checkpoint): Promise<void> {
  await step(session, 'commit', 0)
  await session.commits.sync.commitPage(session.lease.fence, {
    ...emptyCommit(session.mapping),
    checkpoint: { jobId: job.id, value },
  })
}
