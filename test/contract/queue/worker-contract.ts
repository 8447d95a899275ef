import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SyncError } from '../../../src/core/errors.ts'
import type { JobContext, Verdict } from '../../../src/core/jobs/catalog.ts'
import { boardQueues } from '../../../src/queue/board.ts'
import { lineJobId } from '../../../src/queue/job-options.ts'
import { startWorkers } from '../../../src/queue/workers.ts'
import { waitFor } from '../../support/servers.ts'
import { makeLine, makeRun, processorsWith, realClock, recordingLog } from './fixtures.ts'
import { openProcess, type QueueProcess, type QueueServer } from './harness.ts'

const done: Verdict = { verdict: 'done' }

/** What the queue makes of a processor's verdict or error, and how workers stop. */
export function workerContract(name: string, makeServer: () => Promise<QueueServer>): void {
  describe(`${name}: workers`, () => {
    let server: QueueServer
    let here: QueueProcess
    beforeAll(async () => {
      server = await makeServer()
    })
    afterAll(() => server.drop())
    beforeEach(async () => {
      here = await openProcess(server)
      await server.flush()
    })
    afterEach(() => here.close())

    const ended = (id: number) =>
      waitFor(`run ${id} ends`, async () => (await here.queue.runState(makeRun(id))) === 'dead', 30_000)
    /** Adds a run with one line, lets `process` work on the line, and returns the contexts it was called with. */
    async function runLine(id: number, process: (call: number, context: JobContext) => Promise<Verdict>) {
      const run = makeRun(id)
      const calls: { attempt: number; isLastAttempt: boolean; atMs: number }[] = []
      await here.work({
        'full-sync': async () => done,
        'sync-line': async (_payload, context) => {
          calls.push({
            attempt: context.attempt,
            isLastAttempt: context.isLastAttempt,
            atMs: performance.now(),
          })
          return process(calls.length, context)
        },
      })
      const line = makeLine(run, id * 10)
      await here.queue.addRun(run, [line])
      await ended(id)
      const job = await here.backend.queues['couplet-lines'].getJob(lineJobId(line))
      return { calls, job }
    }

    it('a job that asks to come later comes later, and spends no attempt', async () => {
      const { calls, job } = await runLine(1, async (call) =>
        call < 8 ? { verdict: 'later', inMs: 60, reason: 'lease taken' } : done,
      )
      expect(calls).toHaveLength(8)
      expect(new Set(calls.map(({ attempt }) => attempt))).toEqual(new Set([1]))
      expect(Number(calls[1]?.atMs) - Number(calls[0]?.atMs)).toBeGreaterThanOrEqual(50)
      expect(job).toBeUndefined()
    })

    it('a worker that is quiet begins nothing, not even what comes while it waits for its next job', async () => {
      const by: string[] = []
      const processors = (who: string) => ({
        'full-sync': async () => done,
        'sync-line': async () => {
          by.push(who)
          return done
        },
      })
      const quietOnes = await here.work(processors('the quiet one'))
      const [first, second] = [makeRun(41), makeRun(42)]
      await here.queue.addRun(first, [makeLine(first, 410)])
      await ended(41)
      await quietOnes.setQuiet(true)
      await here.queue.addRun(second, [makeLine(second, 420)])
      const there = await openProcess(server)
      await there.work(processors('another one'))
      await ended(42)
      await there.close()
      expect(by).toEqual(['the quiet one', 'another one'])
    })

    it('a transient error is tried again after its back-off and spends an attempt', async () => {
      const { calls, job } = await runLine(2, async (call) => {
        if (call === 1) throw new SyncError('CONNECTION_REFUSED', 'db:5432 refused')
        return done
      })
      expect(calls.map(({ attempt }) => attempt)).toEqual([1, 2])
      expect(Number(calls[1]?.atMs) - Number(calls[0]?.atMs)).toBeGreaterThanOrEqual(490)
      expect(job).toBeUndefined()
    })

    it('the time another system asks us to wait is waited', async () => {
      const { calls } = await runLine(3, async (call) => {
        if (call === 1) throw new SyncError('CONNECTION_INTERRUPTED', 'throttled', { retryAfterMs: 1_500 })
        return done
      })
      expect(Number(calls[1]?.atMs) - Number(calls[0]?.atMs)).toBeGreaterThanOrEqual(1_490)
    })

    it('after its last attempt the job has failed, the processor having known it was the last', async () => {
      const { calls, job } = await runLine(4, async () => {
        throw new SyncError('CONNECTION_REFUSED', 'db:5432 refused', { retryAfterMs: 1 })
      })
      expect(calls.map(({ isLastAttempt }) => isLastAttempt)).toEqual([false, false, false, false, true])
      expect(await job?.getState()).toBe('failed')
      expect(job?.failedReason).toBe('CONNECTION_REFUSED: db:5432 refused')
      expect(here.log.lines.filter((line) => line.message === 'queue job failed for good')).toHaveLength(1)
    })

    it('an error that a person must remove ends the job at the first attempt', async () => {
      const { calls, job } = await runLine(5, async () => {
        throw new SyncError('FIELD_NOT_FOUND', 'Field x is missing')
      })
      expect(calls).toHaveLength(1)
      expect(await job?.getState()).toBe('failed')
    })

    it('a lost lease and a waiting error come again without spending an attempt', async () => {
      const { calls, job } = await runLine(6, async (call) => {
        if (call === 1) throw new SyncError('LEASE_LOST', 'lease of mapping 6 lost')
        if (call === 2) throw new SyncError('REFERENCE_NOT_COUPLED', 'not coupled yet')
        return done
      })
      expect(calls.map(({ attempt }) => attempt)).toEqual([1, 1, 1])
      expect(job).toBeUndefined()
    })

    it('an unexpected error is logged with its stack and tried again', async () => {
      const { calls } = await runLine(7, async (call) => {
        if (call === 1) throw new TypeError('x is undefined')
        return done
      })
      expect(calls.map(({ attempt }) => attempt)).toEqual([1, 2])
      const line = here.log.lines.find((one) => one.message === 'job failed unexpectedly')
      expect(line?.facts).toMatchObject({ queue: 'couplet-lines', jobId: 'line-70.1', runId: 7, lineId: 70 })
      expect(String(line?.facts['stack'])).toContain('worker-contract.ts')
    })

    it('a job whose payload or kind is not in the catalog fails without being run', async () => {
      const queue = here.backend.queues['couplet-lines']
      await here.work({})
      await queue.add('sync-line', { runId: 'one' }, { jobId: 'bad-payload', attempts: 5 })
      await queue.add('sync-everything', { runId: 1 }, { jobId: 'bad-kind', attempts: 5 })
      for (const id of ['bad-payload', 'bad-kind']) {
        await waitFor(`${id} fails`, async () => (await queue.getJobState(id)) === 'failed')
        expect((await queue.getJob(id))?.attemptsMade).toBe(1)
      }
    })

    it('draining aborts the signal, waits for the running job and takes no other', async () => {
      const run = makeRun(9)
      const seen: string[] = []
      const workers = await here.work(
        {
          'sync-line': async ({ lineId }, { signal }) => {
            seen.push(`start ${lineId}`)
            await waitFor('the signal', () => signal.aborted)
            seen.push(`checkpoint ${lineId}`)
            return { verdict: 'later', inMs: 0, reason: 'shutdown' }
          },
        },
        { concurrency: { 'couplet-runs': 1, 'couplet-lines': 1, 'couplet-schedules': 0 } },
      )
      await here.queue.addRun(run, [makeLine(run, 91), makeLine(run, 92)])
      await waitFor('a line runs', () => seen.length === 1)
      await workers.drain()
      expect(seen).toEqual(['start 91', 'checkpoint 91'])
      await workers.close()
      expect(seen).toHaveLength(2)

      const others = await openProcess(server)
      const finished: number[] = []
      await others.work({
        'full-sync': async () => done,
        'sync-line': async ({ lineId }, { attempt }) => {
          expect(attempt).toBe(1)
          finished.push(lineId)
          return done
        },
      })
      await ended(9)
      await others.close()
      expect(finished.toSorted()).toEqual([91, 92])
    })

    it('an error during shutdown spends no attempt', async () => {
      const run = makeRun(10)
      const line = makeLine(run, 100)
      let isRunning = false
      const workers = await here.work({
        'sync-line': async (_payload, { signal }) => {
          isRunning = true
          await waitFor('the signal', () => signal.aborted)
          throw new Error('The operation was aborted')
        },
      })
      await here.queue.addRun(run, [line])
      await waitFor('the line runs', () => isRunning)
      await workers.close()
      const job = await here.backend.queues['couplet-lines'].getJob(lineJobId(line))
      expect(job?.attemptsMade).toBe(0)
      expect(await here.queue.lineState(line)).toBe('live')
    })

    it('refuses to start without a processor for every kind of job', async () => {
      const { 'sync-line': _left, ...others } = processorsWith({})
      const start = startWorkers({
        backend: here.backend,
        // @ts-expect-error a missing processor does not compile either
        processors: others,
        concurrency: { 'couplet-runs': 1, 'couplet-lines': 1, 'couplet-schedules': 1 },
        log: recordingLog(),
        clock: realClock,
        random: () => 0,
        lockSeconds: 30,
      })
      await expect(start).rejects.toThrow(/no processor for sync-line/)
    })

    it('shows its queues in bull-board', async () => {
      const { BullMQAdapter } = await import('@bull-board/api/bullMQAdapter')
      const run = makeRun(11)
      await here.queue.addRun(run, [makeLine(run, 111), makeLine(run, 112)])
      const adapters = boardQueues(here.backend).map((queue) => new BullMQAdapter(queue))
      expect(adapters.map((adapter) => adapter.getName())).toEqual([
        'couplet-runs',
        'couplet-lines',
        'couplet-schedules',
      ])
      expect(await adapters[0]?.getJobCounts()).toMatchObject({ 'waiting-children': 1 })
      expect(await adapters[1]?.getJobs(['prioritized'], 0, 10)).toHaveLength(2)
      expect(await adapters[1]?.isPaused()).toBe(false)
      expect(await adapters[1]?.getDatastoreStats()).not.toBeUndefined()
    })
  })
}
