import { sql } from 'drizzle-orm'
import type { Fence } from '../../../core/ports/lease-store.ts'
import type { PageCommit } from '../../../core/ports/sync-store.ts'
import type { Executor } from '../../database.ts'
import { violates } from '../../database-errors.ts'
import { assertFence } from '../../leases/fence.ts'
import { tellingIssues } from '../../webhooks/tell-issues.ts'
import { alreadyCoupled } from './already-coupled.ts'
import { saveProgress } from './counters.ts'
import { freeKeys, insertCouplings, updateCouplings } from './couplings.ts'
import { noteDeletions } from './deletions.ts'
import { addRequests, removeDoneInbox } from './inbox.ts'
import { closeIntents, keepIntents } from './intents.ts'
import { commitIssues } from './issues.ts'
import { saveMappingState } from './mapping-state.ts'
import { outcomesStatement } from './outcomes.ts'
import { removeCouplings } from './uncouplings.ts'

/**
 * One transaction and a constant number of statements; what is empty sends none. The fence comes first. Issues come
 * last, because other mappings of the pair may have to wait from there to the end of the transaction.
 */
export async function commitPage(db: Executor, fence: Fence, commit: PageCommit): Promise<void> {
  try {
    await applyCommit(db, fence, commit, false)
  } catch (error) {
    if (!isClash(error)) throw error
    await commitMovingKeys(db, fence, commit)
  }
}

const isClash = (error: unknown) => violates(error, 'coupling_local', 'coupling_remote')

/** Rare: records of the page hand keys on to each other, or a key is really taken. */
async function commitMovingKeys(db: Executor, fence: Fence, commit: PageCommit): Promise<void> {
  try {
    await applyCommit(db, fence, commit, true)
  } catch (error) {
    throw isClash(error) ? await alreadyCoupled(db, commit) : error
  }
}

async function applyCommit(
  db: Executor,
  fence: Fence,
  commit: PageCommit,
  hasMovingKeys: boolean,
): Promise<void> {
  await db.transaction(async (tx) => {
    await assertFence(tx, fence, leaveDiskWaitToNextIntent)
    await removeCouplings(tx, commit)
    if (hasMovingKeys) await freeKeys(tx, commit)
    const couplings = writeCouplings(tx, commit)
    const outcomes = outcomesStatement(commit)
    await couplings
    await noteDeletions(tx, commit)
    if (outcomes) await tx.execute(outcomes)
    await saveProgress(tx, commit.counters, commit.checkpoint)
    await saveMappingState(tx, commit)
    await closeIntents(tx, commit)
    await keepIntents(tx, commit)
    await removeDoneInbox(tx, commit)
    await addRequests(tx, commit)
    await tellingIssues(tx, commit, () => commitIssues(tx, commit))
  })
}

async function writeCouplings(tx: Executor, commit: PageCommit): Promise<void> {
  await insertCouplings(
    tx,
    commit,
    commit.couplings.filter(({ id }) => id === null),
  )
  await updateCouplings(
    tx,
    commit,
    commit.couplings.filter(({ id }) => id !== null),
  )
}

/**
 * The transaction is atomic as ever, it only does not wait for the disk. Should the server crash at this very moment, the
 * page has not happened: its intent is still open, and the next holder of the lease settles it like every page that was
 * interrupted before its commit. No page goes out on the strength of another one's commit, and the end of the job waits for
 * the disk, and with it for everything before.
 */
const leaveDiskWaitToNextIntent = sql`set_config('synchronous_commit', 'off', true)`
