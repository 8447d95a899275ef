import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import pg from 'pg'
import type { Processors } from '../../../src/core/jobs/catalog.ts'
import type { JobQueue } from '../../../src/core/ports/job-queue.ts'
import type { QueueBackend } from '../../../src/queue/backend.ts'
import { openQueueBackend } from '../../../src/queue/connection.ts'
import { createJobQueue } from '../../../src/queue/job-queue.ts'
import { type QueueWorkers, startWorkers, type WorkersOptions } from '../../../src/queue/workers.ts'
import { createDatabase } from '../../support/postgres.ts'
import { redisUrl } from '../../support/redis.ts'
import { processorsWith, realClock, recordingLog } from './fixtures.ts'

/** A queue server of a test file's own: everything in it can be thrown away, as an operator might do. */
export interface QueueServer {
  readonly url: string
  readonly prefix: string
  /** Removes all queue data in one step, with processes connected. */
  flush(): Promise<void>
  /** Loses the delayed jobs of one queue and nothing else. */
  loseDelayed(queue: string): Promise<void>
  drop(): Promise<void>
}

export async function makePostgresServer(): Promise<QueueServer> {
  const database = await createDatabase()
  const query = async (statement: string, values: string[] = []) => {
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    try {
      await client.query(statement, values)
    } finally {
      await client.end()
    }
  }
  return {
    url: database.url,
    prefix: 'couplet',
    flush: () => query('TRUNCATE bullmq.job, bullmq.scheduler, bullmq.event, bullmq.meta CASCADE'),
    loseDelayed: (queue) => query("DELETE FROM bullmq.job WHERE queue = $1 AND state = 'delayed'", [queue]),
    drop: database.drop,
  }
}

export async function makeRedisServer(): Promise<QueueServer> {
  const url = redisUrl()
  if (url === null) throw new Error('No Redis')
  const prefix = `t${randomUUID().slice(0, 8)}`
  const run = async (script: string, ...words: string[]) => {
    const redis = new Redis(url)
    try {
      await redis.eval(script, 0, ...words)
    } finally {
      redis.disconnect()
    }
  }
  const flush = () =>
    run(`for _, key in ipairs(redis.call('KEYS', ARGV[1] .. ':*')) do redis.call('UNLINK', key) end`, prefix)
  const loseDelayed = (queue: string) =>
    run(
      `for _, id in ipairs(redis.call('ZRANGE', ARGV[1] .. 'delayed', 0, -1)) do
         redis.call('DEL', ARGV[1] .. id)
       end
       redis.call('DEL', ARGV[1] .. 'delayed')`,
      `${prefix}:${queue}:`,
    )
  return { url, prefix, flush, loseDelayed, drop: flush }
}

/** One process's view of the queue: back end, producer and workers, all closed together. */
export interface QueueProcess {
  readonly backend: QueueBackend
  readonly queue: JobQueue
  readonly log: ReturnType<typeof recordingLog>
  work(processors: Partial<Processors>, changes?: Partial<WorkersOptions>): Promise<QueueWorkers>
  close(): Promise<void>
}

export async function openProcess(server: QueueServer): Promise<QueueProcess> {
  const log = recordingLog()
  const backend = await openQueueBackend({ url: server.url, prefix: server.prefix, log })
  const queue = createJobQueue(backend, log)
  const running: QueueWorkers[] = []
  return {
    backend,
    queue,
    log,
    work: async (processors, changes = {}) => {
      const workers = await startWorkers({
        backend,
        processors: processorsWith(processors),
        concurrency: { 'couplet-runs': 2, 'couplet-lines': 4, 'couplet-schedules': 1 },
        log,
        clock: realClock,
        random: () => 0,
        lockSeconds: 30,
        ...changes,
      })
      running.push(workers)
      return workers
    },
    close: async () => {
      await Promise.all(running.map((workers) => workers.close()))
      await queue.close()
    },
  }
}
