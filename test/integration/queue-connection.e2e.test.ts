import pg from 'pg'
import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../src/core/jobs/catalog.ts'
import { openQueueBackend } from '../../src/queue/connection.ts'
import { createJobQueue } from '../../src/queue/job-queue.ts'
import { startWorkers } from '../../src/queue/workers.ts'
import {
  makeLine,
  makeRun,
  makeSchedule,
  processorsWith,
  realClock,
  recordingLog,
} from '../contract/queue/fixtures.ts'
import {
  makePostgresServer,
  makeRedisServer,
  openProcess,
  type QueueServer,
} from '../contract/queue/harness.ts'
import { redisUrl } from '../support/redis.ts'
import { freePort, waitFor } from '../support/servers.ts'

const done: Verdict = { verdict: 'done' }
const open = (url: string, variable?: string) =>
  openQueueBackend({ url, log: recordingLog(), ...(variable ? { variable } : {}) })

describe('a queue that cannot be opened says which variable and which host, and no password', () => {
  for (const scheme of ['redis', 'redis+sentinel', 'redis+cluster', 'postgres']) {
    it(`${scheme}: nobody listens`, async () => {
      const port = await freePort()
      const path = scheme === 'redis' || scheme === 'redis+cluster' ? '' : '/queue'
      const failure = open(`${scheme}://someone:hush@127.0.0.1:${port}${path}`)
      await expect(failure).rejects.toMatchObject({
        code: 'QUEUE_UNAVAILABLE',
        kind: 'transient',
        message: expect.stringContaining(`The queue at 127.0.0.1:${port} (QUEUE_URL) cannot be reached: `),
      })
      await expect(failure).rejects.not.toThrow(/hush/)
    })
  }

  it('names another variable when the URL came from there', async () => {
    await expect(open(`postgres://127.0.0.1:${await freePort()}/x`, 'DATABASE_URL')).rejects.toThrow(
      /\(DATABASE_URL\)/,
    )
  })

  it('postgres: the database is missing', async () => {
    const server = await makePostgresServer()
    const url = new URL(server.url)
    url.pathname = '/no_such_database'
    await expect(open(url.href)).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
    await server.drop()
  })
})

describe('the tables of a Postgres queue', () => {
  const connections = async (url: string) => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    const { rows } = await client.query<{ count: number }>(
      'SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    )
    await client.end()
    return rows[0]?.count
  }

  it('are made by several processes that start at once, each of which then works', async () => {
    const server = await makePostgresServer()
    const processes = await Promise.all([1, 2, 3, 4, 5].map(() => openProcess(server)))
    await Promise.all(processes.map(({ queue }, index) => queue.addRun(makeRun(index + 1), [])))
    for (const [index, { queue }] of processes.toReversed().entries()) {
      expect(await queue.runState(makeRun(index + 1))).toBe('live')
    }
    await Promise.all(processes.map((one) => one.close()))
    expect(await connections(server.url)).toBe(0)
    await server.drop()
  })

  it('are asked for when a process may not make them', async () => {
    const server = await makePostgresServer()
    const options = { url: server.url, log: recordingLog(), migrate: false }
    await expect(openQueueBackend(options)).rejects.toMatchObject({ code: 'MIGRATION_NEEDED' })
    await (await openProcess(server)).close()
    await (await openQueueBackend(options)).close()
    await server.drop()
  })

  it('are not worked with when a newer BullMQ has made them', async () => {
    const server = await makePostgresServer()
    await (await openProcess(server)).close()
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    await client.query('UPDATE bullmq.migration SET min_client_version = 99')
    await client.end()
    for (const migrate of [true, false]) {
      const opening = openQueueBackend({ url: server.url, log: recordingLog(), migrate })
      await expect(opening).rejects.toMatchObject({ code: 'SCHEMA_TOO_NEW' })
    }
    await server.drop()
  })

  it('are served by one small pool per process, however many queues and workers share it', async () => {
    const server = await makePostgresServer()
    const url = `${server.url}?application_name=mine&options=-c%20statement_timeout%3D60000`
    const backend = await openQueueBackend({ url, log: recordingLog(), poolSize: 5 })
    await backend.close()
    const here = await openProcess(server)
    await here.work({ 'full-sync': async () => done, 'sync-line': async () => done })
    const runs = Array.from({ length: 20 }, (_, index) => makeRun(index + 1))
    await Promise.all(runs.map((run) => here.queue.addRun(run, [makeLine(run, run.id + 100)])))
    for (const run of runs) {
      await waitFor('the run ends', async () => (await here.queue.runState(run)) === 'dead')
    }
    expect(await connections(server.url)).toBeLessThanOrEqual(10)
    await here.close()
    await server.drop()
  })
})

it('a process with the smallest pool works, although its three workers keep a connection each', async () => {
  const server = await makePostgresServer()
  const log = recordingLog()
  const backend = await openQueueBackend({ url: server.url, log, poolSize: 3 })
  const queue = createJobQueue(backend, log)
  const workers = await startWorkers({
    backend,
    processors: processorsWith({ 'full-sync': async () => done, 'sync-line': async () => done }),
    concurrency: { 'couplet-runs': 1, 'couplet-lines': 1, 'couplet-schedules': 1 },
    log,
    clock: realClock,
    random: () => 0,
    lockSeconds: 30,
  })
  const run = makeRun(1)
  await queue.addRun(run, [makeLine(run, 2)])
  await queue.reconcileSchedules([makeSchedule(1)])
  await waitFor('the run ends', async () => (await queue.runState(run)) === 'dead')
  await workers.close()
  await queue.close()
  await server.drop()
})

describe.skipIf(redisUrl() === null)('both back ends in one process', () => {
  it('do not see each other', async () => {
    const servers: QueueServer[] = [await makePostgresServer(), await makeRedisServer()]
    const seen: string[] = []
    const [onPostgres, onRedis] = await Promise.all(servers.map(openProcess))
    if (!onPostgres || !onRedis) throw new Error('unreachable')
    expect([onPostgres.backend.kind, onRedis.backend.kind]).toEqual(['postgres', 'redis'])
    for (const here of [onPostgres, onRedis]) {
      await here.work({
        'full-sync': async () => done,
        'sync-line': async ({ lineId }) => {
          seen.push(`${here.backend.kind} ${lineId}`)
          return done
        },
      })
    }
    const run = makeRun(1)
    await onRedis.queue.addRun(run, [makeLine(run, 11)])
    expect(await onPostgres.queue.runState(run)).toBe('missing')
    await onPostgres.queue.addRun(run, [makeLine(run, 12)])
    for (const here of [onPostgres, onRedis]) {
      await waitFor('the run ends', async () => (await here.queue.runState(run)) === 'dead')
    }
    expect(seen.toSorted()).toEqual(['postgres 12', 'redis 11'])
    await Promise.all([onPostgres.close(), onRedis.close()])
    await Promise.all(servers.map((server) => server.drop()))
  })
})
