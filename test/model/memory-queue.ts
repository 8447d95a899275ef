import { SyncError } from '../../src/core/errors.ts'
import type { JobQueue, QueueJobState } from '../../src/core/ports/job-queue.ts'
import type { Line, Run } from '../../src/core/sync/run.ts'

/** A job of the queue: the parent of a run, or one of its lines. */
export interface QueueJob {
  readonly id: string
  readonly parent: string | null
  readonly runId: number
  readonly lineId: number | null
  /** `parked`: waits for its children. */
  state: 'waiting' | 'parked' | 'done' | 'failed'
  notBeforeMs: number
  attempts: number
}

const isOver = ({ state }: QueueJob) => state === 'done' || state === 'failed'

/** The queue as a list: an id that is there is not added again, a line that is done leaves, a parent comes after its children. */
export class MemoryQueue implements JobQueue {
  readonly #jobs = new Map<string, QueueJob>()

  async addRun(run: Run, readyLines: readonly Line[]): Promise<void> {
    const id = runJobId(run)
    this.#add({ id, parent: null, runId: run.id, lineId: null })
    for (const line of readyLines) this.#addLine(line, id)
    this.#park(id)
  }

  async addLines(run: Run, lines: readonly Line[]): Promise<void> {
    const parent = this.#jobs.get(runJobId(run))
    if (!parent || isOver(parent))
      throw new SyncError('QUEUE_PARENT_MISSING', `The queue has no job for run ${run.id}`)
    for (const line of lines) this.#addLine(line, parent.id)
  }

  async runState(run: Run): Promise<QueueJobState> {
    return this.#stateOf(runJobId(run))
  }

  async isParked(run: Run): Promise<boolean> {
    return this.#jobs.get(runJobId(run))?.state === 'parked'
  }

  async lineState(line: Line): Promise<QueueJobState> {
    return this.#stateOf(lineJobId(line))
  }

  async addOperation(): Promise<void> {}

  async operationState(): Promise<QueueJobState> {
    return 'missing'
  }

  async reconcileSchedules(): Promise<void> {}
  async check(): Promise<void> {}
  async close(): Promise<void> {}

  /** The next job, by the time from which it may run; null when nothing is left to do. */
  next(): QueueJob | null {
    const waiting = [...this.#jobs.values()].filter(({ state }) => state === 'waiting')
    return waiting.sort((a, b) => a.notBeforeMs - b.notBeforeMs)[0] ?? null
  }

  end(job: QueueJob, state: 'done' | 'failed'): void {
    job.state = state
    if (state === 'done' && job.lineId !== null) this.#jobs.delete(job.id)
    const parent = job.parent === null ? undefined : this.#jobs.get(job.parent)
    if (parent?.state === 'parked' && !this.hasOpenChildren(parent)) parent.state = 'waiting'
  }

  hasOpenChildren({ id }: QueueJob): boolean {
    return [...this.#jobs.values()].some((job) => job.parent === id && !isOver(job))
  }

  /** Everything the queue held is gone. */
  lose(): void {
    this.#jobs.clear()
  }

  #add(job: Pick<QueueJob, 'id' | 'parent' | 'runId' | 'lineId'>): void {
    if (this.#jobs.has(job.id)) return
    this.#jobs.set(job.id, { ...job, state: 'waiting', notBeforeMs: 0, attempts: 0 })
  }

  #addLine(line: Line, parent: string): void {
    this.#add({ id: lineJobId(line), parent, runId: line.runId, lineId: line.id })
  }

  #park(id: string): void {
    const parent = this.#jobs.get(id)
    if (parent?.state === 'waiting' && this.hasOpenChildren(parent)) parent.state = 'parked'
  }

  #stateOf(id: string): QueueJobState {
    const job = this.#jobs.get(id)
    if (!job) return 'missing'
    return isOver(job) ? 'dead' : 'live'
  }
}

function runJobId({ id, generation }: Run): string {
  return `run-${id}.${generation}`
}

function lineJobId({ id, generation }: Line): string {
  return `line-${id}.${generation}`
}
