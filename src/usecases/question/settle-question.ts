import type { EndQuestion } from '../../core/ports/operations-store.ts'
import type { Line, Run } from '../../core/sync/run.ts'
import type { Deps } from '../deps.ts'
import { answerQuestion } from './answer-question.ts'

/**
 * The question at the end of a full synchronization: keep creating new records in scheduled jobs? (domain.md §13.1)
 * Asked before the run ends, so that no crash can lose it, and about mappings that are "only coupled"; until it is
 * answered, and if it never is, nothing changes (P12). Scheduled runs and previews never ask. Repeatable.
 */
export async function settleQuestion(
  run: Run,
  lines: readonly Line[],
  deps: Pick<Deps, 'stores' | 'settings' | 'log'>,
): Promise<void> {
  if (run.kind !== 'full' || run.scheduleId !== null || run.options.dryRun) return
  const question = (await deps.stores.operations.findQuestion(run.id)) ?? (await ask(run, lines, deps))
  if (question === null || question.state !== 'open' || run.options.keepCreating === 'ask') return
  await answerQuestion({ runId: run.id, answer: run.options.keepCreating, answeredBy: run.requestedBy }, deps)
}

async function ask(
  run: Run,
  lines: readonly Line[],
  deps: Pick<Deps, 'stores' | 'settings'>,
): Promise<EndQuestion | null> {
  const mappings = []
  for (const line of lines.filter((each) => each.selection === 'all' && each.state === 'finished')) {
    const { onlyCoupled } = await deps.stores.mappings.getMappingVersion(line.mappingId, line.mappingVersion)
    if (onlyCoupled)
      mappings.push({ mappingId: line.mappingId, name: line.mappingName, version: line.mappingVersion })
  }
  if (mappings.length === 0) return null
  const { questionMs } = deps.settings
  return deps.stores.operations.openQuestion({
    runId: run.id,
    pairId: run.pairId,
    mappings,
    expiresInMs: questionMs,
  })
}
