import type { EndQuestion } from '../../core/ports/operations-store.ts'
import type { RunDetails } from '../../core/ports/run-store.ts'
import type { Line } from '../../core/sync/run.ts'
import type { Deps } from '../deps.ts'
import { answerQuestion } from './answer-question.ts'

/**
 * The question at the end of a full synchronization: keep creating new records in scheduled jobs? (domain.md §13.1)
 * Asked before the run ends, so that no crash can lose it, and about mappings that are "only coupled"; until it is
 * answered, and if it never is, nothing changes (P12). Scheduled runs and previews never ask. Repeatable.
 */
export async function settleQuestion(
  details: RunDetails,
  deps: Pick<Deps, 'stores' | 'settings' | 'log'>,
): Promise<void> {
  const { run } = details
  if (run.kind !== 'full' || run.scheduleId !== null || run.options.dryRun) return
  const question = (await deps.stores.operations.findQuestion(run.id)) ?? (await ask(details, deps))
  if (question === null || question.state !== 'open' || run.options.keepCreating === 'ask') return
  await answerQuestion({ runId: run.id, answer: run.options.keepCreating, answeredBy: run.requestedBy }, deps)
}

async function ask(
  details: RunDetails,
  deps: Pick<Deps, 'stores' | 'settings'>,
): Promise<EndQuestion | null> {
  const mappings = []
  for (const line of details.lines.filter((each) => hasCreated(each, details))) {
    const { onlyCoupled } = await deps.stores.mappings.getMappingVersion(line.mappingId, line.mappingVersion)
    if (onlyCoupled)
      mappings.push({ mappingId: line.mappingId, name: line.mappingName, version: line.mappingVersion })
  }
  if (mappings.length === 0) return null
  const { questionMs } = deps.settings
  return deps.stores.operations.openQuestion({
    runId: details.run.id,
    pairId: details.run.pairId,
    mappings,
    expiresInMs: questionMs,
  })
}

function hasCreated({ id, selection, state }: Line, { jobs }: RunDetails): boolean {
  const isSynchronized = jobs.some(({ lineId, type }) => lineId === id && type === 'synchronization')
  return selection === 'all' && state === 'finished' && isSynchronized
}
