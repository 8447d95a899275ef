import { SyncError } from '../../core/errors.ts'
import type { EndQuestion } from '../../core/ports/operations-store.ts'
import type { Deps } from '../deps.ts'

type Result = EndQuestion['results'][number]

/**
 * Answers the question of a full synchronization. Yes clears "only coupled" on each mapping it is about by
 * compare-and-set: somebody's edit in between wins and is reported. Throws QUESTION_NOT_OPEN.
 */
export async function answerQuestion(
  given: { runId: number; answer: 'yes' | 'no'; answeredBy: string },
  deps: Pick<Deps, 'stores' | 'log'>,
): Promise<EndQuestion> {
  const question = await deps.stores.operations.findQuestion(given.runId)
  if (question === null || question.state !== 'open') {
    throw new SyncError(
      'QUESTION_NOT_OPEN',
      `Run ${given.runId} has no open question (${question?.state ?? 'none was asked'})`,
    )
  }
  const results: Result[] = []
  for (const mapping of question.mappings) {
    results.push(
      given.answer === 'no'
        ? { name: mapping.name, result: 'kept' }
        : await keepCreating(question, mapping, given, deps),
    )
  }
  return deps.stores.operations.answerQuestion(given.runId, given.answer, results, given.answeredBy)
}

async function keepCreating(
  question: EndQuestion,
  mapping: EndQuestion['mappings'][number],
  given: { runId: number; answeredBy: string },
  deps: Pick<Deps, 'stores'>,
): Promise<Result> {
  const definition = await deps.stores.mappings.getMappingVersion(mapping.mappingId, mapping.version)
  const saved = await deps.stores.mappings.saveMapping({
    pairId: question.pairId,
    definition: { ...definition, onlyCoupled: false },
    expectedVersion: mapping.version,
    selectionChanged: true,
    changedBy: given.answeredBy,
    reason: `Keep creating new records, asked after full synchronization ${given.runId}`,
  })
  if (saved !== null) return { name: mapping.name, result: 'changed' }
  // An answer that was interrupted after this mapping and is given again finds its own change in place.
  const now = await deps.stores.mappings.getMappingById(mapping.mappingId)
  return { name: mapping.name, result: now.definition.onlyCoupled ? 'edited-meanwhile' : 'changed' }
}
