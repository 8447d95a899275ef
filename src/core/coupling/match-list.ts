import { z } from 'zod'
import { type JobDirection, jobDirections, type MappingDefinition } from '../mapping/definition.ts'
import type { RecordKey } from '../values/key.ts'

/**
 * What match-based coupling has found for an uncoupled record: unique – one candidate, which matches nobody else;
 * ambiguous – several on either side; already-coupled – the only candidate, or the record itself, belongs to another
 * coupling; uncoupled-before – the two were uncoupled on purpose; none.
 */
export const matchVerdicts = ['unique', 'ambiguous', 'already-coupled', 'uncoupled-before', 'none'] as const
export type MatchVerdict = (typeof matchVerdicts)[number]

/** One row of the list that people review. */
export interface MatchFinding {
  readonly id: number
  readonly jobId: number
  /** Key of the record that was to be coupled, on the source side of the job. */
  readonly key: RecordKey
  readonly verdict: MatchVerdict
  /** Place of the deciding group among the match groups of the mapping; null for `none`. */
  readonly group: number | null
  /** The first candidates by key, and how many there are. */
  readonly candidates: readonly RecordKey[]
  readonly candidateCount: number
  /** How many records of the source side the candidates match. */
  readonly rivals: number
  /** Name of the mapping that has coupled the candidate or the record. */
  readonly takenBy: string | null
}

/** Where a coupling job stands; kept as the cursor of its checkpoint. */
const MatchProgress = z.strictObject({
  phase: z.enum(['local', 'remote', 'judge', 'settle']),
  /** Where reading goes on (`local`, `remote`), or the last settled finding (`settle`). */
  cursor: z.string().nullable(),
  /** Rows that have been staged: should the server lose them, the job begins again. */
  staged: z.int(),
})
export type MatchProgress = z.infer<typeof MatchProgress>

export const firstProgress: MatchProgress = Object.freeze({ phase: 'local', cursor: null, staged: 0 })

export function readProgress(cursor: string | null): MatchProgress {
  return cursor === null ? firstProgress : MatchProgress.parse(JSON.parse(cursor))
}

/**
 * Directions in which newly coupled records are synchronized (domain.md §12.3, 4): where the mapping has a winner, the
 * winner's; else all it has, to the remote side first.
 */
export function directionsAfterMatching({
  direction,
  updateConflict,
}: Pick<MappingDefinition, 'direction' | 'updateConflict'>): readonly JobDirection[] {
  const allowed = jobDirections(direction)
  if (allowed.length === 1) return allowed
  if (updateConflict === 'Send Update to Integration') return ['to']
  return updateConflict === 'Get Update from Integration' ? ['from'] : allowed
}
