import { DelayedError } from 'bullmq'
import { afterEach, describe, expect, it } from 'vitest'
import { observeQueues } from '../../src/queue/observe.ts'
import { createInstallation, type Installation, queueKinds } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { twoTablesSql } from '../support/two-tables.ts'

const HOUR_MS = 3_600_000
let couplet: Installation
afterEach(() => couplet.close())

describe.each(queueKinds)('the age of a queue on %s', (queue) => {
  const lines = () => couplet.context.backend.queues['couplet-lines']
  const add = (jobId: string, priority: number, ageMs: number) =>
    lines().add('sync-line', { runId: 1, lineId: 1 }, { jobId, priority, timestamp: Date.now() - ageMs })
  const age = async () => {
    const readings = await observeQueues(couplet.context.backend, Date.now())
    return readings.find((reading) => reading.queue === 'couplet-lines')?.oldestWaitingMs ?? null
  }

  it('is that of the job that waits longest, however many go before it', async () => {
    couplet = await createInstallation({ systemsSql: twoTablesSql, queue })
    expect(await age()).toBeNull()
    await add('starved', 20, HOUR_MS)
    await add('after-it', 20, 0)
    for (let n = 0; n < 120; n += 1) await add(`soon-${n}`, 1, 0)
    expect(await age()).toBeGreaterThanOrEqual(HOUR_MS)
    expect(await age()).toBeLessThan(HOUR_MS + 60_000)
  })

  it('does not count the time in which a job was put off', async () => {
    couplet = await createInstallation({ systemsSql: twoTablesSql, queue })
    const job = await add('held', 8, 8 * HOUR_MS)
    const worker = await couplet.context.backend.createWorker(
      'couplet-lines',
      async (taken, token) => {
        await taken.moveToDelayed(Date.now() + HOUR_MS, token)
        throw new DelayedError()
      },
      { concurrency: 1, lockDuration: 30_000 },
    )
    void worker.run()
    await waitFor('the job is put off', async () => (await job.getState()) === 'delayed')
    await worker.close()
    await job.promote()
    expect(await age()).toBeLessThan(60_000)
  })
})
