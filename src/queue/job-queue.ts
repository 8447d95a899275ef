import { SyncError } from '../core/errors.ts'
import type { JobQueue } from '../core/ports/job-queue.ts'
import type { Log } from '../core/ports/runtime.ts'
import type { Line, Run } from '../core/sync/run.ts'
import type { QueueBackend } from './backend.ts'
import { lineJob, lineJobId, operationJob, operationJobId, runJob, runJobId } from './job-options.ts'
import { isParked, jobState } from './job-states.ts'
import { reconcileSchedules } from './schedules.ts'
import { reachQueue } from './unavailable.ts'

/** Code in place of an id when a job cannot be put below the parent because it already hangs below another living one. */
const hasOtherParent = -7

/** The JobQueue over an open back end. Its `close` closes the back end too; stop the workers before. */
export function createJobQueue(backend: QueueBackend, log: Log): JobQueue {
  const { place } = backend
  return {
    addRun: (run, readyLines) => reachQueue(place, () => addRun(backend, run, readyLines)),
    addLines: (run, lines) => reachQueue(place, () => addLines(backend, run, lines)),
    runState: (run) => reachQueue(place, () => jobState(backend.queues['couplet-runs'], runJobId(run))),
    isParked: (run) => reachQueue(place, () => isParked(backend.queues['couplet-runs'], runJobId(run))),
    lineState: (line) => reachQueue(place, () => jobState(backend.queues['couplet-lines'], lineJobId(line))),
    addOperation: (operation) =>
      reachQueue(place, async () => {
        const { name, data, opts } = operationJob(operation, backend.kind)
        await backend.queues['couplet-runs'].add(name, data, opts)
      }),
    operationState: (operation) =>
      reachQueue(place, () => jobState(backend.queues['couplet-runs'], operationJobId(operation))),
    reconcileSchedules: (schedules) =>
      reachQueue(place, () => backend.exclusively(() => reconcileSchedules(backend, schedules, log))),
    check: () => backend.check(),
    close: () => backend.close(),
  }
}

/**
 * A run whose parent job exists is only completed by the lines that are missing; a parent that is over stays so until
 * its generation is raised. Without ready lines the parent is added alone: it then runs at once and looks itself.
 */
async function addRun(backend: QueueBackend, run: Run, readyLines: readonly Line[]): Promise<void> {
  const { kind, queues } = backend
  const [state, lines] = await Promise.all([
    jobState(queues['couplet-runs'], runJobId(run)),
    withoutJob(backend, readyLines),
  ])
  if (state === 'dead') return
  if (state === 'live') return addLines(backend, run, lines)
  await backend.flows.add({ ...runJob(run, kind), children: lines.map((line) => lineJob(run, line, kind)) })
}

/**
 * Lines that have a job already are left alone. Adding their ids again would be ignored in silence at best; on Redis a
 * failed one would become a dependency that nothing ever resolves, one below another parent would leave this run's
 * parent waiting for ever.
 */
async function addLines(backend: QueueBackend, run: Run, lines: readonly Line[]): Promise<void> {
  const runs = backend.queues['couplet-runs']
  if ((await jobState(runs, runJobId(run))) !== 'live') throw parentMissing(run)
  const missing = await withoutJob(backend, lines)
  if (missing.length === 0) return
  const parent = { id: runJobId(run), queue: runs.qualifiedName }
  const added = await backend.queues['couplet-lines'].addBulk(
    missing.map((line) => {
      const job = lineJob(run, line, backend.kind)
      return { ...job, opts: { ...job.opts, parent } }
    }),
  )
  if (added.some((job) => isRefused(job.id))) throw parentMissing(run)
}

async function withoutJob(backend: QueueBackend, lines: readonly Line[]): Promise<readonly Line[]> {
  const isTaken = await backend.haveJobs('couplet-lines', lines.map(lineJobId))
  return lines.filter((_, index) => !isTaken[index])
}

/** With the parent gone, BullMQ resolves and answers a negative number, as number or text, in place of the id. */
function isRefused(id: unknown): boolean {
  if (id === undefined || id === null || id === '') return true
  const code = Number(id)
  return Number.isInteger(code) && code < 0 && code !== hasOtherParent
}

function parentMissing(run: Run): SyncError {
  return new SyncError(
    'QUEUE_PARENT_MISSING',
    `The queue has no waiting job ${runJobId(run)} of run ${run.id}`,
    {
      data: { runId: run.id, jobId: runJobId(run) },
    },
  )
}
