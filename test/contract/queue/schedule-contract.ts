import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Verdict } from '../../../src/core/jobs/catalog.ts'
import { nextSlot } from '../../../src/core/schedules/slots.ts'
import { waitFor } from '../../support/servers.ts'
import { copenhagen, timing } from '../../support/timings.ts'
import { makeSchedule } from './fixtures.ts'
import { openProcess, type QueueProcess, type QueueServer } from './harness.ts'

const done: Verdict = { verdict: 'done' }
const minuteMs = 60_000

/** Recurring jobs: one per slot, whoever sets them and however often. */
export function scheduleContract(name: string, makeServer: () => Promise<QueueServer>): void {
  describe(`${name}: schedules`, () => {
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

    const slots = () => here.backend.queues['couplet-schedules']
    const delayed = async () =>
      (await slots().getDelayed()).map((job) => ({
        id: job.id ?? '',
        data: job.data,
        addedMs: job.timestamp,
      }))
    const slotOf = (id: string) => Number(id.split(':').at(-1))

    it('puts one job per running schedule into the queue, for its next slot', async () => {
      const before = Date.now()
      await here.queue.reconcileSchedules([
        makeSchedule(1),
        makeSchedule(2, { everyMinutes: 5 }),
        makeSchedule(3, { enabled: false }),
        makeSchedule(4, { pause: { by: 'a', reason: 'b', at: '2026-01-01T00:00:00Z' } }),
        makeSchedule(5, { everyMinutes: null, cron: '30 2 * * *', timeZone: copenhagen }),
        makeSchedule(6, { expiresAt: '2026-01-01T00:00:00Z' }),
      ])
      const jobs = (await delayed()).toSorted((a, b) => a.id.localeCompare(b.id))
      expect(jobs.map(({ data }) => data)).toEqual([{ scheduleId: 1 }, { scheduleId: 2 }, { scheduleId: 5 }])
      const nightly = timing({ cron: '30 2 * * *', timeZone: copenhagen })
      expect(slotOf(jobs[2]?.id ?? '')).toBe(nextSlot(nightly, before))
      for (const [index, every, second] of [
        [0, 30 * minuteMs, 7],
        [1, 5 * minuteMs, 7],
      ] as const) {
        const slot = slotOf(jobs[index]?.id ?? '')
        expect(slot % every).toBe(second * 1_000)
        expect(slot).toBeGreaterThan(before)
        expect(slot).toBeLessThanOrEqual(Date.now() + every)
      }
    })

    it('does not touch a schedule that is right, changes one that is not, and removes the others', async () => {
      await here.queue.reconcileSchedules([makeSchedule(1), makeSchedule(2), makeSchedule(3)])
      const before = await delayed()
      const began = Date.now()
      const ofFirst = (jobs: typeof before) => jobs.find(({ data }) => data.scheduleId === 1)
      await here.queue.reconcileSchedules([makeSchedule(1), makeSchedule(2, { everyMinutes: 7 })])
      const after = await delayed()
      expect(ofFirst(after)).toEqual(ofFirst(before))
      expect(after.map(({ data }) => data.scheduleId).toSorted()).toEqual([1, 2])
      const second = (await slots().getJobSchedulers()).find(({ key }) => key === 'schedule-2')
      expect(second?.next).toBe(nextSlot(timing({ everyMinutes: 7 }), began))
      await here.queue.reconcileSchedules([])
      expect(await delayed()).toEqual([])
      expect(await slots().getJobSchedulers()).toEqual([])
    })

    it('two scheduler processes that reconcile at once, and again after a restart, leave one job per slot', async () => {
      const other = await openProcess(server)
      const schedules = [1, 2, 3, 4, 5, 6, 7].map((id) => makeSchedule(id))
      const both = (everyMinutes: number) =>
        Promise.all(
          [here, other, here, other].map(({ queue }) =>
            queue.reconcileSchedules(schedules.map((one) => ({ ...one, everyMinutes }))),
          ),
        )
      for (const everyMinutes of [7, 11, 13, 30]) {
        await both(everyMinutes)
        expect(await delayed()).toHaveLength(7)
      }
      const first = (await delayed()).map(({ id }) => id).toSorted()
      await both(30)
      await other.close()
      const restarted = await openProcess(server)
      await restarted.queue.reconcileSchedules(schedules)
      await restarted.close()
      expect((await delayed()).map(({ id }) => id).toSorted()).toEqual(first)
    })

    it('hands the slot to the processor, the same at every delivery, and queues the next slot once', async () => {
      await here.queue.reconcileSchedules([makeSchedule(1)])
      const [job] = await slots().getDelayed()
      const slot = slotOf(job?.id ?? '')
      const seen: { scheduleId: number; slotMs: number | null; attempt: number }[] = []
      await here.work({
        'schedule-slot': async ({ scheduleId }, { slotMs, attempt }) => {
          seen.push({ scheduleId, slotMs, attempt })
          if (seen.length === 1) throw new Error('The process stumbles')
          if (seen.length === 2) return { verdict: 'later', inMs: 1, reason: 'test' }
          return done
        },
      })
      await job?.promote()
      await waitFor(
        'the slot is done',
        async () => (await slots().getJobState(job?.id ?? '')) === 'completed',
      )
      expect(seen).toEqual([
        { scheduleId: 1, slotMs: slot, attempt: 1 },
        { scheduleId: 1, slotMs: slot, attempt: 2 },
        { scheduleId: 1, slotMs: slot, attempt: 2 },
      ])
      await here.queue.reconcileSchedules([makeSchedule(1)])
      expect((await delayed()).map(({ id }) => slotOf(id))).toEqual([slot + 30 * minuteMs])
    })

    it('sets a schedule anew whose next job has been lost or thrown away', async () => {
      await here.queue.reconcileSchedules([makeSchedule(1)])
      const before = await delayed()
      await server.loseDelayed('couplet-schedules')
      expect(await delayed()).toEqual([])
      await here.queue.reconcileSchedules([makeSchedule(1)])
      expect(await delayed()).toHaveLength(1)
      await server.flush()
      await here.queue.reconcileSchedules([makeSchedule(1)])
      expect((await delayed()).map(({ data }) => data)).toEqual(before.map(({ data }) => data))
    })
  })
}
