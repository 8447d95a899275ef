import type { Side } from '../../core/mapping/definition.ts'
import { type AccessChange, explainAccessChange, findAccessChange } from '../../core/sync/access.ts'
import { explainBrake } from '../../core/sync/deletion.ts'
import type { BrakeVerdict, DeletionSearch } from '../../core/sync/run.ts'
import type { LineSession } from './session.ts'

const sides = ['local', 'remote'] as const satisfies readonly Side[]

/** What has changed since the absence of a record on these sides was a proof that it was deleted; null: nothing has. */
export async function findChangedAccess(
  session: LineSession,
  of: readonly Side[],
  listed: DeletionSearch['access'] = {},
): Promise<AccessChange | null> {
  const seen = of.map(async (side) => ({
    side,
    before: listed[side],
    now: await session.tables[side].readAccess(session.signal),
    lastClean: (await getLook(session, side)).access,
  }))
  return findAccessChange(await Promise.all(seen))
}

/** Before the first record of a mapping is coupled: whoever looks for it later knows what could be seen then. */
export async function noteFirstAccess(session: LineSession): Promise<void> {
  if (session.run.options.dryRun) return
  for (const side of sides) {
    if ((await getLook(session, side)).access !== null) continue
    await saveAccess(session, side, await session.tables[side].readAccess(session.signal))
  }
}

/** From now on later looks are compared with what could be seen while these sides were listed. */
export async function saveListedAccess(
  session: LineSession,
  listed: DeletionSearch['access'],
): Promise<void> {
  for (const side of sides) {
    const access = listed[side]
    if (typeof access === 'string') await saveAccess(session, side, access)
  }
}

/** Why the set of a verdict is held, for people. */
export function explainHeld({ mapping }: LineSession, verdict: BrakeVerdict): string {
  const { accessChange } = verdict
  if (accessChange === null) return explainBrake(mapping.definition.deletionBrake, verdict)
  const why = explainAccessChange(accessChange, mapping[accessChange.side].schema.table)
  return verdict.records === 0
    ? `${why}: this comparison does not count`
    : `${why}: held until somebody approves`
}

function getLook({ deps, mapping }: LineSession, side: Side) {
  return deps.stores.deletions.getLook(mapping.id, side)
}

function saveAccess({ deps, mapping, lease }: LineSession, side: Side, access: string): Promise<void> {
  return deps.stores.deletions.saveAccess(lease.fence, { mappingId: mapping.id, side, access })
}
