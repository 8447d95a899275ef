import type { JobDirection } from '../mapping/definition.ts'
import type { Swings } from '../sync/ping-pong.ts'
import type { RecordKey } from '../values/key.ts'
import type { Values } from '../values/value.ts'

/** What the store knows of one side of a coupling, without the base values. */
export interface CoupledSide {
  readonly key: RecordKey
  /** Value by which other records refer to this one, in canonical form; equal to the key where no reference field is set. */
  readonly reference: string
  /**
   * Version at which this side was equal to its base in every tracked field; null when something is still to be
   * carried over, so that no reader may take the short way.
   */
  readonly version: string | null
  readonly modifiedAt: string | null
  /** Fingerprint of the base of this side, or null when the base is incomplete. */
  readonly fingerprint: string | null
}

/** The stored link between one local and one remote record of one mapping. */
export interface Coupling {
  readonly id: number
  readonly mappingId: number
  readonly local: CoupledSide
  readonly remote: CoupledSide
  /** Destination value each reference field was translated to at the last agreement, by field mapping name. */
  readonly references: Readonly<Record<string, string | null>>
  /** Last writes to fields that both sides may change. */
  readonly swings: Swings
  /** Mapping version of the last agreement. */
  readonly mappingVersion: number
  /** Raised by uncoupling and restoring, so that a new counterpart gets a new id. */
  readonly generation: number
  /** Known from a backup only, and not agreed on since: the two may have been brought in step later than the bases say. */
  readonly isRestored: boolean
}

/** Values of both sides at the last agreement, each as that side itself gave them. A field may be missing: no agreement yet. */
export interface CouplingBases {
  readonly local: Values
  readonly remote: Values
}

/** What a page commit writes about one coupling: inserted when `id` is null. */
export interface CouplingWrite {
  readonly id: number | null
  readonly local: CoupledSide
  readonly remote: CoupledSide
  readonly bases: CouplingBases
  readonly references: Readonly<Record<string, string | null>>
  readonly swings: Swings
  readonly mappingVersion: number
  readonly generation: number
  readonly isRestored: boolean
  readonly direction: JobDirection
  readonly jobId: number
}
