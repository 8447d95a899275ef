import type { Side } from '../../core/mapping/definition.ts'
import type { DeletionSearch, Job } from '../../core/sync/run.ts'
import { type LineSession, step } from './session.ts'

/** Keys alone are small: more of them go into a page. */
const KEYS_PER_RECORD = 5

/** Where the search of a job stands, and how that is kept. */
export interface SearchContext {
  readonly session: LineSession
  readonly job: Job
  readonly save: (search: DeletionSearch) => Promise<void>
}

type Comparison = NonNullable<DeletionSearch['comparison']>

/**
 * Lists all keys of one side into the store, page by page, and compares them there with the couplings: a key that is not
 * there is a suspicion and no more. Goes on at the page where it stopped. Gives what the connection could see all the
 * while; null: that has changed meanwhile, the listing does not count, and nobody is suspected because of it.
 */
export async function compareKeys(
  context: SearchContext,
  search: DeletionSearch,
  side: Side,
): Promise<string | null> {
  const { session, job, save } = context
  const { deletions } = session.deps.stores
  const { fence } = session.lease
  let comparison = await resume(session, search, side)
  for (let page = 1; ; page += 1) {
    session.signal.throwIfAborted()
    await step(session, 'read', page)
    const { keys, next } = await session.tables[side].listKeys({
      cursor: comparison.cursor,
      limit: session.deps.settings.pageSize * KEYS_PER_RECORD,
      signal: session.signal,
    })
    await deletions.stageKeys(fence, session.mapping.id, keys)
    if (next === null) break
    comparison = { ...comparison, cursor: next, staged: comparison.staged + keys.length }
    await save({ ...search, comparison })
  }
  const { startedAt, mark, access } = comparison
  if ((await session.tables[side].readAccess(session.signal)) !== access) {
    await deletions.dropComparison(fence, session.mapping.id)
    return null
  }
  await deletions.endComparison(fence, {
    mappingId: session.mapping.id,
    direction: job.direction,
    side,
    startedAt,
    mark,
  })
  return access
}

/** What was listed before a stop counts only if the store still has it: a server that crashed has not. */
async function resume(session: LineSession, { comparison }: DeletionSearch, side: Side): Promise<Comparison> {
  const { deletions } = session.deps.stores
  if (comparison?.side === side && (await deletions.countStaged(session.mapping.id)) >= comparison.staged)
    return comparison
  const startedAt = await deletions.beginComparison(session.lease.fence, session.mapping.id)
  const mark = (await session.tables[side].tombstones?.takeMark(session.signal)) ?? null
  const access = await session.tables[side].readAccess(session.signal)
  return { side, cursor: null, startedAt, staged: 0, mark, access }
}
