import type { JobContext, Verdict } from '../../core/jobs/catalog.ts'
import { type Line, lineIsDone, type Run, runIsDone } from '../../core/sync/run.ts'
import type { Deps } from '../deps.ts'
import { hasDueWork } from '../preview/preview-sync.ts'
import { settleQuestion } from '../question/settle-question.ts'
import { settleGuarded } from '../schedules/settle-schedules.ts'
import { requestLine } from './plan-run.ts'
import { linesInQueue } from './unfinished-runs.ts'

/** Follow-up passes of one run for records whose reference was coupled after their own line had finished. */
const MAX_FOLLOW_UPS = 3

/**
 * The parent of a run. Re-entrant: reads the lines, adds what can run and stands in no live queue job, waits for its
 * children again, and finishes only when nothing runs or can run (architecture.md §5.1).
 */
export async function runParent(ids: { runId: number }, context: JobContext, deps: Deps): Promise<Verdict> {
  const details = await deps.stores.runs.getRun(ids.runId)
  const { run, lines } = details
  if (runIsDone(run.state)) return { verdict: 'done' }
  await deps.stores.runs.startRun(run.id)
  if (lines.some((line) => !lineIsDone(line.state))) {
    await reviveLines(run, lines, deps)
    return { verdict: 'wait-for-children' }
  }
  if (run.cancelledBy === null && (await addFollowUps(run, lines, deps)))
    return { verdict: 'wait-for-children' }
  if (run.cancelledBy === null) await settleQuestion(details, deps)
  const finished = await deps.stores.runs.finishRunIfDone(run.id)
  if (!runIsDone(finished.state))
    return { verdict: 'later', inMs: 500, reason: 'Lines were added while the run was ending' }
  deps.log.info({ run: run.id, state: finished.state }, 'The run has finished')
  if (run.scheduleId !== null) await settleGuarded(run.scheduleId, deps, context.signal)
  return { verdict: 'done' }
}

/**
 * Enqueues every line that should run and that no live queue job stands for, under a new generation. A line that has ended since
 * it was read is left alone: it ends in the store before its job does. An id that was in the queue is never used again: below the
 * same parent BullMQ on Postgres would count it twice, and wait for ever should it fail.
 */
export async function reviveLines(
  run: Run,
  lines: readonly Line[],
  deps: Pick<Deps, 'stores' | 'queue'>,
): Promise<number> {
  const revived: Line[] = []
  for (const line of linesInQueue(lines)) {
    if ((await deps.queue.lineState(line)) === 'live') continue
    const generation = await deps.stores.runs.raiseLineGeneration(line)
    if (generation !== null) revived.push({ ...line, generation })
  }
  if (revived.length > 0) await deps.queue.addLines(run, revived)
  return revived.length
}

/** Records released by a coupling of this very run complete in it: one more line per mapping that has due work. */
async function addFollowUps(run: Run, lines: readonly Line[], deps: Deps): Promise<boolean> {
  if (run.kind === 'records' || run.options.onlyAsked) return false
  if (lines.some((line) => line.state === 'failed')) return false
  const followUps = []
  for (const mappingId of new Set(lines.map((line) => line.mappingId))) {
    const passes = lines.filter(
      (line) => line.mappingId === mappingId && line.selection === 'requests',
    ).length
    if (passes >= MAX_FOLLOW_UPS || !(await hasDueWork(run, mappingId, deps))) continue
    const mapping = await deps.stores.mappings.getMappingById(mappingId)
    if (!mapping.definition.enabled) continue
    followUps.push(requestLine(mapping, lines.length + followUps.length + 1, []))
  }
  if (followUps.length === 0) return false
  const all = await deps.stores.runs.addLines(run.id, followUps)
  await deps.queue.addLines(
    run,
    all.filter((line) => line.state === 'ready'),
  )
  return true
}
