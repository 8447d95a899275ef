import type { Fence } from '../../core/ports/lease-store.ts'
import type { PageCommit, SyncStore } from '../../core/ports/sync-store.ts'
import { charge } from './job-costs.ts'

/** The store as the pages of one line see it, with at most one commit under way behind them. */
export interface PageCommits {
  /**
   * The store. What could miss the effects of a commit under way waits for it first; only reads of a page's own records
   * do not, and neither does an intent.
   */
  readonly sync: SyncStore
  /**
   * Starts a commit and does not wait for it: for a page of a pass by key, whose records no other page of the pass has.
   * Waits for the commit before; what went wrong with that one comes out here, or of `settled`.
   */
  begin(fence: Fence, commit: PageCommit): Promise<void>
  /** Resolves when nothing is under way; throws what went wrong. */
  settled(): Promise<void>
}

/**
 * Committing a page takes Postgres about as long as it takes this process to read, judge and write the next one.
 *
 *   page 1   read  judge  intent  write  commit ─────┐
 *   page 2                               read  judge  intent  write  commit
 *
 * Should the process die in between, there are two open intents instead of one, and both are settled (§4.2). Should the
 * first commit fail, the line ends as if it had died there.
 */
export function createPageCommits(store: SyncStore, mappingId: number): PageCommits {
  let underWay: Promise<void> = Promise.resolve()
  const settled = () => underWay
  const afterCommit =
    <Args extends readonly unknown[], Result>(method: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      await charge('waiting', settled)
      return method(...args)
    }
  const sync: SyncStore = {
    // A page's own couplings are no part of the commit of another page of the pass.
    findCouplings: store.findCouplings,
    loadBases: store.loadBases,
    // Neither are its own issues.
    findIssues: store.findIssues,
    releaseOutdated: store.releaseOutdated,
    openIntent: store.openIntent,
    // Work that becomes due by the commit is found before the next page.
    hasDueWork: store.hasDueWork,
    isGroupShared: store.isGroupShared,
    findOpenIntents: store.findOpenIntents,
    resolveReferences: async (referenced, side, references) => {
      if (referenced === mappingId) await settled()
      return store.resolveReferences(referenced, side, references)
    },
    findTaken: afterCommit(store.findTaken),
    findDependents: afterCommit(store.findDependents),
    findUncoupled: afterCommit(store.findUncoupled),
    listCouplings: afterCommit(store.listCouplings),
    findLastCoupling: afterCommit(store.findLastCoupling),
    findInbox: afterCommit(store.findInbox),
    findDueIssues: afterCommit(store.findDueIssues),
    findResolutions: afterCommit(store.findResolutions),
    narrowIntent: afterCommit(store.narrowIntent),
    commitPage: afterCommit(store.commitPage),
  }
  return {
    sync,
    settled,
    async begin(fence, commit) {
      await charge('waiting', settled)
      underWay = store.commitPage(fence, commit)
      // Whoever waits next is told; until then it is not unheard of.
      underWay.catch(() => {})
    },
  }
}
