import { type JobDirection, jobDirections, type Side, sourceSide } from '../../core/mapping/definition.ts'
import type { DeletionSuspect } from '../../core/ports/deletion-store.ts'
import { isTooMany } from '../../core/sync/deletion.ts'
import type { BrakeVerdict, Checkpoint, Job } from '../../core/sync/run.ts'
import { findChangedAccess } from './access.ts'
import { judgeSuspects } from './judge-suspects.ts'
import { searchedSides } from './searched-sides.ts'
import { type LineSession, step } from './session.ts'

const nothing: BrakeVerdict = { records: 0, coupled: 0, isHeld: false, isWhole: true, accessChange: null }

/**
 * The search of a preview: it notes nothing that a real run could meet, so it looks up the records of every coupling
 * instead of comparing lists of keys – once to count what the brake would be asked about, and once more to judge it. A
 * preview of a run of changes does not search; there, what a changed record has lost is judged with its page.
 */
export async function previewDeletions(
  session: LineSession,
  job: Job,
  checkpoint: Checkpoint,
): Promise<BrakeVerdict> {
  if (session.line.selection === 'changes') return nothing
  const begun = checkpoint.deletions?.verdict ?? null
  const verdict = begun ?? (await countLost(session, job.direction))
  if (verdict.records === 0) return verdict
  const deletions = { done: [], isWhole: true, comparison: null, access: {}, verdict }
  let number = 0
  const from = begun === null ? 0 : Number(checkpoint.cursor)
  for await (const { lost: suspects, last } of listPages(session, job.direction, from)) {
    number += 1
    const reached = { ...checkpoint, cursor: String(last), passDone: true, deletions }
    if (suspects.length > 0)
      await judgeSuspects(session, job, number, { suspects, verdict, checkpoint: reached })
  }
  return verdict
}

async function countLost(session: LineSession, direction: JobDirection): Promise<BrakeVerdict> {
  let records = 0
  let coupled = 0
  for await (const page of listPages(session, direction, 0)) {
    records += page.lost.length
    coupled += page.coupled
  }
  if (records === 0) return { ...nothing, coupled }
  const set = { records, coupled }
  const accessChange = await findChangedAccess(session, searchedSides(session, direction))
  const isHeld = accessChange !== null || isTooMany(session.mapping.definition, set)
  return { ...set, isHeld, isWhole: true, accessChange }
}

interface CouplingPage {
  readonly coupled: number
  readonly lost: readonly DeletionSuspect[]
  /** Id of the last coupling. */
  readonly last: number
}

async function* listPages(
  session: LineSession,
  direction: JobDirection,
  from: number,
): AsyncGenerator<CouplingPage> {
  const { sync } = session.commits
  const limit = session.deps.settings.pageSize
  const last = await sync.findLastCoupling(session.mapping.id)
  const sides = searchedSides(session, direction)
  for (let after = from, number = 1; ; number += 1) {
    session.signal.throwIfAborted()
    await step(session, 'read', number)
    const couplings = await sync.listCouplings(session.mapping.id, { after, last, limit })
    const isThere = async (side: Side) => {
      const keys = couplings.map((coupling) => coupling[side].key)
      const found = await session.tables[side].readByKeys(keys, [], session.signal)
      return (suspect: DeletionSuspect) => found.has(suspect.keys[side])
    }
    const checks = couplings.length === 0 ? [] : await Promise.all(sides.map(isThere))
    const all = couplings.map(({ id, local, remote }) => ({
      couplingId: id,
      keys: { local: local.key, remote: remote.key },
    }))
    after = couplings.at(-1)?.id ?? after
    const lost = all.filter((each) => checks.some((check) => !check(each)))
    yield { coupled: all.length, lost: await ofThisJob(session, direction, lost), last: after }
    if (couplings.length < limit) return
  }
}

/** A pair that has lost both records is judged once, by the first job: a preview remembers no end of a coupling. */
async function ofThisJob(
  session: LineSession,
  direction: JobDirection,
  lost: readonly DeletionSuspect[],
): Promise<readonly DeletionSuspect[]> {
  if (lost.length === 0 || jobDirections(session.mapping.definition.direction)[0] === direction) return lost
  const side = sourceSide[direction]
  const keys = lost.map((suspect) => suspect.keys[side])
  const found = await session.tables[side].readByKeys(keys, [], session.signal)
  return lost.filter((suspect) => found.has(suspect.keys[side]))
}
