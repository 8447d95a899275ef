import type { Clock } from '../../src/core/ports/runtime.ts'

/** Time that passes only when a history says so. */
export class VirtualTime {
  #ms = Date.UTC(2024, 4, 1, 8)

  get ms(): number {
    return this.#ms
  }

  pass(ms: number): void {
    this.#ms += ms
  }

  /** A clock that is wrong by a constant. */
  clock(skewMs = 0): Clock {
    return { now: () => new Date(this.#ms + skewMs), monotonicMs: () => this.#ms }
  }
}
