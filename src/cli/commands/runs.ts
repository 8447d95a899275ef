import { type Command, Option } from 'commander'
import { showRun } from '../../api/views.ts'
import { type Run, type RunKind, runKinds } from '../../core/sync/run.ts'
import { addListOptions } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { elapsedMs, formatDuration } from '../format.ts'
import { formatKind, formatState, formatTime, type ListOptions, printPage } from '../output.ts'
import { withContext } from '../session.ts'

const listing = {
  name: 'runs',
  show: showRun,
  columns: [
    { title: 'run', align: 'right' as const },
    { title: 'kind' },
    { title: 'state' },
    { title: 'created (UTC)' },
    { title: 'time', align: 'right' as const },
    { title: 'by' },
    { title: 'reason' },
  ],
  row: (run: Run) => [
    String(run.id),
    formatKind(run),
    formatState(run.state),
    formatTime(run.createdAt),
    formatDuration(elapsedMs(run.startedAt, run.finishedAt)),
    run.requestedBy,
    run.reason,
  ],
  empty: 'There are no runs yet. Start one with `couplet sync full --wait`.',
}

/** `couplet runs` */
export function addRuns(program: Command, finish: Finish): void {
  addListOptions(program.command('runs'))
    .description('List runs, newest first')
    .addOption(new Option('--kind <kind>', 'only runs of this kind').choices(runKinds))
    .action((options: ListOptions & { kind?: RunKind }) =>
      finish(() =>
        withContext(async ({ deps }) => {
          const { limit, before, kind = null } = options
          const runs = await deps.stores.runs.listRuns({ limit, before, kind })
          const isPart = kind !== null || before !== null
          printPage(runs, options, isPart ? { ...listing, empty: 'There are no such runs.' } : listing)
          return exitCodes.good
        }),
      ),
    )
}
