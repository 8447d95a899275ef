import { type Problem, problem } from '../errors.ts'
import type { CompiledSide } from '../mapping/compile.ts'
import type { Requirement } from '../mapping/compile-rules.ts'
import { destinationSide, sourceSide } from '../mapping/definition.ts'
import { matchesFilter } from '../mapping/filter-match.ts'
import type { RecordSnapshot } from '../ports/connector.ts'
import { displayKey } from '../values/key.ts'
import { rawOf } from '../values/value.ts'
import type { PlanPolicy, RecordFacts } from './facts.ts'

/** What the rules of an entity make of a record before its fields are looked at. */
export type RulePlan =
  | { readonly action: 'ignored' }
  | { readonly action: 'wait'; readonly problem: Problem; readonly awaits: null }
  | { readonly action: 'fail'; readonly problem: Problem }

/** The ignore rule of a side (domain.md §6.1 step 3): such a record is left alone, coupled or not. */
export function isIgnored({ ignore, schema }: CompiledSide, record: RecordSnapshot): boolean {
  return ignore !== null && matchesFilter(ignore, record.values, schema.fields)
}

/** What becomes of an ignored record: who has asked for it by its key is told. Null when the record takes part. */
export function planIgnored(facts: RecordFacts, side: CompiledSide, record: RecordSnapshot): RulePlan | null {
  if (!isIgnored(side, record)) return null
  if (!facts.isRequested) return { action: 'ignored' }
  const message = `${nameOf(side, record)} is left out by the ignore rule: ${side.definition.ignore ?? ''}`
  return { action: 'fail', problem: problem('RECORD_NOT_IN_FILTER', message) }
}

/**
 * The first requirement of its side that the source does not meet, or its partner where there is one already. To be asked
 * before a record is created, coupled or written (domain.md §7.2: everything is checked first). Null when all are met.
 */
export function planUnmet(
  facts: RecordFacts,
  partner: RecordSnapshot | null,
  policy: PlanPolicy,
): RulePlan | null {
  const from = policy.mapping[sourceSide[policy.direction]]
  const to = policy.mapping[destinationSide[policy.direction]]
  const unmet = findUnmet(from, facts.source) ?? (partner && findUnmet(to, partner))
  if (!unmet) return null
  return unmet.kind === 'waiting'
    ? { action: 'wait', problem: unmet, awaits: null }
    : { action: 'fail', problem: unmet }
}

function findUnmet(side: CompiledSide, record: RecordSnapshot): Problem | null {
  for (const requirement of side.requirements) {
    if (!matchesFilter(requirement.filter, record.values, side.schema.fields))
      return unmetProblem(side, record, requirement)
  }
  return null
}

function unmetProblem(
  side: CompiledSide,
  record: RecordSnapshot,
  { code, message, field }: Requirement,
): Problem {
  const value = record.values[field] ?? null
  return problem(code, `${nameOf(side, record)}: ${message}`, {
    field,
    value: value === null ? null : rawOf(value).slice(0, 200),
  })
}

/** As the people of its system call it: the same words `decide` puts before other messages. */
function nameOf(side: CompiledSide, record: RecordSnapshot): string {
  const name = side.referenceField === null ? null : (record.values[side.referenceField] ?? null)
  return `${side.schema.table} ${rawOf(name) || displayKey(record.key)}`
}
