import type { Command } from 'commander'
import { showRun } from '../../api/views.ts'
import { runIsDone } from '../../core/sync/run.ts'
import { jsonOption, parseId } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { print, printJson, say } from '../output.ts'
import { whoAsks, withContext } from '../session.ts'

interface Options {
  readonly reason?: string
  readonly json?: boolean
}

/** `couplet cancel RUN` */
export function addCancel(program: Command, finish: Finish): void {
  program
    .command('cancel')
    .description('Stop a run: lines that have not begun do not begin, those at work stop after their page')
    .argument('<run>', 'number of the run', parseId)
    .option('--reason <text>', 'why, for the audit log')
    .addOption(jsonOption())
    .action((runId: number, options: Options) => finish(() => cancel(runId, options)))
}

function cancel(runId: number, { reason, json }: Options): Promise<number> {
  return withContext(async ({ deps }) => {
    const run = await deps.stores.runs.cancelRun(runId, { by: whoAsks(), reason: reason ?? null })
    if (json) printJson({ run: showRun(run) })
    else if (runIsDone(run.state)) print(`Run ${runId} is cancelled.`)
    else {
      print(`Run ${runId} ends with the pages that are being worked on.`)
      say(`  See it with \`couplet run ${runId}\`.`)
    }
    return exitCodes.good
  })
}
