import type { Coupling, CouplingBases } from '../coupling/coupling.ts'
import type { UncoupledPair } from '../coupling/uncoupling.ts'
import type { CompiledMapping } from '../mapping/compile.ts'
import type { InitialDirection } from '../mapping/conflict-strategy.ts'
import type { JobDirection, Side } from '../mapping/definition.ts'
import type { ResolvedReferences } from '../mapping/transfer.ts'
import type { RecordSnapshot } from '../ports/connector.ts'
import type { RecordKey } from '../values/key.ts'
import type { Values } from '../values/value.ts'
import type { ConflictResolution } from './issue.ts'

/** Values a worker whose fate is unknown sent, or may still send, to one side of the record (architecture.md §4.2). */
export interface DoubtfulWrite {
  readonly side: Side
  readonly values: Values
  /** Version the write was conditional on; null for a creation. */
  readonly expectedVersion: string | null
  /** What the record it was made from held. */
  readonly sourceValues: Values
  /** A later holder of the lease has looked at the record since, so that the bases know what had arrived by then. */
  readonly isSettledOnce: boolean
}

/** What a search by match fields found for an uncoupled record. */
export interface MatchResult {
  readonly candidates: readonly RecordSnapshot[]
  /** How many source records match the only candidate; more than one makes it ambiguous. */
  readonly rivals: number
  /** Name of the mapping that has coupled the only candidate already. */
  readonly takenBy: string | null
}

/** Everything that is known of one record when it is judged. */
export interface RecordFacts {
  readonly source: RecordSnapshot
  readonly coupling: Coupling | null
  readonly bases: CouplingBases | null
  /** The coupled record of the other side; null when there is no coupling or the record is gone. */
  readonly partner: RecordSnapshot | null
  readonly references: ResolvedReferences
  /** The same seen from the partner: those of its references that an empty one of the source would wipe out. */
  readonly partnerReferences: ResolvedReferences
  readonly match: MatchResult | null
  /** An uncoupled record of the destination to which the mapping gives the key of the uncoupled source record. */
  readonly namesake: RecordKey | null
  /** Name of the mapping of the same exclusivity group that has coupled the uncoupled source record already. */
  readonly sourceTakenBy: string | null
  /** Pairs the uncoupled source record was once part of. */
  readonly memory: readonly UncoupledPair[]
  /** Newest first: after several takeovers, the values of any of them may be there. */
  readonly doubtful: readonly DoubtfulWrite[]
  /** The record has been asked for by its key although it may lie outside of the filter. */
  readonly isRequested: boolean
  readonly isInFilter: boolean
  /** What a person has decided about the conflict of this record. */
  readonly resolution: ConflictResolution | null
  /** A person has asked for the record, so it goes on although it has been set aside. */
  readonly isReleased: boolean
  /** A person sends this record across: it wins where both sides have changed a field (domain.md §12.2). */
  readonly sourceWins: boolean
}

/** What holds for all records of a job. */
export interface PlanPolicy {
  readonly mapping: CompiledMapping
  readonly direction: JobDirection
  /** Missing partners are created: the mapping's own setting, or the override of the run. */
  readonly createMissing: boolean
  /** Who decides about fields without a base; null: the source of the job that comes first. */
  readonly initialDirection: InitialDirection | null
}
