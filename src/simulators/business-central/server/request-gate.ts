import type { SimulatedTime } from '../../kit/time.ts'
import { refusals } from '../errors.ts'

/** Limits of a user (connectors.md B.8); durations are those of the real service. */
export interface GateLimits {
  readonly processed: number
  readonly queued: number
  readonly longestWaitMs: number
}

/** Lets so many requests of one user in at once; the others wait in a queue that has an end. */
export interface RequestGate {
  /** Resolves when the request may run; call what it returns when it is done. Throws 429 when the queue is full, 503 after the wait. */
  enter(user: string): Promise<() => void>
}

interface Lane {
  running: number
  readonly waiting: (() => void)[]
}

export function createRequestGate(limits: GateLimits, time: SimulatedTime): RequestGate {
  const lanes = new Map<string, Lane>()
  return {
    async enter(user) {
      const lane = lanes.get(user) ?? { running: 0, waiting: [] }
      lanes.set(user, lane)
      const all = lane.running + lane.waiting.length
      const most = limits.processed + limits.queued
      if (all >= most) throw refusals.tooManyRequests(all + 1, most)
      if (lane.running >= limits.processed) await turn(lane, time.scaled(limits.longestWaitMs))
      else lane.running += 1
      return leaveOnce(lane)
    },
  }
}

/** Waits for a place that somebody hands over. */
function turn(lane: Lane, longestMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      lane.waiting.splice(lane.waiting.indexOf(take), 1)
      reject(refusals.tenantUnavailable())
    }, longestMs)
    const take = (): void => {
      clearTimeout(timer)
      resolve()
    }
    lane.waiting.push(take)
  })
}

/** The place goes to whoever has waited longest, so the number of running requests stays as it is. */
function leaveOnce(lane: Lane): () => void {
  let left = false
  return () => {
    if (left) return
    left = true
    const next = lane.waiting.shift()
    if (next) next()
    else lane.running -= 1
  }
}
