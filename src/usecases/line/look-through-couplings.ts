import type { JobDirection, Side } from '../../core/mapping/definition.ts'
import { type LineSession, step } from './session.ts'
import { assertMayGoOn } from './stop.ts'
import { addToPreview } from './suspects.ts'

/**
 * What comparing all keys is to a real run: a preview stages none, it looks up the record of every coupling instead. Gives
 * what the connection could see all the while; null: that has changed meanwhile.
 */
export async function lookThroughCouplings(
  session: LineSession,
  direction: JobDirection,
  side: Side,
): Promise<string | null> {
  const { sync } = session.commits
  const table = session.tables[side]
  const limit = session.deps.settings.pageSize
  const access = await table.readAccess(session.signal)
  const last = await sync.findLastCoupling(session.mapping.id)
  for (let after = 0, number = 1; ; number += 1) {
    await assertMayGoOn(session)
    await step(session, 'read', number)
    const couplings = await sync.listCouplings(session.mapping.id, { after, last, limit })
    const keys = couplings.map((coupling) => coupling[side].key)
    const found = keys.length === 0 ? null : await table.readByKeys(keys, [], session.signal)
    await addToPreview(
      session,
      direction,
      couplings.filter((coupling) => found?.has(coupling[side].key) === false),
    )
    after = couplings.at(-1)?.id ?? after
    if (couplings.length < limit) break
  }
  return (await table.readAccess(session.signal)) === access ? access : null
}
