import type { RequestLane } from '../ports/request-budget.ts'

/** One that waits for its turn. */
export interface Waiting<T> {
  readonly item: T
  readonly lane: RequestLane
  readonly mapping: string | null
}

/**
 * Who is next in a worker: interactive work before scheduled work, and in each lane the mapping that has used least so
 * far, in the order of arrival within a mapping. A mapping that comes back after a while starts level with the others:
 * what it did not use before is nothing it could claim (start-time fair queueing).
 */
export class FairQueue<T> {
  readonly #lanes: Record<RequestLane, Map<string | null, Set<Waiting<T>>>> = {
    interactive: new Map(),
    scheduled: new Map(),
  }
  readonly #used = new Map<string | null, number>()
  readonly #running = new Map<string | null, number>()
  /** What the mapping whose turn it was last had used then. */
  #level = 0

  add(waiting: Waiting<T>): void {
    const lane = this.#lanes[waiting.lane]
    const line = lane.get(waiting.mapping)
    if (line) line.add(waiting)
    else {
      lane.set(waiting.mapping, new Set([waiting]))
      this.#used.set(waiting.mapping, Math.max(this.#level, this.#used.get(waiting.mapping) ?? 0))
    }
  }

  /** Takes it out, whether or not it was its turn. */
  remove(waiting: Waiting<T>): void {
    const lane = this.#lanes[waiting.lane]
    const line = lane.get(waiting.mapping)
    line?.delete(waiting)
    if (line?.size === 0) lane.delete(waiting.mapping)
  }

  next(lane: RequestLane): Waiting<T> | null {
    let first: { readonly used: number; readonly waiting: Waiting<T> } | null = null
    for (const [mapping, line] of this.#lanes[lane]) {
      const used = this.#used.get(mapping) ?? 0
      const [waiting] = line
      if (waiting && (first === null || used < first.used)) first = { used, waiting }
    }
    return first?.waiting ?? null
  }

  /** It was its turn: removes it, and charges its mapping what the request is expected to use. */
  take(waiting: Waiting<T>, cost: number): void {
    this.remove(waiting)
    this.#level = Math.max(this.#level, this.#used.get(waiting.mapping) ?? 0)
    this.#change(waiting.mapping, 1, cost)
  }

  /** Its request has ended; `cost`: what it has used beyond what was expected, less than nothing when it was less. */
  finished({ mapping }: Waiting<T>, cost: number): void {
    this.#change(mapping, -1, cost)
  }

  size(lane: RequestLane): number {
    let size = 0
    for (const line of this.#lanes[lane].values()) size += line.size
    return size
  }

  /** Mappings with requests that wait or run. */
  get mappings(): number {
    const working = [...this.#running].filter(([, running]) => running > 0).map(([mapping]) => mapping)
    return new Set([...working, ...this.#lanes.scheduled.keys()]).size
  }

  /** All that wait, of both lanes. */
  all(): Waiting<T>[] {
    return Object.values(this.#lanes).flatMap((lane) => [...lane.values()].flatMap((line) => [...line]))
  }

  #change(mapping: string | null, running: number, cost: number): void {
    this.#running.set(mapping, (this.#running.get(mapping) ?? 0) + running)
    this.#used.set(mapping, (this.#used.get(mapping) ?? 0) + cost)
  }
}
