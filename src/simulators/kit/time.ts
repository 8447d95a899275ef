import { sleep } from '../../lib/sleep.ts'

/** Where time comes from: the clock of the machine, or one that a test moves. */
export interface TimeSource {
  now(): Date
  /** Milliseconds that never go back, from an arbitrary start. */
  monotonicMs(): number
}

/** The clock of a simulated system: what its records say, and how long its windows and tokens last. */
export interface SimulatedTime {
  /** Milliseconds since 1970 by the system's own clock, which may be wrong (`skew`). */
  nowMs(): number
  monotonicMs(): number
  /** A duration of the real system in milliseconds as it lasts here: divided by the scale. */
  scaled(realMs: number): number
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Lets time pass at once, for everything that expires. */
  advance(ms: number): void
  /** Sets the system's clock this much ahead of the world's, or behind it. */
  skew(ms: number): void
  state(): {
    readonly now: string
    readonly skewMs: number
    readonly advancedMs: number
    readonly scale: number
  }
  /** No skew, nothing advanced. */
  reset(): void
}

/** With scale 100 a window of 300 s lasts 3 s. Times inside of records are not scaled. */
export function createTime(source: TimeSource, scale = 1): SimulatedTime {
  let skewMs = 0
  let advancedMs = 0
  const nowMs = () => source.now().getTime() + advancedMs + skewMs
  return {
    nowMs,
    monotonicMs: () => source.monotonicMs() + advancedMs,
    scaled: (realMs) => realMs / scale,
    sleep,
    advance: (ms) => {
      advancedMs += ms
    },
    skew: (ms) => {
      skewMs = ms
    },
    state: () => ({ now: new Date(nowMs()).toISOString(), skewMs, advancedMs, scale }),
    reset: () => {
      skewMs = 0
      advancedMs = 0
    },
  }
}
