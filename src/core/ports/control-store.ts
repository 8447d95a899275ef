import type { BreakerAnswer, BreakerEvent, BreakerState } from '../control/breaker.ts'
import type { Pause, PauseScope } from '../control/pause.ts'
import type { Act } from './act.ts'

/** The breaker of one connection, as read at a time. */
export interface StoredBreaker {
  readonly connectionId: number
  readonly connection: string
  readonly state: BreakerState
}

/** What keeps work from being done although it is there: pauses, and connections that do not answer. */
export interface ControlStore {
  /**
   * Pauses something, or changes who has paused it, why and until when. `cause` automatic: a rule does, which never replaces the
   * pause of a person. Written to the audit log.
   */
  pause(
    what: PauseScope,
    how: Pick<Pause, 'cause' | 'until'> & { readonly reason: string },
    act: Act,
  ): Promise<Pause>
  /** False: it was not paused. */
  resume(what: PauseScope, act: Act): Promise<boolean>
  /** Pauses that hold now, the oldest first. */
  listPauses(): Promise<readonly Pause[]>
  /** Ends the pauses whose time is over, each with an entry in the audit log; returns how many. */
  endPauses(): Promise<number>
  /** Tells or asks the breaker of a connection, by the rule of `core/control/breaker.ts` and the database's clock. */
  turnBreaker(connectionId: number, event: BreakerEvent): Promise<BreakerAnswer>
  /** Breakers that are not closed, by connection. */
  listBreakers(): Promise<readonly StoredBreaker[]>
}
