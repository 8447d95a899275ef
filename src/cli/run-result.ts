import { findPreview, type PreviewView, showPreview } from '../api/preview-view.ts'
import { showJob, showLine, showQuestion, showRun, sumCounters } from '../api/views.ts'
import type { Config } from '../app/config.ts'
import type { Context } from '../app/context.ts'
import type { EndQuestion } from '../core/ports/operations-store.ts'
import type { RunDetails } from '../core/ports/run-store.ts'
import { type Run, runIsDone } from '../core/sync/run.ts'
import type { Deps } from '../usecases/deps.ts'
import { canAsk, settleQuestion } from './end-question.ts'
import { exitCodeOfRun, exitCodes } from './exit-codes.ts'
import { formatDirection, print, printJson, say } from './output.ts'
import { printPreview } from './preview-result.ts'
import { reportInterruption } from './report-error.ts'
import { listProblems, listSkipped, type ProblemGroup, printProblems, printSkipped } from './run-problems.ts'
import { commandConfig } from './session.ts'
import { describeParts, renderResultTable, sumOf } from './table-results.ts'
import type { WorkSession } from './work.ts'

/** What is known of a run besides its own rows. */
export interface RunReport {
  readonly problems: readonly ProblemGroup[]
  /** Records that a full synchronization has left out because they are skipped. */
  readonly skipped: readonly ProblemGroup[]
  readonly preview: PreviewView | null
  readonly question: EndQuestion | null
}

export async function readReport(details: RunDetails, deps: Pick<Deps, 'stores'>): Promise<RunReport> {
  return {
    problems: await listProblems(details, deps),
    skipped: await listSkipped(details, deps),
    preview: await findPreview(details, deps),
    question: await deps.stores.operations.findQuestion(details.run.id),
  }
}

/** What the HTTP API says about a run, and its problems: the JSON of `couplet run` and of every `--wait`. */
export function runAsJson({ run, lines, jobs }: RunDetails, report: RunReport) {
  const { problems, skipped, preview, question } = report
  return {
    run: showRun(run),
    lines: lines.map(showLine),
    jobs: jobs.map(showJob),
    counters: sumCounters(jobs),
    problems,
    skipped,
    preview: preview === null ? null : showPreview(preview),
    question: question === null ? null : showQuestion(question),
  }
}

/** Whoever was to begin a run was stopped before there was one; what is said of that. */
export interface StoppedBefore {
  readonly stopped: string
}

/**
 * Gets a run from `begin`, works it off in this process, shows its progress and its result. Returns the exit code:
 * that of the run, or 130 when it was stopped; the run then goes on when a worker runs again.
 */
export async function waitForRun(
  begin: (context: Context, signal: AbortSignal) => Promise<Run | StoppedBefore>,
  options: { readonly json?: boolean | undefined },
  config: Config = commandConfig(),
): Promise<number> {
  const output = { json: options.json === true, stream: process.stderr }
  const { followRun, workInThisProcess } = await import('./work.ts')
  return workInThisProcess(config, output, async (session) => {
    const run = await begin(session.context, session.signal)
    if ('stopped' in run) return reportInterruption(run.stopped, output)
    const details = await followRun(run.id, session)
    if (!runIsDone(details.run.state)) {
      sayGoesOn(run.id)
      if (!options.json) return exitCodes.interrupted
    }
    return showResult(details, session, options)
  })
}

function sayGoesOn(runId: number): void {
  say(`Stopped. Run ${runId} is stored and goes on where it was:`)
  say(`  with a service that runs (\`couplet start\`), or here with \`couplet run ${runId} --wait\`.`)
}

async function showResult(
  details: RunDetails,
  { context, signal }: WorkSession,
  { json }: { readonly json?: boolean | undefined },
): Promise<number> {
  const report = await readReport(details, context.deps)
  const code = exitCodeOfRun(details.run.state)
  if (json) {
    printJson(runAsJson(details, report))
    return code
  }
  printResult(details, report)
  if (report.question) {
    print('')
    await settleQuestion(report.question, context.deps, { ask: canAsk(json), signal })
  }
  return code
}

/** The table of results, the errors of lines, the problems of records by code, and what a preview has found. */
export function printResult(details: RunDetails, report: RunReport): void {
  const { problems, skipped, preview } = report
  print('')
  print(renderResultTable(details))
  for (const { mappingName, state, error, blockedBy } of details.lines) {
    if (error) print(`${mappingName} ${state}: ${error.message} (${error.code})`)
    else if (state === 'blocked') print(`${mappingName} blocked by ${blockedBy.join(', ')}`)
  }
  if (details.run.error) print(`Run ${details.run.state}: ${details.run.error.message}`)
  for (const { mappingName, direction, takeovers } of details.jobs) {
    if (takeovers > 0)
      print(
        `${mappingName} ${formatDirection(direction)}: taken over ${takeovers}× after its worker had died`,
      )
  }
  const parts = describeParts(sumOf(details))
  if (parts !== '') print(parts)
  if (sumOf(details).notCoupled > 0) {
    print(
      'not coupled: no partner was created, because the mapping takes only coupled records (onlyCoupled);',
    )
    print('  a full synchronization creates it, or `couplet sync record --create`.')
  }
  if (preview !== null) printPreview(preview)
  printSkipped(skipped)
  if (problems.length === 0) return
  print('')
  printProblems(problems)
  print(`Each record: couplet issues; try again after correcting: couplet retry ${details.run.id}`)
}
