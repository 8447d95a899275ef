import type { StoredBreaker } from '../ports/control-store.ts'
import { type Taker, takersOf } from '../ports/process-store.ts'
import type { AlertReading } from './rule.ts'

/** Lines that wait for a connection try it when its time has come; where nobody has for so long, nobody waits for it. */
const UNTRIED_MS = 300_000

/**
 * Whole minutes since each connection whose breaker is not closed was found out of reach; a trial under way does not end it. Of one
 * that nobody tries any more nothing is known.
 */
export function readDownConnections(
  breakers: readonly Pick<StoredBreaker, 'connection' | 'state'>[],
  nowMs: number,
): readonly AlertReading[] {
  return breakers.flatMap(({ connection, state }) =>
    state.state === 'closed' || (state.state === 'open' && nowMs > state.retryAt + UNTRIED_MS)
      ? []
      : [everywhere(`connection ${connection}`, Math.max(0, Math.floor((nowMs - state.since) / 60_000)))],
  )
}

/** 1 for each queue that no process takes jobs from: none is alive, or all are quiet or leaving; else 0. */
export function readUntakenQueues(
  processes: readonly Taker[],
  queues: readonly string[],
): readonly AlertReading[] {
  return queues.map((queue) => everywhere(`queue ${queue}`, takersOf(processes, queue).length > 0 ? 0 : 1))
}

const everywhere = (subject: string, value: number): AlertReading => ({
  subject,
  pairName: null,
  mappingName: null,
  value,
})
