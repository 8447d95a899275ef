import { createTime, type SimulatedTime } from '../../src/simulators/kit/time.ts'

/** A clock of a simulated system that stands until it is advanced; sleeping does not advance it. */
export function manualTime(start = Date.UTC(2024, 5, 1, 12), scale = 1): SimulatedTime {
  return createTime({ now: () => new Date(start), monotonicMs: () => 0 }, scale)
}
