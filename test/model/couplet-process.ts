import type { Connector } from '../../src/core/ports/connector.ts'
import { type Log, type PipelineStep, pipelineSteps } from '../../src/core/ports/runtime.ts'
import type { Deps, Stores } from '../../src/usecases/deps.ts'

/** Thrown into a process that is killed, at whatever it does: nothing of it gets out any more. */
class ProcessEnded extends Error {
  override readonly name = 'ProcessEnded'
}

const silent: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silent,
}

/** What may happen to a process right before a step of the pipeline, the n-th time it comes. */
export type Interruption = (process: CoupletProcess, step: PipelineStep, count: number) => Promise<void>

export interface Surroundings extends Pick<Deps, 'queue' | 'clock' | 'settings'> {
  readonly stores: Stores
  readonly connectors: ReadonlyMap<string, Connector>
}

/**
 * One process of Couplet: its own wiring around the store, the queue and the systems that all processes share. Killed,
 * it reaches none of them any more, whatever it still has under way; frozen, it stands still until it is woken.
 */
export class CoupletProcess {
  readonly deps: Deps
  readonly name: string
  #isAlive = true
  #standstill: Promise<void> | null = null
  #goOn: () => void = () => {}
  #onFrozen: () => void = () => {}
  #interrupt: Interruption = async () => {}
  readonly #counts = new Map<PipelineStep, number>()

  constructor(name: string, around: Surroundings) {
    this.name = name
    const { stores, connectors } = around
    this.deps = {
      stores: {
        mappings: this.#guard(stores.mappings),
        leases: this.#guard(stores.leases),
        sync: this.#guard(stores.sync),
        runs: this.#guard(stores.runs),
        operations: this.#guard(stores.operations),
        matches: this.#guard(stores.matches),
        previews: this.#guard(stores.previews),
        deletions: this.#guard(stores.deletions),
        budgets: this.#guard(stores.budgets),
        access: this.#guard(stores.access),
        schedules: this.#guard(stores.schedules),
        control: this.#guard(stores.control),
        bulk: this.#guard(stores.bulk),
      },
      queue: this.#guard(around.queue),
      connect: async ({ name: connection }) => this.#connectorOf(connectors.get(connection)),
      lookUp: async ({ name: connection }) => this.#connectorOf(connectors.get(connection)),
      loadFunctions: async () => new Map(),
      answerAhead: async () => {},
      clock: around.clock,
      log: silent,
      probe: { before: (step) => this.#before(step) },
      settings: around.settings,
      processName: name,
      random: () => 0.5,
    }
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  kill(): void {
    this.#isAlive = false
  }

  freeze(): void {
    this.#standstill = new Promise((resolve) => {
      this.#goOn = resolve
    })
    this.#onFrozen()
  }

  wake(): void {
    this.#standstill = null
    this.#goOn()
  }

  /** What the work ends in, or `frozen` when the process stands still before it ends. */
  async run<T>(work: Promise<T>): Promise<T | 'frozen'> {
    const frozen = new Promise<'frozen'>((resolve) => {
      this.#onFrozen = () => resolve('frozen')
    })
    return Promise.race([work, frozen])
  }

  interruptBy(interrupt: Interruption): void {
    this.#interrupt = interrupt
    for (const step of pipelineSteps) this.#counts.set(step, 0)
  }

  async #before(step: PipelineStep): Promise<void> {
    this.#assertAlive()
    const count = (this.#counts.get(step) ?? 0) + 1
    this.#counts.set(step, count)
    await this.#interrupt(this, step, count)
    await this.#mayGoOn()
  }

  async #mayGoOn(): Promise<void> {
    while (this.#standstill) await this.#standstill
    this.#assertAlive()
  }

  #assertAlive(): void {
    if (!this.#isAlive) throw new ProcessEnded(`${this.name} is dead`)
  }

  /** The same object, whose methods end in a process that is dead: before they do anything, or before they answer. */
  #guard<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, name) => {
        const member: unknown = Reflect.get(object, name)
        if (typeof member !== 'function') return member
        return async (...args: unknown[]) => {
          await this.#mayGoOn()
          const answer: unknown = await Reflect.apply(member, object, args)
          await this.#mayGoOn()
          return answer
        }
      },
    })
  }

  #connectorOf(connector: Connector | undefined): Connector {
    if (!connector) throw new Error('No such connection')
    return {
      ...this.#guard(connector),
      name: connector.name,
      openTable: async (address, signal) => {
        this.#assertAlive()
        return this.#guard(await connector.openTable(address, signal))
      },
    }
  }
}
