import type { Coupling } from '../../src/core/coupling/coupling.ts'
import { SyncError, toSyncError } from '../../src/core/errors.ts'
import { jobCatalog, type Verdict } from '../../src/core/jobs/catalog.ts'
import { MappingDefinition, type Side } from '../../src/core/mapping/definition.ts'
import type { Pair } from '../../src/core/ports/mapping-store.ts'
import { decideFailure } from '../../src/queue/failure.ts'
import type { Stores } from '../../src/usecases/deps.ts'
import { runParent } from '../../src/usecases/flow/run-parent.ts'
import { sweep } from '../../src/usecases/flow/sweep.ts'
import { runLine } from '../../src/usecases/line/run-line.ts'
import { importMappings } from '../../src/usecases/setup/import-mappings.ts'
import { CoupletProcess, type Interruption } from './couplet-process.ts'
import { MemoryQueue, type QueueJob } from './memory-queue.ts'
import { definitionOf, mappingName, type Setting } from './scenario.ts'
import type { ModelSystems } from './system.ts'
import type { VirtualTime } from './virtual-time.ts'

export const leaseMs = 30_000

/** The store of a world, and how its clock is moved where it is not the virtual one. */
export interface WorldStore {
  readonly stores: Stores
  pass(ms: number): Promise<void>
}

const sides = ['local', 'remote'] as const

/** Both systems, the store, the queue, and one process after the other that works on them. */
export class World {
  readonly time: VirtualTime
  readonly stores: Stores
  readonly queue = new MemoryQueue()
  readonly systems: ModelSystems
  readonly #store: WorldStore
  readonly #setting: Setting
  #pageSize: number
  #process: CoupletProcess
  #started = 0
  #interrupt: Interruption = async () => {}
  #jobBeganMs = 0
  #job: QueueJob | null = null
  #stop = new AbortController()
  readonly #frozen: { readonly process: CoupletProcess; readonly work: Promise<unknown> }[] = []
  /** By when writes that are under way arrive, or not at all. */
  #arrivalMs: number | null = null
  pair: Pair | null = null

  constructor(setting: Setting, time: VirtualTime, store: WorldStore, systems: ModelSystems) {
    this.time = time
    this.#setting = setting
    this.#store = store
    this.stores = store.stores
    this.#pageSize = setting.pageSize
    this.systems = systems
    this.#process = this.#startProcess()
  }

  async open(): Promise<void> {
    const { mappings } = this.stores
    for (const side of sides)
      await mappings.saveConnection({ name: `model-${side}`, kind: 'memory', settings: {} })
    this.pair = await mappings.savePair({
      name: 'model',
      local: { connection: 'model-local', company: '' },
      remote: { connection: 'model-remote', company: '' },
    })
    await this.importMapping(definitionOf(this.#setting))
  }

  /** Whoever edits the mapping tries again when a system cannot be reached at that moment. */
  async importMapping(definition: object, attempts = 8): Promise<void> {
    const by = { changedBy: 'somebody', reason: 'model' }
    const definitions = [MappingDefinition.parse(definition)]
    const imported = await importMappings(this.getPair(), definitions, by, this.#process.deps).catch(
      (error) => {
        if (toSyncError(error).kind !== 'transient' || attempts === 1) throw error
        return null
      },
    )
    if (imported === null) return this.importMapping(definition, attempts - 1)
    const { problems } = imported
    const errors = problems.filter(({ severity }) => severity === 'error')
    if (errors.length > 0)
      throw new Error(errors.map(({ path, message }) => `${path}: ${message}`).join('\n'))
  }

  getPair(): Pair {
    if (this.pair === null) throw new Error('The world is not open')
    return this.pair
  }

  getMapping() {
    return this.stores.mappings.getMapping(this.getPair().id, mappingName)
  }

  get deps() {
    return this.#process.deps
  }

  /** What happens to the processes from now on, step by step. */
  interruptBy(interrupt: Interruption, pageSize: number): void {
    this.#interrupt = interrupt
    if (pageSize !== this.#pageSize) {
      this.#pageSize = pageSize
      this.#process = this.#startProcess()
    }
    this.#process.interruptBy(interrupt)
  }

  /** The process at work is asked to end in order. */
  stop(): void {
    this.#stop.abort()
  }

  holdNextWrite(side: Side): void {
    this.systems[side].happen('hold write')
    this.#arrivalMs ??= this.#jobBeganMs + leaseMs + this.systems.lateMs - 1
  }

  async releaseHeld(): Promise<void> {
    this.#arrivalMs = null
    for (const side of sides) await this.systems[side].release()
  }

  /** Whoever stood still goes on, long after others have done his work. */
  async wake(): Promise<void> {
    for (let next = this.#frozen.shift(); next; next = this.#frozen.shift()) {
      const { process, work } = next
      const end = process.run(work)
      process.wake()
      if ((await end) === 'frozen') this.#frozen.push(next)
    }
  }

  /** A write that was sent takes effect before the lease of its sender ends, or as much later as its system can be, or not at all. */
  async pass(ms: number): Promise<void> {
    if (this.#arrivalMs !== null && this.#arrivalMs <= this.time.ms + ms) await this.releaseHeld()
    this.time.pass(ms)
    await this.#store.pass(ms)
  }

  async sweep(): Promise<void> {
    await sweep(this.#process.deps, new AbortController().signal)
  }

  /** Works off the queue until it is empty. */
  async work(): Promise<void> {
    for (let turn = 0; turn < 400; turn += 1) {
      const job = this.queue.next()
      if (job === null) return
      if (job.notBeforeMs > this.time.ms) await this.pass(job.notBeforeMs - this.time.ms)
      await this.deliver(job)
    }
    throw new Error('P10: the queue never comes to rest')
  }

  /** The job at hand is delivered to a second process as well, which runs it to its end. */
  async deliverTwice(): Promise<void> {
    const job = this.#job
    if (job === null || job.lineId === null) return
    const { runId, lineId } = job
    const second = this.#newProcess()
    second.interruptBy(async () => {})
    const context = { signal: new AbortController().signal, attempt: 1, isLastAttempt: false, slotMs: null }
    await runLine({ runId, lineId }, context, second.deps)
  }

  /** Hands a job to the process at work; one that dies or stands still leaves it to the next one. */
  async deliver(job: QueueJob): Promise<void> {
    this.#job = job
    this.#jobBeganMs = this.time.ms
    this.#stop = new AbortController()
    const process = this.#process
    const work = this.#call(job, process)
    const end = await process.run(work)
    if (end === 'frozen') this.#frozen.push({ process, work })
    if (end !== 'frozen' && end !== null) return end()
    this.#process = this.#startProcess()
    job.notBeforeMs = this.time.ms + 10
  }

  /** What the queue does about the job; null when the process has died. */
  async #call(job: QueueJob, process: CoupletProcess): Promise<(() => void) | null> {
    try {
      const verdict = await this.#start(job, process)
      return process.isAlive ? () => this.#follow(job, verdict) : null
    } catch (error) {
      if (!process.isAlive) return null
      const isStopping = this.#stop.signal.aborted
      return () => this.#afterFailure(job, error, isStopping)
    }
  }

  #start(job: QueueJob, process: CoupletProcess): Promise<Verdict> {
    const attempt = job.attempts + 1
    const context = {
      signal: this.#stop.signal,
      attempt,
      isLastAttempt: attempt >= jobCatalog['sync-line'].attempts,
      slotMs: null,
    }
    const { runId, lineId } = job
    return lineId === null
      ? runParent({ runId }, context, process.deps)
      : runLine({ runId, lineId }, context, process.deps)
  }

  #follow(job: QueueJob, verdict: Verdict): void {
    if (verdict.verdict === 'later') job.notBeforeMs = this.time.ms + verdict.inMs
    else if (this.queue.hasOpenChildren(job)) job.state = 'parked'
    else if (verdict.verdict === 'wait-for-children') job.notBeforeMs = this.time.ms + 2_000
    else this.queue.end(job, 'done')
  }

  /** Only what the outside has done to a job may make it fail; everything else is a mistake of ours. */
  #afterFailure(job: QueueJob, error: unknown, isAborted: boolean): void {
    const failure = toSyncError(error)
    const isForeign = failure.kind === 'transient' || failure.kind === 'lost-lease'
    if (!(error instanceof SyncError) || !isForeign) throw error
    const { backoff, attempts } = jobCatalog['sync-line']
    const attempt = job.attempts + 1
    const action = decideFailure(error, { attempt, freeStarts: 0, isAborted, backoff, random: 0.5 })
    if (action.action === 'stop') throw error
    if (action.action === 'retry') job.attempts += 1
    if (job.attempts >= attempts) this.queue.end(job, 'failed')
    else job.notBeforeMs = this.time.ms + action.delayMs
  }

  /** Nothing is under way, and nothing will become due by itself. */
  async isAtRest(): Promise<boolean> {
    const { sync, runs } = this.stores
    const { id } = await this.getMapping()
    if ((await sync.findOpenIntents(id)).length > 0 || (await sync.hasDueWork(id))) return false
    const issues = await this.issues()
    if (issues.some(({ nextAttemptAt }) => nextAttemptAt !== null)) return false
    const unfinished = await runs.listUnfinished({ limit: 10, after: 0 })
    return unfinished.length === 0
  }

  issues() {
    return this.stores.operations.listIssues({
      pairId: this.getPair().id,
      mapping: null,
      kind: null,
      code: null,
      limit: 1_000,
      before: null,
    })
  }

  async allCouplings(): Promise<readonly Coupling[]> {
    const { id } = await this.getMapping()
    const last = await this.stores.sync.findLastCoupling(id)
    return this.stores.sync.listCouplings(id, { after: 0, last, limit: 1_000 })
  }

  records(side: Side) {
    return this.systems[side].records()
  }

  /** Changes with every change of any record. */
  versions(): string {
    return JSON.stringify(
      sides.map((side) => [...this.records(side)].map(([key, { version }]) => [key, version])),
    )
  }

  #startProcess(): CoupletProcess {
    const process = this.#newProcess()
    process.interruptBy(this.#interrupt)
    return process
  }

  #newProcess(): CoupletProcess {
    this.#started += 1
    return new CoupletProcess(`process ${this.#started}`, {
      stores: this.stores,
      queue: this.queue,
      connectors: new Map(sides.map((side) => [`model-${side}`, this.systems[side].connector])),
      clock: this.time.clock(),
      settings: {
        pageSize: this.#pageSize,
        leaseMs,
        busyRetryMs: 20_000,
        newRunMs: 0,
        questionMs: 3_600_000,
        skipAfter: 2,
        giveUpAfter: 1_000,
      },
    })
  }
}
