import { afterEach, describe, expect, it } from 'vitest'
import { expectBalancedBooks, settleIntents } from '../support/crash-books.ts'
import { type CrashCouplet, openCrashCouplet, undisturbed } from '../support/crash-couplet.ts'
import { loseQueue } from '../support/crash-queue.ts'
import { readEndState } from '../support/crash-state.ts'
import { queueKinds } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'

let couplet: CrashCouplet
afterEach(() => couplet.close())

const schedulers = () => couplet.context.backend.queues['couplet-schedules'].getJobSchedulers()

async function read(): Promise<number> {
  const { rows } = await couplet.store.query<{ read: number }>(
    'SELECT sum(read)::int AS read FROM couplet.job',
  )
  return rows[0]?.read ?? 0
}

describe.each(queueKinds)('the queue is lost, over %s', (queue) => {
  it('P1: before a worker starts and three times in the middle of a run; the run finishes, and schedules come back', async () => {
    const expected = await undisturbed()
    couplet = await openCrashCouplet(queue)
    await couplet.context.deps.stores.schedules.save(
      { pairId: couplet.pair.id, name: 'every day', everyMinutes: 1_440 },
      null,
    )
    const runs = await couplet.startFull()
    await loseQueue(couplet)
    await couplet.work()
    for (const records of [40, 150, 300]) {
      await waitFor(`${records} records have been read`, async () => (await read()) >= records)
      await waitFor('the schedule is in the queue', async () => (await schedulers()).length === 1)
      await loseQueue(couplet)
    }
    for (const runId of runs) {
      const { run } = await couplet.ended(runId)
      expect(run).toMatchObject({ state: 'succeeded-with-failures', error: null })
      expect(run.generation).toBeGreaterThan(1)
    }
    await settleIntents(couplet)
    expect(await readEndState(couplet)).toEqual(expected.afterFull)
    await expectBalancedBooks(couplet)
    await waitFor('the schedule comes back', async () => (await schedulers()).length === 1)
  })
})
