import type { JobDirection, Side } from '../../core/mapping/definition.ts'
import type { Job, SeenSince } from '../../core/sync/run.ts'
import { searchedSides } from './searched-sides.ts'
import { type LineSession, step } from './session.ts'

/**
 * What a full compare that begins has to remember for the search at its end; undefined: it finds nothing that way. It meets
 * both records of every coupling whose source passes the filter, so only the others have to be looked for (architecture.md
 * §4.6), and no key is listed. Couplings made later are too young to have lost a record.
 */
export async function beginSeeing(
  session: LineSession,
  direction: JobDirection,
): Promise<SeenSince | undefined> {
  if (session.run.options.dryRun) return undefined
  const { deletions } = session.deps.stores
  const sides = searchedSides(session, direction)
  const isNeeded =
    sides.some((side) => session.tables[side].tombstones !== null) ||
    (await session.commits.sync.findLastCoupling(session.mapping.id)) > 0
  if (!isNeeded) return undefined
  const startedAt = await deletions.beginComparison(session.lease.fence, session.mapping.id)
  const known = sides.map(async (side) => {
    const table = session.tables[side]
    const mark = (await table.tombstones?.takeMark(session.signal)) ?? null
    return [side, { mark, access: await table.readAccess(session.signal) }] as const
  })
  return { startedAt, sides: Object.fromEntries(await Promise.all(known)) }
}

/**
 * Suspects the couplings that the pass has not met. Gives what the connection could see all the while; null: that has
 * changed meanwhile, and nobody is suspected because of it.
 */
export async function compareSeen(
  session: LineSession,
  { direction }: Job,
  { startedAt, sides }: SeenSince,
  side: Side,
): Promise<string | null> {
  const begun = sides[side]
  const { deletions } = session.deps.stores
  const { fence } = session.lease
  const mappingId = session.mapping.id
  await stageUncoupled(session, startedAt, side)
  if (begun === undefined || (await session.tables[side].readAccess(session.signal)) !== begun.access) {
    await deletions.dropComparison(fence, mappingId)
    return null
  }
  await deletions.endPass(fence, { mappingId, direction, side, startedAt, mark: begun.mark })
  return begun.access
}

/** What was seen is not needed any more; called when the checkpoint says so. */
export async function forgetSeen({ deps, lease, mapping }: LineSession): Promise<void> {
  await deps.stores.deletions.forgetSeen(lease.fence, mapping.id)
}

/** A record that was never coupled has an issue at most: those of them that are still there. */
async function stageUncoupled(session: LineSession, before: string, side: Side): Promise<void> {
  const { deletions } = session.deps.stores
  const limit = session.deps.settings.pageSize
  for (let after = 0, number = 1; ; number += 1) {
    session.signal.throwIfAborted()
    await step(session, 'read', number)
    const page = await deletions.listUncoupled(session.mapping.id, side, { before, after, limit })
    const keys = page.map(({ key }) => key)
    if (keys.length > 0) {
      const found = await session.tables[side].readByKeys(keys, [], session.signal)
      await deletions.stageKeys(session.lease.fence, session.mapping.id, [...found.keys()])
    }
    after = page.at(-1)?.issueId ?? after
    if (page.length < limit) return
  }
}
