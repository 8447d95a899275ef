import type { Side } from '../../src/core/mapping/definition.ts'
import type { Connector } from '../../src/core/ports/connector.ts'
import type { RecordKey } from '../../src/core/values/key.ts'
import type { Values } from '../../src/core/values/value.ts'
import type { OutsideAccident } from './steps.ts'

/** A record as people see it; `version` changes with every change of it. */
export interface ModelRecord {
  readonly values: Values
  readonly version: string
}

/** What somebody wants to do; it may turn out that there is nothing to do it to. */
export type Wish =
  | { readonly kind: 'insert'; readonly side: Side; readonly values: Values }
  | { readonly kind: 'edit'; readonly side: Side; readonly key: RecordKey; readonly values: Values }
  | { readonly kind: 'delete'; readonly side: Side; readonly key: RecordKey }

export interface OpenTransaction {
  /** As `act`. */
  commit(): RecordKey | null
  rollback(): void
}

/** One of the two systems of a history: what people do in it, how Couplet reaches it, and what goes wrong on the way there. */
export interface ModelSystem {
  readonly connector: Connector
  /** Under which their users find them, `modified` among the values: when, by the clock of the system. */
  records(): ReadonlyMap<RecordKey, ModelRecord>
  /** Does it at once; the key the record has then, or null where the system does not let anybody do it. */
  act(wish: Wish): RecordKey | null
  /**
   * Begins a transaction now. What it does becomes visible when it is committed, with the time of now where the system can be
   * as late as that.
   */
  begin(wish: Wish): OpenTransaction
  /** From now on, until it has happened. */
  happen(accident: OutsideAccident): void
  /** Writes that were under way arrive. */
  release(): Promise<void>
}

/** Both systems of a history. */
export interface ModelSystems {
  readonly local: ModelSystem
  readonly remote: ModelSystem
  /** Longest time by which a write is late, in ms, after the lease of its sender has ended. */
  readonly lateMs: number
  close(): Promise<void>
}
