interface Event {
  readonly at: number
  readonly run: () => void
}

/** Time that jumps from event to event: hours of waiting pass in a moment. */
export class VirtualScheduler {
  #now = 0
  /** A binary heap by time; events of one time keep no order among each other. */
  readonly #events: Event[] = []

  get now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): void {
    const events = this.#events
    events.push({ at: this.#now + Math.max(0, ms), run })
    for (let child = events.length - 1; child > 0; ) {
      const parent = (child - 1) >> 1
      if (this.#at(parent) <= this.#at(child)) break
      this.#swap(parent, child)
      child = parent
    }
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve))
  }

  /** Lets everything happen that happens until then. */
  async runUntil(ms: number): Promise<void> {
    await settled()
    while (this.#events.length > 0 && this.#at(0) <= ms) {
      const { at, run } = this.#pop()
      this.#now = at
      run()
      await settled()
    }
    this.#now = ms
  }

  #pop(): Event {
    const events = this.#events
    const first = events[0] as Event
    const last = events.pop() as Event
    if (events.length > 0) events[0] = last
    for (let parent = 0; ; ) {
      const left = 2 * parent + 1
      const least = this.#at(left + 1) < this.#at(left) ? left + 1 : left
      if (this.#at(least) >= this.#at(parent)) return first
      this.#swap(least, parent)
      parent = least
    }
  }

  #at(index: number): number {
    return this.#events[index]?.at ?? Number.POSITIVE_INFINITY
  }

  #swap(a: number, b: number): void {
    const events = this.#events
    const kept = events[a] as Event
    events[a] = events[b] as Event
    events[b] = kept
  }
}

/** All promises that can go on have gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
