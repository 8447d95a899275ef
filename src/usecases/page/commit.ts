import type { Coupling } from '../../core/coupling/coupling.ts'
import type { StoredMapping } from '../../core/ports/mapping-store.ts'
import type { MetIssue, PageCommit } from '../../core/ports/sync-store.ts'
import { type Counters, detailsOf, type Outcome, zeroCounters } from '../../core/sync/outcome.ts'
import { type LineSession, step } from '../line/session.ts'
import type { EnteredResult } from './ledger.ts'
import { emptyFrameCommit, type PageFrame } from './page.ts'
import { releasesOf } from './results.ts'

/** A commit that changes nothing yet. */
export function emptyCommit({ id, pairId }: Pick<StoredMapping, 'id' | 'pairId'>): PageCommit {
  return {
    ...emptyFrameCommit,
    mappingId: id,
    pairId,
    couplings: [],
    seenCouplings: [],
    foundDeletions: [],
    outcomes: [],
    openIssues: [],
    closeIssues: [],
    metIssues: [],
    releases: [],
    counters: new Map(),
  }
}

/** What a page brings besides its results. */
interface MoreOfPage extends Pick<PageCommit, 'seenCouplings' | 'foundDeletions'> {
  readonly intentIds: readonly number[]
}

export const nothingMore: MoreOfPage = { seenCouplings: [], foundDeletions: [], intentIds: [] }

/** Couplings, ledger, issues, counters, checkpoint and intents of a page in one fenced transaction (P7). */
export async function commitResults(
  session: LineSession,
  frame: PageFrame,
  results: readonly EnteredResult[],
  met: readonly MetIssue[],
  couplings: ReadonlyMap<string, Coupling>,
  more: MoreOfPage,
): Promise<void> {
  const name = session.mapping.definition.name
  const commit: PageCommit = {
    ...frame.commit,
    mappingId: session.mapping.id,
    pairId: session.mapping.pairId,
    couplings: results.flatMap((result) => (result.coupling ? [result.coupling] : [])),
    uncouplings: [
      ...frame.commit.uncouplings,
      ...results.flatMap((result) => (result.uncoupling ? [result.uncoupling] : [])),
    ],
    seenCouplings: more.seenCouplings,
    foundDeletions: more.foundDeletions,
    outcomes: results.flatMap(outcomesOf),
    openIssues: results.flatMap((result) =>
      result.issues.map((issue) => ({
        ...issue,
        jobId: result.heldBy ?? result.item.jobIds[0] ?? frame.jobId,
      })),
    ),
    closeIssues: results.flatMap((result) => result.closes),
    metIssues: met,
    releases: results.flatMap((result) =>
      result.coupling ? releasesOf(name, result.coupling, couplings.get(result.item.key) ?? null) : [],
    ),
    counters: countResults(results),
    closeIntents: [...frame.commit.closeIntents, ...more.intentIds],
  }
  await step(session, 'commit', frame.number)
  if (frame.isCommittedBehind) await session.commits.begin(session.lease.fence, commit)
  else await session.commits.sync.commitPage(session.lease.fence, commit)
}

function outcomesOf(result: EnteredResult): readonly Outcome[] {
  const { outcome } = result
  return outcome === null ? [] : result.item.jobIds.map((jobId) => ({ ...outcome, jobId }))
}

function countResults(results: readonly EnteredResult[]): ReadonlyMap<number, Counters> {
  const counters = new Map<number, { -readonly [name in keyof Counters]: number }>()
  for (const { item, kind, isReread, outcome } of results) {
    const details = outcome === null ? [] : detailsOf(outcome)
    for (const jobId of item.jobIds) {
      const sum = counters.get(jobId) ?? { ...zeroCounters }
      sum.read += 1
      sum[kind] += 1
      if (isReread) sum.reread += 1
      for (const name of details) sum[name] += 1
      counters.set(jobId, sum)
    }
  }
  return counters
}
