import { type Problem, problem } from '../errors.ts'
import type { CompiledMapping } from '../mapping/compile.ts'
import type { Side } from '../mapping/definition.ts'
import { matchesFilter } from '../mapping/filter-match.ts'
import type { RecordSnapshot } from '../ports/connector.ts'
import { displayKey, type RecordKey } from '../values/key.ts'
import type { Coupling } from './coupling.ts'

/** One of the two records that a person wants to couple. */
export interface CouplingEnd {
  readonly key: RecordKey
  /** Null: it does not exist. */
  readonly record: RecordSnapshot | null
  /** Its coupling in this mapping. */
  readonly coupling: Coupling | null
  /** Whether the record it is coupled to still exists. */
  readonly hasPartner: boolean
  /** Name of another mapping of the exclusivity group that has coupled it. */
  readonly takenBy: string | null
}

export type CouplingPlan =
  /** `stale`: couplings to records that are gone, dropped on the way. */
  | {
      readonly action: 'couple'
      readonly local: RecordSnapshot
      readonly remote: RecordSnapshot
      readonly stale: readonly Coupling[]
    }
  /** They are coupled with each other already. */
  | { readonly action: 'unchanged' }
  | { readonly action: 'fail'; readonly problem: Problem }

/**
 * Whether two records may be coupled by hand (domain.md §2.3): each has at most one partner; a coupling whose other
 * record is gone does not count and is dropped. The memory of uncoupled pairs does not count either: a person decides.
 */
export function planCoupling(
  mapping: CompiledMapping,
  ends: Readonly<Record<Side, CouplingEnd>>,
): CouplingPlan {
  const { local, remote } = ends
  if (local.record === null) return notFound(mapping, 'local', local.key)
  if (remote.record === null) return notFound(mapping, 'remote', remote.key)
  if (local.coupling !== null && local.coupling.id === remote.coupling?.id) return { action: 'unchanged' }
  const outside = findOutside(mapping, { local: local.record, remote: remote.record })
  if (outside) return { action: 'fail', problem: outside }
  for (const side of ['local', 'remote'] as const) {
    const taken = findTaken(mapping, side, ends)
    if (taken) return { action: 'fail', problem: taken }
  }
  const stale = [local.coupling, remote.coupling].filter((coupling) => coupling !== null)
  return { action: 'couple', local: local.record, remote: remote.record, stale }
}

function notFound(mapping: CompiledMapping, side: Side, key: RecordKey): CouplingPlan {
  return {
    action: 'fail',
    problem: problem('RECORD_NOT_FOUND', `${named(mapping, side, key)} does not exist`),
  }
}

function findOutside(
  mapping: CompiledMapping,
  records: Readonly<Record<Side, RecordSnapshot>>,
): Problem | null {
  for (const side of ['local', 'remote'] as const) {
    const { filter, schema, definition } = mapping[side]
    const { key, values } = records[side]
    if (filter === null || matchesFilter(filter, values, schema.fields)) continue
    const message = `${named(mapping, side, key)} does not pass the filter: ${definition.filter ?? ''}`
    return problem('RECORD_NOT_IN_FILTER', message)
  }
  return null
}

function findTaken(
  mapping: CompiledMapping,
  side: Side,
  ends: Readonly<Record<Side, CouplingEnd>>,
): Problem | null {
  const { key, coupling, hasPartner, takenBy } = ends[side]
  if (takenBy === null && (coupling === null || !hasPartner)) return null
  const other = side === 'local' ? 'remote' : 'local'
  const what = `${named(mapping, side, key)} cannot be coupled to ${named(mapping, other, ends[other].key)}`
  const why =
    takenBy !== null
      ? `mapping ${takenBy} has coupled it, and both mappings are in one exclusivity group`
      : `it is coupled to ${named(mapping, other, coupling?.[other].key ?? '')}`
  return problem('ALREADY_COUPLED', `${what}: ${why}`)
}

function named(mapping: CompiledMapping, side: Side, key: RecordKey): string {
  return `${mapping[side].schema.table} ${displayKey(key)}`
}
