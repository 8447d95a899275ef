import { exchange } from '../../src/core/budget/exchange.ts'
import type { BudgetLimits } from '../../src/core/budget/limits.ts'
import { type BudgetState, freshBudget } from '../../src/core/budget/state.ts'
import type { RequestAnswer, RequestLane } from '../../src/core/ports/request-budget.ts'
import { createSharedBudget, type SharedBudget } from '../../src/usecases/budget/shared-budget.ts'
import { LimitedServer } from './limited-server.ts'
import type { VirtualScheduler } from './virtual-scheduler.ts'

export interface WorldOptions {
  readonly scheduler: VirtualScheduler
  /** What the workers believe. */
  readonly limits: BudgetLimits
  /** What the server really grants; the same without. */
  readonly real?: BudgetLimits
  readonly identities?: readonly string[]
  readonly random: () => number
  /** Longest time of a message in one direction, ms. */
  readonly latencyMs?: number
}

/** A server with real limits, the shared state of its budget, and workers that come and die. Time is virtual. */
export class BudgetWorld {
  readonly server: LimitedServer
  readonly states = new Map<string, BudgetState>()
  exchanges = 0
  readonly #options: WorldOptions
  #workers = 0

  constructor(options: WorldOptions) {
    this.#options = options
    this.server = new LimitedServer(options.real ?? options.limits, options.scheduler)
  }

  /** A worker whose clock runs `rate` times as fast as the database's. */
  startWorker(rate = 1): VirtualWorker {
    this.#workers += 1
    return new VirtualWorker(`w${this.#workers}`, rate, this, this.#options)
  }

  async exchange(request: Parameters<Parameters<typeof createSharedBudget>[0]['store']['exchange']>[0]) {
    this.exchanges += 1
    const { scheduler } = this.#options
    const state = this.states.get(request.identity) ?? freshBudget(scheduler.now)
    const result = exchange(state, request.report, scheduler.now, request.limits)
    this.states.set(request.identity, result.state)
    return result.grant
  }
}

/** What became of the requests of one load. */
export interface Load {
  done: number
  longestWaitMs: number
  stop(): void
}

export class VirtualWorker {
  readonly budget: SharedBudget
  #isAlive = true
  #frozenUntil = 0
  readonly #world: BudgetWorld
  readonly #options: WorldOptions

  constructor(name: string, rate: number, world: BudgetWorld, options: WorldOptions) {
    this.#world = world
    this.#options = options
    const { scheduler, limits, random } = options
    const offset = random() * 1e9
    this.budget = createSharedBudget({
      connectionId: 1,
      identities: options.identities ?? ['sync'],
      limits,
      worker: name,
      random,
      clock: { monotonicMs: () => offset + scheduler.now * rate },
      wait: (ms, signal) => unlessAborted(this.#wait(ms / rate), signal),
      store: {
        exchange: async (request) => {
          await this.#wait(this.#latency())
          const grant = await world.exchange(request)
          await this.#wait(this.#latency())
          return grant
        },
      },
    })
  }

  /** It ends at once, with everything it holds. */
  kill(): void {
    this.#isAlive = false
  }

  /** Nothing happens in it for so long. */
  freeze(ms: number): void {
    this.#frozenUntil = this.#options.scheduler.now + ms
  }

  /** Sends requests without end, some at once. `gapMs`: pause between two of them. */
  load(options: {
    readonly mapping: string
    readonly lane?: RequestLane
    readonly atOnce: number
    readonly durationMs: () => number
    readonly gapMs?: number
  }): Load {
    const stopping = new AbortController()
    const load: Load = { done: 0, longestWaitMs: 0, stop: () => stopping.abort() }
    const send = async () => {
      while (this.#isAlive && !stopping.signal.aborted) {
        const from = this.#options.scheduler.now
        const { lane = 'scheduled', mapping } = options
        const permit = await this.budget.acquire({ lane, mapping, signal: stopping.signal }).catch(() => null)
        if (permit === null) return
        load.longestWaitMs = Math.max(load.longestWaitMs, this.#options.scheduler.now - from)
        const answer = await this.#send(permit.identity, options.durationMs())
        permit.release(answer)
        if (answer.status === 200) load.done += 1
        if (options.gapMs) await this.#wait(options.gapMs)
      }
    }
    for (let each = 0; each < options.atOnce; each++) void send()
    return load
  }

  /** Sends some requests at once, waits for all of them, pauses, and begins again: what a table does page by page. */
  loadPages(options: {
    readonly mapping: string
    readonly atOnce: number
    readonly durationMs: () => number
    readonly pauseMs: number
  }): void {
    const send = async () => {
      const { mapping, durationMs } = options
      const signal = new AbortController().signal
      const permit = await this.budget.acquire({ lane: 'scheduled', mapping, signal })
      permit.release(await this.#send(permit.identity, durationMs()))
    }
    const work = async () => {
      while (this.#isAlive) {
        await Promise.all(Array.from({ length: options.atOnce }, send))
        await this.#wait(options.pauseMs)
      }
    }
    void work()
  }

  async #send(identity: string, durationMs: number): Promise<RequestAnswer> {
    const from = this.#options.scheduler.now
    const answer = await this.#world.server.send(identity, durationMs, this.#latency(), this.#latency())
    await this.#wait(0)
    return { ...answer, durationMs: this.#options.scheduler.now - from }
  }

  #latency(): number {
    return this.#options.random() * (this.#options.latencyMs ?? 20)
  }

  /** Never ends in a worker that is dead, and late in one that is frozen. */
  async #wait(ms: number): Promise<void> {
    const { scheduler } = this.#options
    await scheduler.wait(ms)
    while (this.#frozenUntil > scheduler.now) await scheduler.wait(this.#frozenUntil - scheduler.now)
    if (!this.#isAlive) await new Promise(() => {})
  }
}

function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const end = () => {
      signal.removeEventListener('abort', end)
      resolve()
    }
    signal.addEventListener('abort', end)
    void work.then(end)
  })
}
