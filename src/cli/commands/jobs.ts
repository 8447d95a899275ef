import type { Command } from 'commander'
import { showJob } from '../../api/views.ts'
import type { Job } from '../../core/sync/run.ts'
import { addListOptions } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { counterTitle, elapsedMs, formatCount, formatDuration } from '../format.ts'
import { formatDirection, formatState, formatTime, type ListOptions, printPage } from '../output.ts'
import { withContext } from '../session.ts'

const counters = [
  'read',
  'inserted',
  'modified',
  'coupled',
  'unchanged',
  'skipped',
  'waiting',
  'conflict',
  'failed',
  'notCoupled',
] as const

const listing = {
  name: 'jobs',
  show: showJob,
  columns: [
    { title: 'job', align: 'right' as const },
    { title: 'run', align: 'right' as const },
    { title: 'mapping' },
    { title: 'direction' },
    { title: 'state' },
    ...counters.map((name) => ({ title: counterTitle(name), align: 'right' as const })),
    { title: 'started (UTC)' },
    { title: 'time', align: 'right' as const },
    { title: 'error' },
  ],
  row: (job: Job) => [
    String(job.id),
    String(job.runId),
    job.mappingName,
    formatDirection(job.direction),
    job.preview ? `${formatState(job.state)} (preview)` : formatState(job.state),
    ...counters.map((name) => formatCount(job.counters[name])),
    formatTime(job.startedAt),
    formatDuration(elapsedMs(job.startedAt, job.finishedAt)),
    job.error ? `${job.error.code}: ${job.error.message}` : '',
  ],
  empty: 'There are no jobs yet.',
}

/** `couplet jobs` */
export function addJobs(program: Command, finish: Finish): void {
  addListOptions(program.command('jobs'))
    .description('List jobs (one direction of one mapping in a run), newest first')
    .option('--mapping <name>', 'only jobs of this mapping')
    .action((options: ListOptions & { mapping?: string }) =>
      finish(() =>
        withContext(async ({ deps }) => {
          const { limit, before, mapping = null } = options
          const jobs = await deps.stores.runs.listJobs({ limit, before, mapping })
          const isPart = mapping !== null || before !== null
          printPage(jobs, options, isPart ? { ...listing, empty: 'There are no such jobs.' } : listing)
          return exitCodes.good
        }),
      ),
    )
}
