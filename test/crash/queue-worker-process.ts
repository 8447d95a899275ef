import type { Verdict } from '../../src/core/jobs/catalog.ts'
import { openQueueBackend } from '../../src/queue/connection.ts'
import { createJobQueue } from '../../src/queue/job-queue.ts'
import { startWorkers } from '../../src/queue/workers.ts'
import { makeLine, makeRun, processorsWith, realClock, recordingLog } from '../contract/queue/fixtures.ts'

/** What the process is told on its command line, as JSON. */
export interface WorkerOrders {
  readonly url: string
  readonly prefix: string
  /** Steps at which it reports and then hangs, waiting to be killed: `line 11`, `line 11 grown`, `run 1`. */
  readonly hangAt: readonly string[]
  /** Lines that a line adds below its run when it is processed, by line id. */
  readonly next: Readonly<Record<string, readonly number[]>>
  /** Lines the parent adds with generation 2 at its first look. */
  readonly secondTry: readonly number[]
}

const done: Verdict = { verdict: 'done' }

async function main(orders: WorkerOrders): Promise<void> {
  const log = recordingLog()
  const backend = await openQueueBackend({ url: orders.url, prefix: orders.prefix, log })
  const queue = createJobQueue(backend, log)
  const reach = async (step: string) => {
    process.send?.(step)
    if (orders.hangAt.includes(step)) await new Promise(() => setInterval(() => {}, 1_000))
  }
  let pending = orders.secondTry
  await startWorkers({
    backend,
    log,
    processors: processorsWith({
      'full-sync': async ({ runId }) => {
        await reach(`run ${runId}`)
        const run = makeRun(runId)
        const again = pending.map((id) => makeLine(run, id, { generation: 2 }))
        pending = []
        await queue.addLines(run, again)
        return again.length > 0 ? { verdict: 'wait-for-children' } : done
      },
      'sync-line': async ({ runId, lineId }) => {
        await reach(`line ${lineId}`)
        const run = makeRun(runId)
        const next = orders.next[lineId] ?? []
        await queue.addLines(
          run,
          next.map((id) => makeLine(run, id)),
        )
        if (next.length > 0) await reach(`line ${lineId} grown`)
        return done
      },
    }),
    // One line at a time: a process that is killed takes no innocent neighbour with it.
    concurrency: { 'couplet-runs': 1, 'couplet-lines': 1, 'couplet-schedules': 0 },
    clock: realClock,
    random: Math.random,
    lockSeconds: 1,
    maxStalls: 1,
  })
}

await main(JSON.parse(process.argv[2] ?? '{}') as WorkerOrders)
