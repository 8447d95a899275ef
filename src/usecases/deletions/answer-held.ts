import { SyncError } from '../../core/errors.ts'
import type { HeldDeletions } from '../../core/ports/deletion-store.ts'
import type { StoredMapping } from '../../core/ports/mapping-store.ts'
import { policyChoice } from '../../core/sync/deletion.ts'
import type { Run } from '../../core/sync/run.ts'
import type { Deps } from '../deps.ts'
import { runDueWork } from './run-due-work.ts'

type AnswerDeps = Pick<Deps, 'stores' | 'queue' | 'log'>

/** The deletions of a run that the brake holds, of one mapping or of all. Throws RUN_UNKNOWN, MAPPING_UNKNOWN, NOTHING_HELD. */
export async function listHeldDeletions(
  { runId, mapping }: { runId: number; mapping: string | null },
  deps: Pick<Deps, 'stores'>,
): Promise<readonly HeldDeletions[]> {
  const { run } = await deps.stores.runs.getRun(runId)
  const mappingId = mapping === null ? null : (await deps.stores.mappings.getMapping(run.pairId, mapping)).id
  const held = await deps.stores.deletions.listHeld(runId, mappingId)
  if (held.length > 0) return held
  const message = `No deletions of run ${runId} are held: they have their answer, or a later run holds them`
  throw new SyncError('NOTHING_HELD', message)
}

/**
 * Lets held deletions go on as the mapping's policy says. The approval is for the records held now and no others; it is
 * refused when they are not as many as the person has seen. Throws NOTHING_HELD.
 */
export async function approveHeld(
  request: { runId: number; mapping: string | null; records: number; by: string },
  deps: AnswerDeps,
): Promise<Run> {
  const held = await listHeldDeletions(request, deps)
  const records = held.reduce((sum, each) => sum + each.records, 0)
  if (records !== request.records) {
    const message = `${records} deletions of run ${request.runId} are held, not ${request.records}: look at them again`
    throw new SyncError('NOTHING_HELD', message)
  }
  const judged: {
    readonly held: HeldDeletions
    readonly mapping: StoredMapping
    readonly choice: NonNullable<(typeof policyChoice)[keyof typeof policyChoice]>
  }[] = []
  for (const each of held) {
    const mapping = await deps.stores.mappings.getMappingById(each.mappingId)
    const choice = policyChoice[mapping.definition.deletionConflict]
    if (choice === null) {
      const message = `Mapping ${each.mappingName} has no policy any more that does something about deleted records`
      throw new SyncError('NOTHING_HELD', message)
    }
    judged.push({ held: each, mapping, choice })
  }
  // All are judged before the first one goes on: an approval that is refused deletes nothing.
  for (const each of judged) await answer(request.runId, each.held, each.choice, request.by, deps)
  const mappings = judged.map(({ mapping }) => mapping)
  const { runId, by } = request
  const { pairId } = (await deps.stores.runs.getRun(runId)).run
  const asked = { pairId, by, reason: `Approved: run ${runId}`, answers: { heldInRun: runId } }
  return runDueWork(mappings, asked, deps)
}

/** Nothing is done about them: each becomes an issue of its own that somebody may decide about. Throws NOTHING_HELD. */
export async function rejectHeld(
  request: { runId: number; mapping: string | null; by: string },
  deps: AnswerDeps,
): Promise<readonly HeldDeletions[]> {
  const held = await listHeldDeletions(request, deps)
  for (const each of held) await answer(request.runId, each, 'leave', request.by, deps)
  return held
}

function answer(
  runId: number,
  { mappingId, records }: HeldDeletions,
  choice: NonNullable<(typeof policyChoice)[keyof typeof policyChoice]> | 'leave',
  by: string,
  deps: AnswerDeps,
): Promise<void> {
  return deps.stores.deletions.answerHeld({ runId, mappingId, expected: records }, choice, by)
}
