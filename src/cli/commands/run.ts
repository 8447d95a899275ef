import type { Command } from 'commander'
import type { RunDetails } from '../../core/ports/run-store.ts'
import type { Line } from '../../core/sync/run.ts'
import { jsonOption, parseId } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { elapsedMs, formatDuration } from '../format.ts'
import { formatKind, formatState, formatTime, print, printJson } from '../output.ts'
import { printResult, type RunReport, readReport, runAsJson, waitForRun } from '../run-result.ts'
import { withContext } from '../session.ts'
import { renderTable } from '../table.ts'
import { renderTimingTable } from '../table-timing.ts'

interface Options {
  readonly json?: boolean
  readonly wait?: boolean
  readonly timing?: boolean
}

/** `couplet run ID` */
export function addRun(program: Command, finish: Finish): void {
  program
    .command('run')
    .description('Show one run: its lines, jobs, counters, errors and question')
    .argument('<id>', 'number of the run', parseId)
    .option('--wait', 'work here until the run is done; no running service is needed')
    .option('--timing', 'also show where the time of each job went, and how many requests each step took')
    .addOption(jsonOption())
    .action((id: number, options: Options) =>
      finish(() => (options.wait ? wait(id, options) : show(id, options))),
    )
}

function wait(id: number, options: Options): Promise<number> {
  return waitForRun(async ({ deps }) => (await deps.stores.runs.getRun(id)).run, options)
}

function show(id: number, { json, timing }: Options): Promise<number> {
  return withContext(async ({ deps }) => {
    const details = await deps.stores.runs.getRun(id)
    const report = await readReport(details, deps)
    if (json) printJson(runAsJson(details, report))
    else showRun(details, report)
    if (timing && !json) print(`\n${renderTimingTable(details)}`)
    return exitCodes.good
  })
}

function showRun(details: RunDetails, report: RunReport): void {
  const { run } = details
  print(`Run ${run.id}: ${formatKind(run)}, ${formatState(run.state)}`)
  print(`  asked for by ${run.requestedBy}${run.reason ? ` (${run.reason})` : ''}`)
  print(
    `  created ${formatTime(run.createdAt)}, started ${formatTime(run.startedAt)}, finished ${formatTime(run.finishedAt)} (UTC)`,
  )
  print('')
  print(
    renderTable(
      lineColumns,
      details.lines.map((line) => lineRow(details, line)),
    ),
  )
  printResult(details, report)
  const { question } = report
  if (!question) return
  print('')
  print(`Keep creating new records in scheduled jobs? ${question.answer ?? question.state}`)
  if (question.state === 'open') print(`  Answer it with \`couplet answer ${run.id} yes\` or \`no\`.`)
}

const lineColumns = [
  { title: 'line' },
  { title: 'looks at' },
  { title: 'work' },
  { title: 'state' },
  { title: 'after' },
  { title: 'blocked by' },
  { title: 'ignored dependencies' },
  { title: 'time', align: 'right' as const },
]

function lineRow({ lines, jobs }: RunDetails, line: Line): readonly string[] {
  const after = lines.filter((other) => line.dependsOn.includes(other.id)).map((other) => other.mappingName)
  return [
    line.mappingName,
    line.selection,
    jobs.find((job) => job.lineId === line.id)?.type ?? '',
    formatState(line.state),
    after.join(', '),
    line.blockedBy.join(', '),
    line.ignoredDependencies.join(', '),
    formatDuration(elapsedMs(line.startedAt, line.finishedAt)),
  ]
}
