import { randomUUID } from 'node:crypto'
import {
  type BackendFactory,
  createPostgresBackend,
  createRedisBackend,
  DEFAULT_SCHEMA,
  FlowProducer,
  isPgPool,
  Worker,
} from 'bullmq'
import pg from 'pg'
import { systemClock } from '../../src/app/clock.ts'
import { createLog } from '../../src/app/logger.ts'
import type { Line, Run } from '../../src/core/sync/run.ts'
import { openQueueBackend } from '../../src/queue/connection.ts'
import { createJobQueue } from '../../src/queue/job-queue.ts'
import { startWorkers } from '../../src/queue/workers.ts'
import { seconds } from '../measure.ts'

const CONCURRENCY = 4

export interface QueueTimes {
  /** Microseconds per job, from the enqueueing of the flow to the end of its parent. */
  readonly couplet: number
  readonly bullmq: number
}

/** Flows of `jobs` children that do nothing, through our queue layer and through BullMQ alone, on the same server, in turns. */
export async function measureQueue(
  url: string,
  jobs: number,
  rounds: number,
): Promise<readonly QueueTimes[]> {
  const ours = await openOurs(url)
  const bare = await openBare(url)
  try {
    // Until both are compiled.
    for (const { flow } of [ours, bare]) await flow(jobs)
    const times: QueueTimes[] = []
    for (let round = 0; round < rounds; round += 1) {
      const result = { couplet: 0, bullmq: 0 }
      for (const who of round % 2 === 0
        ? (['couplet', 'bullmq'] as const)
        : (['bullmq', 'couplet'] as const)) {
        const flow = who === 'couplet' ? ours.flow : bare.flow
        result[who] = ((await seconds(() => flow(jobs))) * 1_000_000) / jobs
      }
      times.push(result)
    }
    return times
  } finally {
    await bare.close()
    await ours.close()
  }
}

interface Contestant {
  flow(jobs: number): Promise<void>
  close(): Promise<void>
}

async function openOurs(url: string): Promise<Contestant> {
  const log = createLog({ logLevel: 'silent', logFormat: 'json' })
  const backend = await openQueueBackend({ url, log, prefix: `bench-${randomUUID().slice(0, 8)}` })
  const queue = createJobQueue(backend, log)
  let ended: () => void = () => {}
  const workers = await startWorkers({
    backend,
    log,
    clock: systemClock,
    random: Math.random,
    concurrency: { 'couplet-runs': 1, 'couplet-lines': CONCURRENCY, 'couplet-schedules': 0 },
    lockSeconds: 30,
    processors: {
      'full-sync': async () => {
        ended()
        return { verdict: 'done' }
      },
      'sync-line': async () => ({ verdict: 'done' }),
      'bulk-operation': async () => ({ verdict: 'done' }),
      'schedule-slot': async () => ({ verdict: 'done' }),
    },
  })
  let last = 0
  return {
    async flow(jobs) {
      const end = new Promise<void>((resolve) => {
        ended = resolve
      })
      last += 1
      const run = { id: last, generation: 1, priority: 3 } as Run
      const lines = Array.from(
        { length: jobs },
        (_, index) => ({ id: last * 100_000 + index, runId: last, generation: 1 }) as Line,
      )
      await queue.addRun(run, lines)
      await end
    },
    async close() {
      await workers.close()
      await queue.close()
    },
  }
}

/** As BullMQ's documentation shows it. */
async function openBare(url: string): Promise<Contestant> {
  const { options, factory, end } = url.startsWith('postgres') ? openPostgres(url) : openRedis(url)
  let ended: () => void = () => {}
  const flows = new FlowProducer(options, factory)
  const parents = new Worker('bare-parents', async () => ended(), options, factory)
  const children = new Worker(
    'bare-children',
    async () => {},
    { ...options, concurrency: CONCURRENCY },
    factory,
  )
  for (const each of [flows, parents, children]) await each.waitUntilReady()
  return {
    async flow(jobs) {
      const end = new Promise<void>((resolve) => {
        ended = resolve
      })
      const list = Array.from({ length: jobs }, (_, index) => ({
        name: 'child',
        queueName: 'bare-children',
        data: { index },
      }))
      await flows.add({ name: 'parent', queueName: 'bare-parents', data: {}, children: list })
      await end
    },
    async close() {
      for (const each of [parents, children, flows]) await each.close()
      await end()
    },
  }
}

interface Server {
  readonly options: { readonly connection: object; readonly prefix: string }
  readonly factory: BackendFactory
  end(): Promise<void>
}

function openRedis(url: string): Server {
  const prefix = `bare-${randomUUID().slice(0, 8)}`
  const connection = { url, maxRetriesPerRequest: null }
  return { options: { connection, prefix }, factory: createRedisBackend, end: async () => {} }
}

function openPostgres(url: string): Server {
  const pool = new pg.Pool({ connectionString: `${url}?options=-c search_path=${DEFAULT_SCHEMA}`, max: 10 })
  pool.setMaxListeners(50)
  const connection: unknown = pool
  if (!isPgPool(connection)) throw new Error('BullMQ does not take the pool')
  const factory: BackendFactory = (name, opts, roles) =>
    createPostgresBackend(name, { ...opts, connection }, roles)
  return { options: { connection: {}, prefix: DEFAULT_SCHEMA }, factory, end: () => pool.end() }
}
