import { expect, it } from 'vitest'
import { leastRequests } from '../../bench/budget/report.ts'
import { openScaledContext, type ScaledOptions } from '../../bench/budget/scaled-context.ts'
import { runTrial } from '../../bench/budget/trial.ts'
import { useOf } from '../../bench/budget/use.ts'
import { workerPart } from '../../src/app/worker-part.ts'
import { workerQueues } from '../../src/app/worker-queues.ts'
import { realLimits } from '../../src/simulators/dataverse/throttle.ts'
import { createStoreDatabase } from '../support/postgres.ts'

async function startWorker(options: ScaledOptions): Promise<{ stop(): Promise<void> }> {
  const context = await openScaledContext(options)
  const worker = workerPart(context, { queues: workerQueues, schedules: false })
  await worker.start?.(new AbortController().signal)
  return {
    async stop() {
      await worker.drain?.()
      await worker.stop?.()
      await context.close()
    },
  }
}

/** `npm run bench:budget` in small: a limit of requests that is reached in seconds, and no wall clock in what is asserted. */
it('a full synchronization by two workers stays within the limit that binds, and sends no more requests than its pages need', async () => {
  const { url, drop } = await createStoreDatabase()
  const scale = 75
  const counts = { account: 400, contact: 200 }
  const pageSize = 50
  const limits = { ...realLimits, requests: 20 }
  try {
    const { requests, created } = await runTrial({
      databaseUrl: url,
      counts,
      limits,
      serviceTime: { requestMs: 0, readMs: 0, writtenMs: 0 },
      scale,
      workers: 2,
      env: { COUPLET_CONCURRENCY: '1', COUPLET_PAGE_SIZE: String(pageSize), COUPLET_LOG_LEVEL: 'silent' },
      startWorker,
    })
    expect(created).toEqual(counts)
    const use = useOf(requests, { ...limits, windowMs: limits.windowMs / scale, executionMs: null })
    expect(use.refused).toBeLessThan(0.01 * use.requests)
    const ofRecords = [...use.kinds].filter(([kind]) => /accounts|contacts/.test(kind))
    const sent = ofRecords.reduce((sum, [, count]) => sum + count, 0)
    const least = leastRequests(counts, { created: pageSize, readByKeys: pageSize, listed: 5_000 })
    expect(sent).toBeLessThanOrEqual(1.2 * least)
  } finally {
    await drop()
  }
})
