import { present } from '../../lib/assert.ts'
import type { Coupling } from '../coupling/coupling.ts'
import { judgeHit, type MatchHit } from '../coupling/judge-match.ts'
import type { UncoupledPair } from '../coupling/uncoupling.ts'
import type { Problem } from '../errors.ts'
import { problem } from '../errors.ts'
import { destinationSide, type JobDirection, sourceSide } from '../mapping/definition.ts'
import { applyTemplate } from '../mapping/templates.ts'
import { type AwaitedReference, isPlainlyCopied, sourceValue, transferField } from '../mapping/transfer.ts'
import type { RecordSnapshot } from '../ports/connector.ts'
import { shortened } from '../values/conversion.ts'
import { displayKey, type RecordKey } from '../values/key.ts'
import type { Value, Values } from '../values/value.ts'
import { compareFields, type FieldVerdicts, isLeftToDefault } from './compare-fields.ts'
import { planIgnored, planUnmet } from './entity-rules.ts'
import type { MatchResult, PlanPolicy, RecordFacts } from './facts.ts'
import type { FieldConflict } from './issue.ts'
import type { Swings } from './ping-pong.ts'
import type { FieldWarning } from './warning.ts'

/** What every plan that ends in a coupling has to remember of the field comparison. */
export interface Agreement {
  /** Destination fields whose change is left to the job of the other direction. */
  readonly left: ReadonlySet<string>
  /** The bases of what is left may be older than both records, because the store was restored. */
  readonly isInQuestion: boolean
  readonly references: Readonly<Record<string, string | null>>
  /** Cleared references that are to be filled in when these records are coupled. */
  readonly awaits: readonly AwaitedReference[]
  /** Values the destination held before a lost page of ours wrote these fields. */
  readonly recovered: Values
  /** Bases that are not what the sides hold then, by field: the difference is a change that is still to be carried. */
  readonly rebased: { readonly source: Values; readonly destination: Values }
  /** What the coupling is to remember of the fields written, so that one that goes back and forth is noticed. */
  readonly swings: Swings
  /** About values that are written. */
  readonly warnings: readonly FieldWarning[]
}

/** Nothing is left, awaited or remembered: every field agrees as it is. */
export const plainAgreement: Agreement = Object.freeze({
  left: new Set<string>(),
  isInQuestion: false,
  references: {},
  awaits: [],
  recovered: {},
  rebased: { source: {}, destination: {} },
  swings: {},
  warnings: [],
})

/** What is to be done with one record; decided here, carried out by the page pipeline. */
export type RecordPlan =
  | { readonly action: 'ignored' }
  | { readonly action: 'notCoupled' }
  /** Nothing to write; `isNews`: the coupling remembers something else and has to be refreshed. */
  | {
      readonly action: 'unchanged'
      readonly partner: RecordSnapshot
      readonly agreement: Agreement
      readonly isNews: boolean
    }
  | { readonly action: 'insert'; readonly values: Values; readonly agreement: Agreement }
  | {
      readonly action: 'modify'
      readonly partner: RecordSnapshot
      readonly values: Values
      readonly agreement: Agreement
      /** The two records become coupled by this plan. */
      readonly couples: boolean
    }
  | { readonly action: 'couple'; readonly partner: RecordSnapshot; readonly agreement: Agreement }
  /** The coupled partner is not there; `planDeletion` says what follows. */
  | { readonly action: 'partner-gone'; readonly coupling: Coupling }
  /** `awaits`: the coupling it waits for; null where the record itself has to change. */
  | { readonly action: 'wait'; readonly problem: Problem; readonly awaits: AwaitedReference | null }
  | {
      readonly action: 'conflict'
      readonly problem: Problem
      readonly partner: RecordSnapshot
      readonly conflicts: readonly FieldConflict[]
      /** The coupling is written all the same: it is new, or has to remember that nothing has been agreed. */
      readonly agreement: Agreement | null
    }
  | { readonly action: 'fail'; readonly problem: Problem }
  /** Set aside until a person decides. */
  | { readonly action: 'skip'; readonly problem: Problem }

/** Decides what happens to one record (domain.md §7.1, architecture.md §4 step 6). Pure: same facts, same plan. */
export function planRecord(facts: RecordFacts, policy: PlanPolicy): RecordPlan {
  const ignored = planIgnored(facts, policy.mapping[sourceSide[policy.direction]], facts.source)
  if (ignored) return ignored
  if (!facts.isInFilter && facts.coupling === null) return planOutsideFilter(facts, policy)
  if (facts.coupling !== null) {
    return facts.partner === null
      ? { action: 'partner-gone', coupling: facts.coupling }
      : planPartner(facts, facts.partner, false, policy)
  }
  return planUncoupled(facts, policy)
}

/** Judges a record whose counterpart exists already, found by its idempotency token or key after a lost answer. */
export function planAdoption(facts: RecordFacts, partner: RecordSnapshot, policy: PlanPolicy): RecordPlan {
  return planPartner(facts, partner, true, policy)
}

function planOutsideFilter(facts: RecordFacts, policy: PlanPolicy): RecordPlan {
  if (!facts.isRequested) return { action: 'ignored' }
  const side = policy.mapping[sourceSide[policy.direction]]
  const message = `${side.schema.table} ${displayKey(facts.source.key)} does not pass the filter: ${side.definition.filter ?? ''}`
  return { action: 'fail', problem: problem('RECORD_NOT_IN_FILTER', message) }
}

function planUncoupled(facts: RecordFacts, policy: PlanPolicy): RecordPlan {
  if (facts.sourceTakenBy !== null && (policy.createMissing || facts.match !== null)) {
    const table = policy.mapping[sourceSide[policy.direction]].schema.table
    const message = `${table} ${displayKey(facts.source.key)} is coupled in mapping ${facts.sourceTakenBy} already, and both mappings are in one exclusivity group`
    return { action: 'fail', problem: problem('ALREADY_COUPLED', message) }
  }
  const { match } = facts
  const verdict = match === null ? 'none' : judgeHit(hitOf(match, facts.memory, policy.direction))
  if (match === null || verdict === 'none' || verdict === 'uncoupled-before') {
    const memory = facts.memory.find(({ released }) => !released[sourceSide[policy.direction]])
    if (memory && (policy.createMissing || match !== null)) return planRemembered(facts, memory, policy)
    if (!policy.createMissing) return { action: 'notCoupled' }
    return facts.namesake === null ? planInsert(facts, policy) : planNamesake(facts, facts.namesake, policy)
  }
  if (verdict !== 'unique') return planUnmatched(facts.source, match, verdict, policy)
  return planPartner(facts, present(match.candidates[0], 'only candidate'), true, policy)
}

/** A search result as the rules of matching see it, for a record that remembers whom it was uncoupled from. */
export function hitOf(
  match: MatchResult,
  memory: readonly UncoupledPair[],
  direction: JobDirection,
): MatchHit {
  const partner = direction === 'to' ? 'remoteKey' : 'localKey'
  const [candidate] = match.candidates
  return {
    candidateCount: match.candidates.length,
    rivals: match.rivals,
    takenBy: match.takenBy,
    wasUncoupled: memory.some((pair) => pair[partner] === candidate?.key),
  }
}

function planUnmatched(
  source: RecordSnapshot,
  { candidates, rivals, takenBy }: MatchResult,
  verdict: 'ambiguous' | 'already-coupled',
  { mapping, direction }: PlanPolicy,
): RecordPlan {
  const found = `${mapping[destinationSide[direction]].schema.table} ${candidates.map(({ key }) => displayKey(key)).join(', ')}`
  const what = `${displayKey(source.key)} matches ${found}`
  return {
    action: 'fail',
    problem:
      verdict === 'ambiguous'
        ? problem('NO_UNIQUE_MATCH', `No unique match: ${what}, and ${rivals} record(s) match in return`)
        : problem('ALREADY_COUPLED', `${what}, which mapping ${takenBy ?? ''} has coupled already`),
  }
}

/** The counterpart that would be created is there, but nothing proves that it is one: a person has to look (P3). */
function planNamesake(
  { source }: RecordFacts,
  namesake: RecordKey,
  { mapping, direction }: PlanPolicy,
): RecordPlan {
  const [from, to] = [mapping[sourceSide[direction]], mapping[destinationSide[direction]]]
  const message = `${to.schema.table} ${displayKey(namesake)} has what makes the key of ${from.schema.table} ${displayKey(source.key)}, and neither is coupled`
  return { action: 'fail', problem: problem('POSSIBLE_DUPLICATE', message) }
}

/** What was undone on purpose is not done again by accident (domain.md §12.4). */
function planRemembered(
  facts: RecordFacts,
  memory: UncoupledPair,
  { mapping, direction }: PlanPolicy,
): RecordPlan {
  const [source, destination] = [mapping[sourceSide[direction]], mapping[destinationSide[direction]]]
  const partner = direction === 'to' ? memory.remoteKey : memory.localKey
  const message = `${source.schema.table} ${displayKey(facts.source.key)} was uncoupled from ${destination.schema.table} ${displayKey(partner)} by ${memory.uncoupledBy} at ${memory.uncoupledAt}`
  return { action: 'skip', problem: problem('UNCOUPLED_BEFORE', message) }
}

/** A new record gets every field; all that can be checked is checked before anything is written (domain.md §7.2). */
function planInsert(facts: RecordFacts, policy: PlanPolicy): RecordPlan {
  const unmet = planUnmet(facts, null, policy)
  if (unmet) return unmet
  const source = facts.source.values
  const values: Record<string, Value> = {}
  const references: Record<string, string | null> = {}
  const awaits: AwaitedReference[] = []
  const warnings: FieldWarning[] = []
  const left = new Set<string>()
  let waiting: Extract<RecordPlan, { action: 'wait' }> | null = null
  for (const transfer of policy.mapping.transfers[policy.direction]) {
    if (isLeftToDefault(transfer, source)) {
      if (transfer.twoWay) left.add(transfer.destination.name)
      continue
    }
    const value = sourceValue(transfer, source)
    if (isPlainlyCopied(transfer, value)) {
      if (transfer.destination.writable) values[transfer.destination.name] = value
      continue
    }
    const result = transferField(transfer, source, facts.references)
    if (result.kind === 'problem') return { action: 'fail', problem: result.problem }
    if (result.kind === 'waiting')
      waiting ??= { action: 'wait', problem: result.problem, awaits: result.awaits }
    if (result.kind !== 'value') continue
    if (transfer.destination.writable) values[transfer.destination.name] = result.value
    if (transfer.reference) references[transfer.name] = result.value
    if (result.awaits) awaits.push(result.awaits)
    if (result.warning) warnings.push(result.warning)
  }
  if (waiting) return waiting
  const completed = applyTemplate(policy.mapping.templates[policy.direction], source, values)
  const agreement = { ...plainAgreement, left, references, awaits, warnings }
  return { action: 'insert', values: completed, agreement }
}

function planPartner(
  facts: RecordFacts,
  partner: RecordSnapshot,
  couples: boolean,
  policy: PlanPolicy,
): RecordPlan {
  const ignored = planIgnored(facts, policy.mapping[destinationSide[policy.direction]], partner)
  if (ignored) return ignored
  const verdicts = compareFields(facts, partner, policy)
  const unmet = couples || hasWork(verdicts) ? planUnmet(facts, partner, policy) : null
  if (unmet) return unmet
  if (verdicts.problem) return { action: 'fail', problem: verdicts.problem }
  if (verdicts.waiting) return { action: 'wait', ...verdicts.waiting }
  if (verdicts.conflicts.length > 0) return planConflict(facts, partner, verdicts, couples, policy)
  if (verdicts.pingPong) return { action: 'skip', problem: verdicts.pingPong }
  const { left, references, awaits, recovered, rebased, swings, warnings } = verdicts
  const isInQuestion = verdicts.isOvertaken && left.size > 0
  const agreement = { left, isInQuestion, references, awaits, recovered, rebased, swings, warnings }
  if (Object.keys(verdicts.values).length > 0)
    return { action: 'modify', partner, values: verdicts.values, agreement, couples }
  if (couples) return { action: 'couple', partner, agreement }
  return { action: 'unchanged', partner, agreement, isNews: verdicts.isNews }
}

function hasWork({ values, conflicts, problem, waiting }: FieldVerdicts): boolean {
  return problem !== null || waiting !== null || conflicts.length > 0 || Object.keys(values).length > 0
}

function planConflict(
  facts: RecordFacts,
  partner: RecordSnapshot,
  verdicts: FieldVerdicts,
  couples: boolean,
  policy: PlanPolicy,
): RecordPlan {
  const { mapping } = policy
  const show = ({ field, value }: FieldConflict['local']) => `${field} ${shortened(value)}`
  const names = verdicts.conflicts.map(({ local, remote }) => `${show(local)} ↔ ${show(remote)}`).join(', ')
  const again = facts.resolution === null ? '' : '; one of them has been changed again since it was decided'
  const message = `${mapping[sourceSide[policy.direction]].schema.table} ${displayKey(facts.source.key)} and ${mapping[destinationSide[policy.direction]].schema.table} ${displayKey(partner.key)} were both changed: ${names}${again}`
  const first = verdicts.conflicts[0]
  const field = first?.[sourceSide[policy.direction]]
  return {
    action: 'conflict',
    partner,
    conflicts: verdicts.conflicts,
    agreement:
      (couples && facts.bases === null) || hasRebased(verdicts)
        ? unwrittenAgreement(verdicts, policy.direction)
        : null,
    problem: problem('CONFLICT_BOTH_CHANGED', message, {
      field: field?.field ?? null,
      value: field?.value ?? null,
    }),
  }
}

function hasRebased({ rebased }: FieldVerdicts): boolean {
  return Object.keys(rebased.source).length > 0
}

/** Nothing is written while there is a conflict: what would have been keeps the base it had, or none. */
function unwrittenAgreement(verdicts: FieldVerdicts, direction: JobDirection): Agreement {
  const { left, values, conflicts, rebased, isOvertaken } = verdicts
  const open = conflicts.map((conflict) => conflict[destinationSide[direction]].field)
  const unwritten = [...left, ...Object.keys(values), ...open]
  const kept = unwritten.filter((name) => rebased.destination[name] === undefined)
  return { ...plainAgreement, left: new Set(kept), isInQuestion: isOvertaken && kept.length > 0, rebased }
}
