import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Verdict } from '../../src/core/jobs/catalog.ts'
import { makeLine, makeRun, makeSchedule } from '../contract/queue/fixtures.ts'
import {
  makePostgresServer,
  makeRedisServer,
  openProcess,
  type QueueProcess,
  type QueueServer,
} from '../contract/queue/harness.ts'
import { redisUrl } from '../support/redis.ts'
import { waitFor } from '../support/servers.ts'
import { type Network, startProxy } from './queue-proxy.ts'

const done: Verdict = { verdict: 'done' }

function outageContract(name: string, makeServer: () => Promise<QueueServer>): void {
  describe(`${name}: the server goes away and comes back`, () => {
    let server: QueueServer
    let proxy: Network
    let here: QueueProcess
    const unhandled: unknown[] = []
    const onUnhandled = (reason: unknown) => unhandled.push(reason)
    beforeEach(async () => {
      process.on('unhandledRejection', onUnhandled)
      server = await makeServer()
      proxy = await startProxy(server.url)
      here = await openProcess({ ...server, url: proxy.url })
    })
    afterEach(async () => {
      await here.close()
      await proxy.close()
      await server.drop()
      process.off('unhandledRejection', onUnhandled)
      expect(unhandled.splice(0)).toEqual([])
    })

    it('producers fail soon with the address, and work again afterwards without being opened anew', async () => {
      const run = makeRun(1)
      await proxy.cut()
      const port = new URL(proxy.url).port
      const unavailable = expect.objectContaining({
        code: 'QUEUE_UNAVAILABLE',
        message: expect.stringContaining(`127.0.0.1:${port} (QUEUE_URL)`),
      })
      const before = performance.now()
      await expect(here.queue.check()).rejects.toEqual(unavailable)
      await expect(here.queue.addRun(run, [makeLine(run, 11)])).rejects.toEqual(unavailable)
      await expect(here.queue.runState(run)).rejects.toEqual(unavailable)
      await expect(here.queue.reconcileSchedules([makeSchedule(1)])).rejects.toEqual(unavailable)
      expect(performance.now() - before).toBeLessThan(10_000)
      await proxy.mend()
      await waitFor('the queue answers', () =>
        here.queue.check().then(
          () => true,
          () => false,
        ),
      )
      await here.queue.addRun(run, [makeLine(run, 11)])
      expect(await here.queue.runState(run)).toBe('live')
    })

    it('workers take jobs again; a job that ran through the outage ends', async () => {
      const first = makeRun(1)
      const second = makeRun(2)
      let isRunning = false
      let isOver = false
      const seen: number[] = []
      await here.work(
        {
          'full-sync': async () => done,
          'sync-line': async ({ lineId }) => {
            isRunning = true
            await waitFor('the outage is over', () => isOver)
            seen.push(lineId)
            return done
          },
        },
        { lockSeconds: 2 },
      )
      await here.queue.addRun(first, [makeLine(first, 11)])
      await waitFor('the line runs', () => isRunning)
      await proxy.cut()
      isOver = true
      await waitFor('the line has ended', () => seen.length === 1)
      await proxy.mend()
      await waitFor('the first run ends', async () => (await stateOf(here, 1)) === 'dead', 30_000)
      await here.queue.addRun(second, [makeLine(second, 21)])
      await waitFor('the second run ends', async () => (await stateOf(here, 2)) === 'dead', 30_000)
      expect(new Set(seen)).toEqual(new Set([11, 21]))
      expect(here.log.lines.filter((line) => line.level === 'warn').length).toBeLessThan(30)
    })

    it('closing while the server is away ends in seconds', async () => {
      await here.work({ 'full-sync': async () => done })
      await proxy.cut()
      const before = performance.now()
      await here.close()
      expect(performance.now() - before).toBeLessThan(12_000)
    })
  })
}

const stateOf = (here: QueueProcess, id: number) => here.queue.runState(makeRun(id)).catch(() => 'away')

outageContract('Postgres queue', makePostgresServer)
describe.skipIf(redisUrl() === null)('on Redis', () => {
  outageContract('Redis queue', makeRedisServer)
})
