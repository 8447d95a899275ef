import { type Command, Option } from 'commander'
import { showRun } from '../../api/views.ts'
import type { Context } from '../../app/context.ts'
import type { Run } from '../../core/sync/run.ts'
import { linesOf, retryLines, retryRecords } from '../../usecases/flow/retry-run.ts'
import { jsonOption, parseId } from '../arguments.ts'
import { announce } from '../asked-run.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { printJson } from '../output.ts'
import { waitForRun } from '../run-result.ts'
import { act, withContext } from '../session.ts'

interface Options {
  readonly lines?: boolean
  readonly records?: boolean
  readonly line?: string
  readonly reason?: string
  readonly wait?: boolean
  readonly json?: boolean
}

/** `couplet retry RUN` */
export function addRetry(program: Command, finish: Finish): void {
  program
    .command('retry')
    .description('Run the failed lines of a run again; when it has none, the records that failed or wait')
    .argument('<run>', 'number of the run', parseId)
    .addOption(
      new Option('--lines', 'failed and blocked lines only, from where they stopped').conflicts('records'),
    )
    .option('--records', 'failed, waiting, conflicting and skipped records only, as a new run')
    .addOption(
      new Option(
        '--line <mapping>',
        'the line of one mapping only, also when it has finished: then from the start',
      ).conflicts('records'),
    )
    .addOption(new Option('--reason <text>', 'why, for the audit log').conflicts('records'))
    .option('--wait', 'work here until it is done; no running service is needed')
    .addOption(jsonOption())
    .action((runId: number, options: Options) => finish(() => retry(runId, options)))
}

function retry(runId: number, options: Options): Promise<number> {
  if (options.wait) return waitForRun((context) => begin(runId, options, context), options)
  return withContext(async (context) => {
    const run = await begin(runId, options, context)
    if (options.json) printJson({ run: showRun(run) })
    else announce(run)
    return exitCodes.good
  })
}

async function begin(runId: number, options: Options, { deps }: Context): Promise<Run> {
  const details = await deps.stores.runs.getRun(runId)
  const asked = act(options.reason)
  if (options.line !== undefined) return retryLines(runId, linesOf(options.line, details), asked, deps)
  const { lines } = details
  const hasFailedLines = lines.some((line) => line.state === 'failed' || line.state === 'blocked')
  return options.lines || (hasFailedLines && !options.records)
    ? retryLines(runId, null, asked, deps)
    : retryRecords(runId, asked.by, deps)
}
