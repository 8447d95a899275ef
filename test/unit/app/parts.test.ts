import { describe, expect, it } from 'vitest'
import type { Context } from '../../../src/app/context.ts'
import { sweeperPart } from '../../../src/app/parts.ts'
import { workerPart } from '../../../src/app/worker-part.ts'
import { workerQueues } from '../../../src/app/worker-queues.ts'

describe('the worker of a process', () => {
  it('does not keep the process from stopping while its queue is away, and is closed when it connects late', async () => {
    let connect: (worker: object) => void = () => {}
    const late = new Promise<object>((resolve) => {
      connect = resolve
    })
    const context = {
      config: { concurrency: 1, stalledSeconds: 1 },
      deps: {},
      backend: { createWorker: () => late },
    } as unknown as Context
    const part = workerPart(context, { queues: workerQueues, schedules: false })
    const stop = new AbortController()
    const started = part.start?.(stop.signal)
    stop.abort()
    await started
    await part.drain?.()
    const closed = new Promise((resolve) =>
      connect({ on: () => {}, run: async () => {}, close: async () => resolve('closed') }),
    )
    expect(await closed).toBe('closed')
  })
})

describe('the sweeper', () => {
  it('does not keep a new leader from going on while its first round waits for something', async () => {
    const never = new Promise<never>(() => {})
    const stores = { runs: new Proxy({}, { get: () => () => never }) }
    const holdFor: Context['holdFor'] = (work) => work()
    const context = { config: { sweepSeconds: 1 }, deps: { stores }, holdFor } as unknown as Context
    await sweeperPart(context, { schedules: true }).start?.(new AbortController().signal)
  })
})
