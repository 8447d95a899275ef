import { describe, expect, it } from 'vitest'
import type { RequestAnswer, RequestLane, RequestPermit } from '../../../../src/core/ports/request-budget.ts'
import { createSharedBudget } from '../../../../src/usecases/budget/shared-budget.ts'
import { businessCentral, dataverse } from '../../../support/budget-fixtures.ts'
import { BudgetWorld } from '../../../support/budget-world.ts'
import { VirtualScheduler } from '../../../support/virtual-scheduler.ts'

const fine: RequestAnswer = {
  status: 200,
  durationMs: 10,
  retryAfterMs: null,
  parallelismHint: null,
  facet: null,
}
const throttled: RequestAnswer = { ...fine, status: 429, retryAfterMs: 30_000, facet: 'requests' }

function open(identities = ['sync'], limits = dataverse) {
  const scheduler = new VirtualScheduler()
  const world = new BudgetWorld({ scheduler, limits, identities, random: () => 0.5 })
  const start = () => {
    const { budget } = world.startWorker()
    const acquire = (lane: RequestLane = 'scheduled', signal = new AbortController().signal) =>
      budget.acquire({ lane, mapping: 'M', signal })
    return { budget, acquire }
  }
  /** What has come of it after so many milliseconds. */
  const within = async <T>(ms: number, work: Promise<T>): Promise<T | 'waits'> => {
    let result: T | 'waits' = 'waits'
    work.then((value) => (result = value))
    await scheduler.runUntil(scheduler.now + ms)
    return result
  }
  const permit = async (work: Promise<RequestPermit>) => {
    const result = await within(1_000, work)
    if (result === 'waits') throw new Error('No permit')
    return result
  }
  return { scheduler, world, start, within, permit }
}

describe('a shared budget', () => {
  it('holds back at once what this worker sends after a refusal, and soon what the others send', async () => {
    const { start, within, permit } = open()
    const [first, second] = [start(), start()]
    const permits = [await permit(first.acquire()), await permit(second.acquire())]
    permits[0]?.release(throttled)
    expect(await within(200, first.acquire())).toBe('waits')
    expect(await within(1_000, second.acquire())).toBe('waits')
    expect(await within(25_000, second.acquire('interactive'))).toBe('waits')
    expect(await within(6_000, first.acquire())).toMatchObject({ identity: 'sync' })
  })

  it('goes on with another identity while one is held', async () => {
    const { start, within, permit } = open(['one', 'two'])
    const { acquire } = start()
    const permits = [await permit(acquire()), await permit(acquire())]
    const held = permits[0]?.identity
    permits[0]?.release(throttled)
    for (let each = 0; each < 5; each++) {
      const next = await within(2_000, acquire())
      expect(next).toMatchObject({ identity: held === 'one' ? 'two' : 'one' })
    }
  })

  it('waits longer after each refusal that does not say how long', async () => {
    const { start, within, permit } = open(['sync'], businessCentral)
    const { acquire } = start()
    const refused: RequestAnswer = { ...throttled, retryAfterMs: null, facet: null }
    const refuseOnce = async (waitsMs: number, comesMs: number) => {
      const next = acquire()
      expect(await within(waitsMs, next)).toBe('waits')
      const got = await within(comesMs, next)
      if (got === 'waits') throw new Error('No permit')
      got.release(refused)
    }
    const first = await permit(acquire())
    first.release(refused)
    await refuseOnce(700, 2_000)
    await refuseOnce(1_400, 3_000)
    await refuseOnce(2_900, 4_000)
  })

  it('lets go of a request that is aborted while it waits', async () => {
    const { start, within, permit } = open()
    const { acquire } = start()
    ;(await permit(acquire())).release(throttled)
    const stop = new AbortController()
    const waiting = acquire('scheduled', stop.signal).catch((error: unknown) => error)
    expect(await within(100, waiting)).toBe('waits')
    stop.abort(new Error('enough'))
    expect(await within(0, waiting)).toMatchObject({ message: 'enough' })
    await expect(acquire('scheduled', stop.signal)).rejects.toThrow('enough')
  })

  it('refuses to release a permit twice', async () => {
    const { start, permit } = open()
    const one = await permit(start().acquire())
    one.release(fine)
    expect(() => one.release(fine)).toThrow('released once')
  })

  it('gives everything back and asks the store no more when there is no work', async () => {
    const { scheduler, world, start, permit } = open()
    ;(await permit(start().acquire())).release(fine)
    await scheduler.runUntil(10_000)
    const { exchanges } = world
    expect(world.states.get('sync')?.workers).toEqual({})
    await scheduler.runUntil(600_000)
    expect(world.exchanges).toBe(exchanges)
  })

  it('gives back at its end what it still holds', async () => {
    const { world, start, within, permit } = open()
    const { budget, acquire } = start()
    ;(await permit(acquire())).release(fine)
    await within(1_000, budget.close())
    expect(world.states.get('sync')?.workers).toEqual({})
  })

  it('asks the store a few times a second, however many requests it sends', async () => {
    const { scheduler, world } = open()
    world.startWorker().load({ mapping: 'M', atOnce: 10, durationMs: () => 20 })
    await scheduler.runUntil(30_000)
    expect(world.server.accepted).toBeGreaterThan(1_000)
    expect(world.exchanges).toBeLessThan(30 * 3)
  })

  it('fails what waits when the store cannot be reached, and tries again with the next request', async () => {
    let isDown = true
    const { world, scheduler } = open()
    const budget = createSharedBudget({
      connectionId: 1,
      identities: ['sync'],
      limits: dataverse,
      worker: 'w',
      random: () => 0.5,
      clock: { monotonicMs: () => scheduler.now },
      wait: (ms) => scheduler.wait(ms),
      store: {
        exchange: (request) => (isDown ? Promise.reject(new Error('down')) : world.exchange(request)),
      },
    })
    const acquire = () =>
      budget.acquire({ lane: 'scheduled', mapping: null, signal: new AbortController().signal })
    await expect(acquire()).rejects.toThrow('down')
    isDown = false
    await expect(acquire()).resolves.toMatchObject({ identity: 'sync' })
  })
})
