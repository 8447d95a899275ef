import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SyncError } from '../../../src/core/errors.ts'
import type { Verdict } from '../../../src/core/jobs/catalog.ts'
import { runPriority } from '../../../src/core/jobs/priority.ts'
import type { Line, Run } from '../../../src/core/sync/run.ts'
import { loseJob } from '../../support/lose-job.ts'
import { waitFor } from '../../support/servers.ts'
import { makeLine, makeRun } from './fixtures.ts'
import { openProcess, type QueueProcess, type QueueServer } from './harness.ts'

const done: Verdict = { verdict: 'done' }
const wait: Verdict = { verdict: 'wait-for-children' }

/** The growing flow of architecture §5 and the rules of §5.1, with fake processors. */
export function flowContract(name: string, makeServer: () => Promise<QueueServer>): void {
  describe(`${name}: the growing flow of a run`, () => {
    let server: QueueServer
    let here: QueueProcess
    beforeAll(async () => {
      server = await makeServer()
    })
    afterAll(() => server.drop())
    beforeEach(async () => {
      await (await openProcess(server)).close()
      await server.flush()
      here = await openProcess(server)
    })
    afterEach(() => here.close())

    const states = (run: Run, lines: readonly Line[]) =>
      Promise.all([here.queue.runState(run), ...lines.map((line) => here.queue.lineState(line))])
    const ended = (run: Run) =>
      waitFor(`run ${run.id} ends`, async () => (await here.queue.runState(run)) === 'dead')

    it('runs the parent once, after the last of its lines', async () => {
      const run = makeRun(1)
      const lines = [makeLine(run, 11), makeLine(run, 12), makeLine(run, 13)]
      const seen: string[] = []
      await here.queue.addRun(run, lines)
      expect(await states(run, lines)).toEqual(['live', 'live', 'live', 'live'])
      await here.work({
        'full-sync': async ({ runId }) => {
          seen.push(`run ${runId}`)
          return done
        },
        'sync-line': async ({ lineId }) => {
          seen.push(`line ${lineId}`)
          return done
        },
      })
      await ended(run)
      expect(seen.toSorted()).toEqual(['line 11', 'line 12', 'line 13', 'run 1'])
      expect(seen.at(-1)).toBe('run 1')
      // What has failed stays; of what is done the store tells.
      expect(await states(run, lines)).toEqual(['dead', 'missing', 'missing', 'missing'])
    })

    it('runs the parent of a run without ready lines at once', async () => {
      const run = makeRun(2)
      await here.queue.addRun(run, [])
      await here.work({ 'full-sync': async () => done })
      await ended(run)
    })

    it('runs an operation once, however often it is added; under a new generation again', async () => {
      const operation = { id: 5, generation: 1 }
      const seen: number[] = []
      const over = (generation: number) =>
        waitFor(`generation ${generation}`, async () => (await stateOf(generation)) === 'dead')
      const stateOf = (generation: number) => here.queue.operationState({ ...operation, generation })
      expect(await stateOf(1)).toBe('missing')
      await here.queue.addOperation(operation)
      await here.queue.addOperation(operation)
      expect(await stateOf(1)).toBe('live')
      await here.work({
        'bulk-operation': async ({ operationId }) => {
          seen.push(operationId)
          return seen.length === 1 ? { verdict: 'later', inMs: 0, reason: 'others' } : done
        },
      })
      await over(1)
      await here.queue.addOperation(operation)
      await here.queue.addOperation({ ...operation, generation: 2 })
      await over(2)
      expect(seen).toEqual([5, 5, 5])
    })

    it('lets a line add further lines while it is processed; the parent still runs once, last', async () => {
      const run = makeRun(3)
      const next = new Map([
        [31, [32, 33]],
        [33, [34]],
      ])
      const seen: string[] = []
      await here.work({
        'full-sync': async () => {
          seen.push('run')
          return done
        },
        'sync-line': async ({ lineId }) => {
          seen.push(`line ${lineId}`)
          await here.queue.addLines(
            run,
            (next.get(lineId) ?? []).map((id) => makeLine(run, id)),
          )
          return done
        },
      })
      await here.queue.addRun(run, [makeLine(run, 31)])
      await ended(run)
      expect(seen[0]).toBe('line 31')
      expect(seen.at(-1)).toBe('run')
      expect(seen.toSorted()).toEqual(['line 31', 'line 32', 'line 33', 'line 34', 'run'])
    })

    it('lets the parent itself add lines, wait for them and look again', async () => {
      const run = makeRun(4)
      let looks = 0
      const seen: number[] = []
      await here.work({
        'full-sync': async () => {
          looks += 1
          if (looks > 2) return done
          await here.queue.addLines(run, [makeLine(run, 40 + looks)])
          return wait
        },
        'sync-line': async ({ lineId }) => {
          seen.push(lineId)
          return done
        },
      })
      await here.queue.addRun(run, [])
      await ended(run)
      expect(seen).toEqual([41, 42])
      expect(looks).toBe(3)
    })

    it('a line that fails lets the others run and the parent end', async () => {
      const run = makeRun(5)
      const lines = [makeLine(run, 51), makeLine(run, 52)]
      const seen: number[] = []
      await here.work({
        'full-sync': async () => done,
        'sync-line': async ({ lineId }) => {
          if (lineId === 51) throw new SyncError('TABLE_NOT_FOUND', 'Table x is missing')
          seen.push(lineId)
          return done
        },
      })
      await here.queue.addRun(run, lines)
      await ended(run)
      expect(seen).toEqual([52])
    })

    it('adding the same run and lines again changes nothing, not even with a line that has failed (P11)', async () => {
      const run = makeRun(6)
      const failing = makeLine(run, 61)
      const lines = [failing, makeLine(run, 62)]
      const seen: number[] = []
      await Promise.all([here.queue.addRun(run, lines), here.queue.addRun(run, lines)])
      await here.queue.addLines(run, lines)
      await here.work({
        'full-sync': async () => done,
        'sync-line': async ({ lineId }) => {
          seen.push(lineId)
          if (lineId === 61) throw new SyncError('TABLE_NOT_FOUND', 'Table x is missing')
          await waitFor('line 61 has failed', async () => (await here.queue.lineState(failing)) === 'dead')
          await here.queue.addLines(run, lines)
          return done
        },
      })
      await ended(run)
      expect(seen.toSorted()).toEqual([61, 62])
    })

    it('a parent is parked while lines have jobs below it, and stays so when the last of them vanishes (P10)', async () => {
      const run = makeRun(19)
      const line = makeLine(run, 191)
      expect(await here.queue.isParked(run)).toBe(false)
      await here.queue.addRun(run, [line])
      expect(await here.queue.isParked(run)).toBe(true)
      await loseJob(server, 'couplet-lines', 'line-191.1')
      expect(await states(run, [line])).toEqual(['live', 'missing'])
      expect(await here.queue.isParked(run)).toBe(true)
      const again = makeRun(19, { generation: 2 })
      await here.queue.addRun(again, [])
      expect(await here.queue.isParked(again)).toBe(false)
      await here.work({ 'full-sync': async () => done, 'sync-line': async () => done })
      await ended(again)
      expect(await here.queue.isParked(run)).toBe(true)
    })

    it('below a parent that is missing or over, adding lines is an error', async () => {
      const run = makeRun(7)
      const lines = [makeLine(run, 71)]
      const missing = expect.objectContaining({ code: 'QUEUE_PARENT_MISSING', kind: 'transient' })
      await expect(here.queue.addLines(run, lines)).rejects.toEqual(missing)
      await here.work({ 'full-sync': async () => done })
      await here.queue.addRun(run, [])
      await ended(run)
      await expect(here.queue.addLines(run, lines)).rejects.toEqual(missing)
      expect(await here.queue.lineState(makeLine(run, 71))).toBe('missing')
    })

    it('a raised generation runs a run and its failed line again', async () => {
      const run = makeRun(8)
      const seen: string[] = []
      await here.work({
        'full-sync': async () => done,
        'sync-line': async ({ lineId }) => {
          seen.push(`${lineId}`)
          if (seen.length === 1) throw new SyncError('TABLE_NOT_FOUND', 'Table x is missing')
          return done
        },
      })
      await here.queue.addRun(run, [makeLine(run, 81)])
      await ended(run)
      const again = makeRun(8, { generation: 2 })
      expect(await here.queue.runState(again)).toBe('missing')
      await here.queue.addRun(again, [makeLine(again, 81, { generation: 2 })])
      await ended(again)
      expect(seen).toEqual(['81', '81'])
    })

    it('a raised run generation takes over while a line of the old one still runs, without running it twice', async () => {
      const run = makeRun(9)
      const line = makeLine(run, 91)
      let release = () => {}
      const released = new Promise<void>((resolve) => {
        release = resolve
      })
      let lineRuns = 0
      let isFinished = false
      await here.work({
        'full-sync': async () => (isFinished ? done : wait),
        'sync-line': async () => {
          lineRuns += 1
          await released
          isFinished = true
          return done
        },
      })
      await here.queue.addRun(run, [line])
      await waitFor('the line runs', () => lineRuns === 1)
      const again = makeRun(9, { generation: 2 })
      await here.queue.addRun(again, [line])
      release()
      await ended(again)
      expect(lineRuns).toBe(1)
    })

    it('a parent that is done while a job of a line still ends completes after it, without a failure', async () => {
      const run = makeRun(10)
      const line = makeLine(run, 101)
      const order: string[] = []
      let release = () => {}
      const released = new Promise<void>((resolve) => {
        release = resolve
      })
      await here.work({
        'full-sync': async () => {
          if (order.length === 0) await here.queue.addLines(run, [line])
          order.push('run')
          release()
          return done
        },
        'sync-line': async () => {
          await released
          await waitFor('the parent waits', async () => {
            const counts = await here.backend.queues['couplet-runs'].getJobCounts('waiting-children')
            return counts['waiting-children'] === 1
          })
          order.push('line')
          return done
        },
      })
      await here.queue.addRun(run, [])
      await ended(run)
      expect(order).toEqual(['run', 'line', 'run'])
      const failed = await here.backend.queues['couplet-runs'].getJobCounts('failed')
      expect(failed['failed']).toBe(0)
    })

    it('lines of an urgent run start before those of a run with a larger priority number', async () => {
      const full = makeRun(12, { priority: 10 })
      const urgent = makeRun(13, { priority: 1, kind: 'records' })
      await here.queue.addRun(full, [makeLine(full, 121), makeLine(full, 122)])
      await here.queue.addRun(urgent, [makeLine(urgent, 131)])
      const seen: number[] = []
      await here.work(
        {
          'full-sync': async () => done,
          'sync-line': async ({ lineId }) => {
            seen.push(lineId)
            return done
          },
        },
        { concurrency: { 'couplet-runs': 1, 'couplet-lines': 1, 'couplet-schedules': 0 } },
      )
      await ended(full)
      expect(seen).toEqual([131, 121, 122])
    })

    it('the priority of a run holds for lines that are enqueued anew, come back later or are added by others', async () => {
      const low = makeRun(15, { priority: runPriority('interactive', 'low'), generation: 2 })
      const normal = makeRun(16, { priority: runPriority('interactive') })
      const high = makeRun(17, { priority: runPriority('full', 'high') })
      const records = makeRun(18, { priority: runPriority('records', 'low') })
      await here.queue.addRun(low, [makeLine(low, 151, { generation: 2 })])
      await here.queue.addRun(normal, [makeLine(normal, 161), makeLine(normal, 162)])
      await here.queue.addRun(high, [makeLine(high, 171)])
      await here.queue.addRun(records, [makeLine(records, 181)])
      const seen: number[] = []
      const work = async ({ lineId }: { lineId: number }): Promise<Verdict> => {
        seen.push(lineId)
        if (lineId === 171) return { verdict: 'later', inMs: 600_000, reason: 'the mapping is busy' }
        if (lineId === 161) await here.queue.addLines(high, [makeLine(high, 172)])
        return done
      }
      await here.work(
        { 'full-sync': async () => done, 'sync-line': work },
        { concurrency: { 'couplet-runs': 1, 'couplet-lines': 1, 'couplet-schedules': 0 } },
      )
      await ended(low)
      expect(seen).toEqual([181, 171, 161, 172, 162, 151])
      const later = await here.backend.queues['couplet-lines'].getJob('line-171.1')
      expect(later?.opts.priority).toBe(high.priority)
    })

    it('after the queue was flushed everything is missing, and a raised generation runs the work again (P1)', async () => {
      const run = makeRun(14)
      const lines = [makeLine(run, 141), makeLine(run, 142)]
      const seen: number[] = []
      let isFlushed = false
      const unhandled: unknown[] = []
      const onUnhandled = (reason: unknown) => unhandled.push(reason)
      process.on('unhandledRejection', onUnhandled)
      await here.work(
        {
          'full-sync': async () => done,
          'sync-line': async ({ lineId }) => {
            seen.push(lineId)
            // The lock is gone under the running job, like everything else.
            if (!isFlushed) await waitFor('the flush', () => isFlushed)
            return done
          },
        },
        { lockSeconds: 1 },
      )
      await here.queue.addRun(run, lines)
      await waitFor('both lines run', () => seen.length === 2)
      await server.flush()
      expect(await states(run, lines)).toEqual(['missing', 'missing', 'missing'])
      isFlushed = true
      await waitFor('the lost jobs are noticed', () =>
        here.log.lines.some((line) => line.message === 'queue connection or lock error'),
      )
      const again = makeRun(14, { generation: 2 })
      await here.queue.addRun(
        again,
        lines.map((line) => ({ ...line, generation: 2 })),
      )
      await ended(again)
      process.off('unhandledRejection', onUnhandled)
      expect(seen.toSorted()).toEqual([141, 141, 142, 142])
      expect(unhandled).toEqual([])
    })
  })
}
