import type { Side } from '../../core/mapping/definition.ts'
import type { ConnectedTable } from '../../core/ports/connector.ts'
import type { DeletionSearch, Job, SeenSince } from '../../core/sync/run.ts'
import { type LineSession, step } from './session.ts'
import { assertMayGoOn } from './stop.ts'

/** Keys alone are small: more of them go into a page. */
const KEYS_PER_RECORD = 10

/** Where the search of a job stands, and how that is kept. */
export interface SearchContext {
  readonly session: LineSession
  readonly job: Job
  /** What the full compare before it has noted, or undefined. */
  readonly seen: SeenSince | undefined
  readonly save: (search: DeletionSearch) => Promise<void>
}

type Comparison = NonNullable<DeletionSearch['comparison']>
type KeyPage = Awaited<ReturnType<ConnectedTable['listKeys']>>

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
  let upcoming: Promise<KeyPage> | null = readAhead(session, side, comparison.cursor, 1)
  for (let page = 1; upcoming !== null; page += 1) {
    const { keys, next }: KeyPage = await upcoming
    upcoming = next === null ? null : readAhead(session, side, next, page + 1)
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

/** Begun before it is waited for: its failure is heard by whoever waits. */
function readAhead(session: LineSession, side: Side, cursor: string | null, page: number): Promise<KeyPage> {
  const read = async () => {
    await assertMayGoOn(session)
    await step(session, 'read', page)
    const limit = session.deps.settings.pageSize * KEYS_PER_RECORD
    return session.tables[side].listKeys({ cursor, limit, signal: session.signal })
  }
  const keys = read()
  keys.catch(() => {})
  return keys
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
