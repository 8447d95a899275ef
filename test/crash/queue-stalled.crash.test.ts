import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeLine, makeRun } from '../contract/queue/fixtures.ts'
import {
  makePostgresServer,
  makeRedisServer,
  openProcess,
  type QueueProcess,
  type QueueServer,
} from '../contract/queue/harness.ts'
import { programFile } from '../support/programs.ts'
import { redisUrl } from '../support/redis.ts'
import { waitFor } from '../support/servers.ts'
import type { WorkerOrders } from './queue-worker-process.ts'

function stalledContract(name: string, makeServer: () => Promise<QueueServer>): void {
  describe(`${name}: worker processes killed with SIGKILL`, () => {
    let server: QueueServer
    let here: QueueProcess
    let children: ChildProcess[]
    let steps: string[]
    beforeEach(async () => {
      server = await makeServer()
      here = await openProcess(server)
      children = []
      steps = []
    })
    afterEach(async () => {
      await Promise.all(children.map(kill))
      await here.close()
      await server.drop()
    })

    function start(orders: Partial<WorkerOrders>): ChildProcess {
      const all: WorkerOrders = {
        url: server.url,
        prefix: server.prefix,
        hangAt: [],
        next: {},
        secondTry: [],
        ...orders,
      }
      const child = spawn(
        process.execPath,
        [programFile('test/crash/queue-worker-process.ts'), JSON.stringify(all)],
        {
          stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        },
      )
      child.on('message', (step) => steps.push(String(step)))
      children.push(child)
      return child
    }
    const times = (step: string) => steps.filter((one) => one === step).length
    const reached = (step: string, count: number) =>
      waitFor(`${step} for the ${count}th time`, () => times(step) >= count, 60_000)
    async function killAt(step: string, count: number, orders: Partial<WorkerOrders>): Promise<void> {
      const child = start({ ...orders, hangAt: [step] })
      await reached(step, count)
      await kill(child)
    }

    it('a line that kills its worker too often fails, frees the parent, and runs again with a raised generation', async () => {
      const run = makeRun(1)
      const lines = [makeLine(run, 11), makeLine(run, 12)]
      await here.queue.addRun(run, lines)
      await killAt('line 11', 1, {})
      await killAt('line 11', 2, {})
      start({ secondTry: [11] })
      await waitFor('the run ends', async () => (await here.queue.runState(run)) === 'dead', 60_000)
      // The third delivery fails without our code; the third sight of line 11 is its second generation.
      expect(times('line 11')).toBe(3)
      expect(times('line 12')).toBe(1)
      expect(times('run 1')).toBe(2)
      expect(await here.queue.lineState(makeLine(run, 11))).toBe('dead')
      expect(await here.queue.lineState(makeLine(run, 11, { generation: 2 }))).toBe('missing')
      const failed = await here.backend.queues['couplet-lines'].getFailed()
      expect(failed.map((job) => [job.id, job.failedReason])).toEqual([
        ['line-11.1', 'job stalled more than allowable limit'],
      ])
    })

    it('a line killed after it has added its followers is delivered again; none of their jobs is there twice, none stays', async () => {
      const run = makeRun(2)
      await here.queue.addRun(run, [makeLine(run, 21)])
      const next = { 21: [22, 23] }
      await killAt('line 21 grown', 1, { next })
      const lines = here.backend.queues['couplet-lines']
      const ids = async () => (await lines.getJobs()).map((job) => job.id).toSorted()
      expect(await ids()).toEqual(['line-21.1', 'line-22.1', 'line-23.1'])
      start({ next })
      await waitFor('the run ends', async () => (await here.queue.runState(run)) === 'dead', 60_000)
      expect(times('line 21')).toBe(2)
      // One that was done when line 21 came again is added again; the store tells it that nothing is left to do.
      for (const follower of ['line 22', 'line 23'])
        expect([1, 2], `how often ${follower} came`).toContain(times(follower))
      expect(await ids()).toEqual([])
      expect(times('run 2')).toBe(1)
    })

    it('a parent whose worker is killed is delivered again', async () => {
      const run = makeRun(3)
      await here.queue.addRun(run, [makeLine(run, 31)])
      await killAt('run 3', 1, {})
      start({})
      await waitFor('the run ends', async () => (await here.queue.runState(run)) === 'dead', 60_000)
      expect(times('run 3')).toBe(2)
      expect(times('line 31')).toBe(1)
    })
  })
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

stalledContract('Postgres queue', makePostgresServer)
describe.skipIf(redisUrl() === null)('on Redis', () => {
  stalledContract('Redis queue', makeRedisServer)
})
