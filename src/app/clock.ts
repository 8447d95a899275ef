import type { Clock } from '../core/ports/runtime.ts'

const sleptMs = 1_000

/**
 * The clock of this machine: the only place in src that reads the time. The monotonic clock also counts the time a
 * suspended machine has slept, which the one of the operating system leaves out: a lease runs on meanwhile.
 */
export function createSystemClock(source: { wallMs(): number; steadyMs(): number } = machine): Clock {
  let wall = source.wallMs()
  let steady = source.steadyMs()
  let slept = 0
  const monotonicMs = () => {
    const wallNow = source.wallMs()
    const steadyNow = source.steadyMs()
    const difference = wallNow - wall - (steadyNow - steady)
    if (difference > sleptMs) slept += difference
    wall = wallNow
    steady = steadyNow
    return steadyNow + slept
  }
  return { now: () => new Date(source.wallMs()), monotonicMs }
}

const machine = { wallMs: () => Date.now(), steadyMs: () => performance.now() }

/** The one clock of this process. */
export const systemClock: Clock = createSystemClock()
