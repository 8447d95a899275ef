import type { RequestAnswer, RequestLane } from '../ports/request-budget.ts'

export interface StartedRequest {
  readonly lane: RequestLane
  /** Monotonic clock, ms. */
  readonly startedAt: number
}

/** How long a request takes as long as none has been answered, ms. */
const UNKNOWN_MS = 1_000
/** Weight of the newest answer in the usual time. */
const NEWEST = 0.2

/** The requests of one worker that are under way, and the run time of all it has begun. */
export class RunningRequests {
  /** Each with the run time that has been counted for it. */
  readonly #running = new Map<StartedRequest, number>()
  #scheduled = 0
  #finishedMs = 0
  #usualMs = UNKNOWN_MS
  #peak = 0
  #peakScheduled = 0

  get count(): number {
    return this.#running.size
  }

  get scheduled(): number {
    return this.#scheduled
  }

  get interactive(): number {
    return this.#running.size - this.#scheduled
  }

  /** Most scheduled requests at once since `takePeak`. */
  get peakScheduled(): number {
    return this.#peakScheduled
  }

  /** What a request usually takes, ms. */
  get usualMs(): number {
    return this.#usualMs
  }

  start(lane: RequestLane, now: number): StartedRequest {
    const request = { lane, startedAt: now }
    this.#running.set(request, 0)
    if (lane === 'scheduled') this.#scheduled += 1
    this.#peak = Math.max(this.#peak, this.count)
    this.#peakScheduled = Math.max(this.#peakScheduled, this.#scheduled)
    return request
  }

  finish(request: StartedRequest, { status, durationMs }: RequestAnswer): void {
    this.#finishedMs += Math.max(durationMs, this.#running.get(request) ?? 0)
    this.#running.delete(request)
    if (request.lane === 'scheduled') this.#scheduled -= 1
    // A refused request takes no time, and one without an answer took as long as we waited.
    if (status !== null && status < 400) this.#usualMs += NEWEST * (durationMs - this.#usualMs)
  }

  /** Most requests at once since the last call. */
  takePeak(): number {
    const peak = this.#peak
    this.#peak = this.count
    this.#peakScheduled = this.#scheduled
    return peak
  }

  /** Run time of all requests so far. */
  totalMs(now: number): number {
    let total = this.#finishedMs
    for (const [request, counted] of this.#running) total += Math.max(counted, now - request.startedAt)
    return total
  }

  /** The same, to be reported: what is counted for a request now is not taken back when its answer says less. */
  countMs(now: number): number {
    for (const [request, counted] of this.#running) {
      this.#running.set(request, Math.max(counted, now - request.startedAt))
    }
    return this.totalMs(now)
  }

  /** Age of the oldest request that is running; 0 when none is. */
  oldestMs(now: number): number {
    // The first one is the oldest: a map keeps the order of arrival.
    const [oldest] = this.#running.keys()
    return oldest === undefined ? 0 : now - oldest.startedAt
  }

  /** What the running requests are expected to take from now on. */
  openMs(now: number): number {
    let open = 0
    for (const { startedAt } of this.#running.keys()) {
      open += Math.max(0, this.#usualMs - (now - startedAt))
    }
    return open
  }
}
