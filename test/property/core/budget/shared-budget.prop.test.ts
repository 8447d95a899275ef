import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BudgetLimits } from '../../../../src/core/budget/limits.ts'
import { businessCentral, dataverse } from '../../../support/budget-fixtures.ts'
import { BudgetWorld, type Load } from '../../../support/budget-world.ts'
import { VirtualScheduler } from '../../../support/virtual-scheduler.ts'

/** The real limits for a fifth of the real window: the same pace, and a fifth of the work for the test. */
const scaled = (limits: BudgetLimits): BudgetLimits => ({
  ...limits,
  windowMs: 60_000,
  requests: limits.requests / 5,
  executionMs: limits.executionMs && limits.executionMs / 5,
})
const WINDOW = 60_000
const server = fc.constantFrom(scaled(dataverse), scaled(businessCentral))
const runs = { numRuns: 3, interruptAfterTimeLimit: 40_000 }

/** A repeatable random number in [0, 1), by a seed. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** What workers do: enough at once to use any budget up. */
const scene = fc.record({
  limits: server,
  seed: fc.nat(),
  workers: fc.integer({ min: 1, max: 4 }),
  mappings: fc.integer({ min: 1, max: 2 }),
  usualMs: fc.constantFrom(40, 150, 400, 2_000),
  latencyMs: fc.constantFrom(2, 20, 100),
})
type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never

function open({ limits, seed, latencyMs }: Scene, more: { real?: BudgetLimits; identities?: string[] } = {}) {
  const scheduler = new VirtualScheduler()
  const random = randomOf(seed)
  const world = new BudgetWorld({ scheduler, limits, random, latencyMs, ...more })
  return { scheduler, random, world }
}

/** Sends with all workers and mappings; clocks differ in zero point and by up to a thousandth in speed. */
function work(
  { workers, mappings, usualMs, limits }: Scene,
  { world, random }: Pick<ReturnType<typeof open>, 'world' | 'random'>,
) {
  return Array.from({ length: workers }, (_, each) => {
    const worker = world.startWorker(1 + (random() - 0.5) / 500)
    const loads = Array.from({ length: mappings }, (_, mapping) =>
      worker.load({
        mapping: `${each}.${mapping}`,
        atOnce: Math.ceil((2 * Math.min(limits.concurrency, 30)) / workers / mappings),
        durationMs: () => usualMs * (0.5 + random()),
      }),
    )
    return { worker, loads }
  })
}

/** The part of a request's time that it spends at the server; on its way it takes run time and a slot for us all the same. */
function atServer({ usualMs, latencyMs }: Scene): number {
  return usualMs / (usualMs + latencyMs + 1)
}

/** Which part of each limit was used between two looks. */
function use(world: BudgetWorld, limits: BudgetLimits) {
  const { accepted, executedMs } = world.server
  return (windows: number) => ({
    requests: (world.server.accepted - accepted) / limits.requests / windows,
    time: limits.executionMs ? (world.server.executedMs - executedMs) / limits.executionMs / windows : 0,
    concurrency: (world.server.executedMs - executedMs) / (limits.concurrency * limits.windowMs * windows),
  })
}

describe('a budget that is shared by several workers', () => {
  it('is used to 90 % of the limit that binds, and never beyond any', async () => {
    await fc.assert(
      fc.asyncProperty(scene, async (each) => {
        const { scheduler, world, random } = open(each)
        work(each, { world, random })
        await scheduler.runUntil(1.2 * WINDOW)
        const used = use(world, each.limits)
        await scheduler.runUntil(3.2 * WINDOW)
        const { requests, time, concurrency } = used(2)
        const seen = atServer(each)
        expect(Math.max(requests, time / seen, concurrency / seen)).toBeGreaterThanOrEqual(0.9)
        expect(world.server.refused).toBe(0)
        expect(world.server.most.requests).toBeLessThanOrEqual(1)
        expect(world.server.most.execution).toBeLessThanOrEqual(1)
        expect(world.server.most.concurrency).toBeLessThanOrEqual(1)
      }),
      runs,
    )
  })

  it('is used as well by one table that pauses between its pages', async () => {
    const pages = fc.record({
      atOnce: fc.integer({ min: 8, max: 16 }),
      usualMs: fc.integer({ min: 500, max: 4_000 }),
      pause: fc.double({ min: 0, max: 0.2, noNaN: true }),
      seed: fc.nat(),
    })
    await fc.assert(
      fc.asyncProperty(pages, async ({ atOnce, usualMs, pause, seed }) => {
        const limits = scaled(dataverse)
        const scheduler = new VirtualScheduler()
        const random = randomOf(seed)
        const world = new BudgetWorld({ scheduler, limits, random, latencyMs: 20 })
        const durationMs = () => usualMs * (0.9 + random() / 5)
        world.startWorker().loadPages({ mapping: 'M', atOnce, durationMs, pauseMs: pause * usualMs })
        await scheduler.runUntil(1.2 * WINDOW)
        const used = use(world, limits)
        await scheduler.runUntil(4.2 * WINDOW)
        expect(used(3).time).toBeGreaterThanOrEqual(0.82)
        expect(world.server.most.execution).toBeLessThanOrEqual(1)
        expect(world.server.refused).toBe(0)
      }),
      runs,
    )
  })

  it('is not exceeded when workers die with what they hold, freeze, and start anew', async () => {
    const fate = fc.record({ at: fc.integer({ min: 1, max: 150 }), what: fc.constantFrom('kill', 'freeze') })
    await fc.assert(
      fc.asyncProperty(scene, fc.array(fate, { minLength: 1, maxLength: 6 }), async (each, fates) => {
        const { scheduler, world, random } = open(each)
        let working = work(each, { world, random })
        for (const { at, what } of fates) {
          scheduler.after(at * 1_000, () => {
            const [first, ...rest] = working
            if (what === 'freeze') first?.worker.freeze(5_000)
            else {
              first?.worker.kill()
              working = [...rest, ...work({ ...each, workers: 1 }, { world, random })]
            }
          })
        }
        await scheduler.runUntil(3 * WINDOW)
        expect(world.server.most.requests).toBeLessThanOrEqual(1)
        expect(world.server.most.execution).toBeLessThanOrEqual(1.02)
        expect(world.server.refused).toBeLessThanOrEqual(0.01 * world.server.accepted)
      }),
      runs,
    )
  })

  it('learns a limit that is lower than configured with less than 1 % refusals, and uses most of it', async () => {
    const lower = fc.constantFrom('requests', 'executionMs', 'concurrency')
    await fc.assert(
      fc.asyncProperty(
        scene,
        lower,
        fc.double({ min: 0.4, max: 0.9, noNaN: true }),
        async (each, facet, part) => {
          const limit = each.limits[facet]
          const real = { ...each.limits, [facet]: limit && Math.floor(limit * part) }
          const { scheduler, world, random } = open(each, { real })
          work(each, { world, random })
          await scheduler.runUntil(6 * WINDOW)
          const used = use(world, real)
          const { refused, accepted } = world.server
          await scheduler.runUntil(10 * WINDOW)
          const { requests, time, concurrency } = used(4)
          const seen = atServer(each)
          expect(Math.max(requests, time / seen, concurrency / seen)).toBeGreaterThanOrEqual(0.75)
          // The limit is probed once a window, which costs what leaves until the answer is there: two requests, or fewer.
          expect(world.server.refused - refused).toBeLessThanOrEqual(
            0.01 * (world.server.accepted - accepted) + 2 * 4,
          )
          expect(world.server.refused).toBeLessThanOrEqual(0.01 * world.server.accepted + 20)
        },
      ),
      runs,
    )
  })

  it('is divided fairly: mappings that want all get the same, whichever workers they are on', async () => {
    await fc.assert(
      fc.asyncProperty(scene, fc.integer({ min: 1, max: 3 }), async (each, extra) => {
        const { scheduler, world, random } = open(each)
        const loads = work(each, { world, random }).flatMap((working) => working.loads)
        loads.push(
          ...work({ ...each, workers: 1, mappings: extra }, { world, random }).flatMap((more) => more.loads),
        )
        await scheduler.runUntil(1.2 * WINDOW)
        const before = loads.map(({ done }) => done)
        await scheduler.runUntil(4.2 * WINDOW)
        const done = loads.map((load, index) => load.done - (before[index] ?? 0))
        const mean = done.reduce((sum, count) => sum + count, 0) / done.length
        for (const count of done) expect(Math.abs(count - mean)).toBeLessThanOrEqual(0.25 * mean + 3)
      }),
      runs,
    )
  })

  it('lets interactive work through within an exchange, and a slot, of any worker', async () => {
    await fc.assert(
      fc.asyncProperty(scene, async (each) => {
        const { scheduler, world, random } = open(each)
        work(each, { world, random })
        await scheduler.runUntil(1.5 * WINDOW)
        const person: Load = world.startWorker().load({
          mapping: 'person',
          lane: 'interactive',
          atOnce: 1,
          durationMs: () => 30,
          gapMs: 3_000,
        })
        await scheduler.runUntil(2.5 * WINDOW)
        expect(person.done).toBeGreaterThan(10)
        expect(person.longestWaitMs).toBeLessThanOrEqual(1.5 * each.usualMs + 4 * each.latencyMs + 350)
      }),
      runs,
    )
  })

  it('adds up over the identities of a connection', async () => {
    await fc.assert(
      fc.asyncProperty(scene, async (each) => {
        const { scheduler, world, random } = open(each, { identities: ['one', 'two'] })
        for (let identity = 0; identity < 2; identity++) work(each, { world, random })
        await scheduler.runUntil(1.2 * WINDOW)
        const used = use(world, each.limits)
        await scheduler.runUntil(2.2 * WINDOW)
        const { requests, time, concurrency } = used(1)
        const seen = atServer(each)
        expect(Math.max(requests, time / seen, concurrency / seen)).toBeGreaterThanOrEqual(1.8)
        expect(world.server.refused).toBe(0)
      }),
      runs,
    )
  })
})
