import { type Problem, problem } from '../errors.ts'
import type { Transfer } from '../mapping/compile-transfer.ts'
import { destinationSide, type JobDirection, sourceSide } from '../mapping/definition.ts'
import { saysTheSame } from '../mapping/same-value.ts'
import { type AwaitedReference, type Transferred, transferField } from '../mapping/transfer.ts'
import type { RecordSnapshot } from '../ports/connector.ts'
import { isBlank, rawOf, type Value, type Values } from '../values/value.ts'
import type { PlanPolicy, RecordFacts } from './facts.ts'
import { type FieldView, isSummed, touchedFields, viewField } from './field-view.ts'
import type { FieldConflict } from './issue.ts'
import { isPlausiblyNormalised } from './normalised.ts'
import { nextSwing, pingPongMessage, type Swing, type Swings, swingField } from './ping-pong.ts'
import { conflictOf, findChoice, settleConflict, won } from './settle-conflict.ts'
import { sumChanges } from './sum-changes.ts'
import type { FieldWarning } from './warning.ts'

/** What the three-way comparison of a coupled pair has found, over all fields of the direction. */
export interface FieldVerdicts {
  /** Destination values to write. */
  readonly values: Values
  readonly left: ReadonlySet<string>
  /** Bases that are not what the sides hold after the write, by field of each end. */
  readonly rebased: { readonly source: Values; readonly destination: Values }
  readonly conflicts: readonly FieldConflict[]
  readonly references: Readonly<Record<string, string | null>>
  readonly awaits: readonly AwaitedReference[]
  readonly problem: Problem | null
  /** A field goes back and forth: the record is set aside. */
  readonly pingPong: Problem | null
  readonly swings: Swings
  readonly waiting: { readonly problem: Problem; readonly awaits: AwaitedReference } | null
  /** Something differs from what the coupling remembers, so it has to be refreshed although nothing is written. */
  readonly isNews: boolean
  /** What the destination held before an unfinished page of ours wrote it, for the fields where that write has arrived. */
  readonly recovered: Values
  /** About values to write. */
  readonly warnings: readonly FieldWarning[]
  /** The bases may be older than both records: those that are kept say nothing about who has changed what. */
  readonly isOvertaken: boolean
}

/** Both sides are what they agreed on, field by field. */
const nothingToDo: FieldVerdicts = Object.freeze({
  values: {},
  left: new Set<string>(),
  rebased: { source: {}, destination: {} },
  conflicts: [],
  references: {},
  awaits: [],
  problem: null,
  pingPong: null,
  swings: {},
  waiting: null,
  isNews: false,
  recovered: {},
  warnings: [],
  isOvertaken: false,
})

type FieldState = 'same' | 'write' | 'agree' | 'left' | 'sum' | 'given' | 'conflict'

interface Mutable {
  values: Record<string, Value>
  left: Set<string>
  rebased: { source: Record<string, Value>; destination: Record<string, Value> }
  conflicts: FieldConflict[]
  references: Record<string, string | null>
  awaits: AwaitedReference[]
  problem: Problem | null
  pingPong: Problem | null
  swings: Record<string, Swing>
  waiting: FieldVerdicts['waiting']
  isNews: boolean
  recovered: Record<string, Value>
  warnings: FieldWarning[]
  isOvertaken: boolean
}

type Written = Extract<Transferred, { kind: 'value' }>

/** Everything a field is judged by. */
interface Case {
  readonly facts: RecordFacts
  readonly partner: RecordSnapshot
  readonly policy: PlanPolicy
  readonly verdicts: Mutable
  /** The mapping has been edited since the last agreement. */
  readonly isRebound: boolean
}

/**
 * Three-way comparison against the two bases (architecture.md §4.4): a side has changed where it differs from its own
 * base. Changed on the source only → write; on the destination only → left to the other direction where both may
 * change the field, overwritten where only the source may; on both → equal: agree, different: the field's strategy.
 *
 * After a restore the bases may be older than the systems: a value that was brought across and then put back on one side
 * looks there as if it had never been touched. So where both records have moved on, both have changed every field in which they
 * differ (docs/disaster.md); the first agreement ends that.
 */
export function compareFields(
  facts: RecordFacts,
  partner: RecordSnapshot,
  policy: PlanPolicy,
): FieldVerdicts {
  const isRebound = facts.coupling !== null && facts.coupling.mappingVersion !== policy.mapping.version
  const transfers = policy.mapping.transfers[policy.direction]
  const touched = isRebound ? transfers : touchedFields(transfers, facts, partner, policy.direction)
  const isRestored = facts.coupling?.isRestored === true
  if (touched.length === 0 && facts.bases !== null && facts.coupling !== null && !isRestored)
    return nothingToDo
  const verdicts: Mutable = {
    values: {},
    left: new Set(),
    rebased: { source: {}, destination: {} },
    conflicts: [],
    references: {},
    awaits: [],
    problem: null,
    pingPong: null,
    swings: {},
    waiting: null,
    isNews: isRestored || facts.bases === null || facts.coupling?.mappingVersion !== policy.mapping.version,
    recovered: {},
    warnings: [],
    isOvertaken: hasOvertaken(facts, partner, policy.direction),
  }
  const all = { facts, partner, policy, verdicts, isRebound }
  for (const transfer of touched) compareField(transfer, all)
  return verdicts
}

/** Both records are newer than the bases of a restored store say: where they differ, nothing tells who has changed it last. */
function hasOvertaken(
  { coupling, source }: RecordFacts,
  partner: RecordSnapshot,
  direction: JobDirection,
): boolean {
  if (coupling?.isRestored !== true) return false
  const [from, to] = [coupling[sourceSide[direction]], coupling[destinationSide[direction]]]
  return from.version !== source.version && to.version !== partner.version
}

/**
 * Nothing to give to a field that needs a value and makes one itself, a number from a series say: the new record keeps
 * what it makes, and where both sides may change the field, it is carried back.
 */
export function isLeftToDefault(
  { source, destination, constant, joined }: Transfer,
  values: Values,
): boolean {
  return (
    destination.hasDefault &&
    !destination.nullable &&
    constant === null &&
    source !== null &&
    (values[source.name] ?? null) === null &&
    joined.every((field) => (values[field] ?? null) === null)
  )
}

function compareField(transfer: Transfer, all: Case): void {
  const { facts, partner, policy, verdicts, isRebound } = all
  const seen = viewField(transfer, facts, partner, policy.direction)
  const isInQuestion = verdicts.isOvertaken && seen.hasBase && transfer.twoWay
  const view = isInQuestion ? { ...seen, sourceChanged: true, destinationChanged: true } : seen
  const remembered = facts.coupling?.references[transfer.name]
  if (view.isReplayed) verdicts.isNews = true
  const mayDiffer =
    view.sourceChanged || view.destinationChanged || !view.hasBase || isRebound || transfer.reference !== null
  if (!mayDiffer) return
  const isOnlyCoupled = !view.hasBase && policy.initialDirection === 'couple only' && !facts.sourceWins
  if (
    facts.bases !== null &&
    !view.hasBase &&
    !isOnlyCoupled &&
    isLeftToDefault(transfer, facts.source.values)
  ) {
    if (transfer.twoWay) verdicts.left.add(transfer.destination.name)
    return
  }
  const result = transferField(transfer, facts.source.values, facts.references)
  if (result.kind === 'value' && transfer.reference) {
    verdicts.references[transfer.name] = result.value
    if (result.awaits && !isOnlyCoupled) verdicts.awaits.push(result.awaits)
  }
  const isMoved = remembered !== undefined && leadsElsewhere(result, remembered)
  if (isMoved) verdicts.isNews = true
  // An edited mapping is no edit of a record: it never wins over one, and what systems make of values is no difference.
  const isOnlyRebound = isRebound && !view.sourceChanged && !isMoved
  const isCompared = isOnlyRebound && !(transfer.twoWay && view.destinationChanged)
  const judged = { ...view, sourceChanged: view.sourceChanged || isMoved || isCompared, isOnlyRebound }
  const state = isOnlyCoupled ? 'agree' : judge(transfer, judged, result, all)
  const isKept = (state === 'write' || state === 'conflict') && keepsUnknown(transfer, view, facts)
  apply(isKept ? 'left' : state, transfer, view, result, all)
}

/**
 * An empty reference may only mean that the source cannot know the record yet: it never wipes out one that is not
 * coupled (domain.md §8.4 rule 5). The other direction carries that one over once it is.
 */
function keepsUnknown(
  { reference, twoWay, clearOnFailedSync }: Transfer,
  view: FieldView,
  { partnerReferences }: RecordFacts,
): boolean {
  if (reference === null || !twoWay || !clearOnFailedSync) return false
  if (!isBlank(view.source) || view.destination === null || isBlank(view.destination)) return false
  return !partnerReferences.get(reference.mapping)?.has(view.destination)
}

/** The reference is coupled to another record than at the last agreement; one that is not coupled (any more) says nothing. */
function leadsElsewhere(result: Transferred, remembered: string | null): boolean {
  return result.kind === 'value' && result.awaits === null && result.value !== remembered
}

function judge(transfer: Transfer, view: FieldView, result: Transferred, all: Case): FieldState {
  if (view.isUnclear) return judgeUnclear(transfer, view, all)
  if (result.kind === 'left-out') {
    if (!view.destinationChanged || !transfer.twoWay) return 'same'
    return isBlank(view.destination) ? 'agree' : 'left'
  }
  const isTwoWayEdit = view.hasBase && transfer.twoWay && view.destinationChanged
  if (isTwoWayEdit && !view.sourceChanged) return 'left'
  if (view.hasBase && !view.sourceChanged && !view.destinationChanged) return 'same'
  const isSum = isTwoWayEdit && isSummed(transfer) && !all.facts.sourceWins && !all.verdicts.isOvertaken
  if (result.kind === 'value' && !isSum && isAgreed(transfer, view, result.value)) return 'agree'
  if (!view.hasBase && transfer.twoWay) return judgeFirst(transfer, view, all)
  if (!isTwoWayEdit) return 'write'
  const verdict = settleConflict({ transfer, ...view }, all.facts, all.partner, all.policy)
  // Changes that the bases do not know of would be added twice.
  return verdict === 'sum' && all.verdicts.isOvertaken ? 'conflict' : verdict
}

function isAgreed(transfer: Transfer, view: FieldView, value: Value): boolean {
  if (view.isOwnWrite && value === view.sent) return true
  if (saysTheSame(transfer, value, view.destination) || !transfer.destination.writable) return true
  return view.isOnlyRebound && view.hasBase && isPlausiblyNormalised(value, view.destination)
}

/** Nobody but a person can tell, and nothing is added up before. */
function judgeUnclear(transfer: Transfer, view: FieldView, { facts, policy, partner }: Case): FieldState {
  const clash = { transfer, ...view }
  const isDecided = facts.sourceWins || findChoice(clash, facts, policy.direction) !== null
  return isDecided ? settleConflict(clash, facts, partner, policy) : 'conflict'
}

/** Two records that have never agreed in this field, and differ in it (domain.md §13.3). */
function judgeFirst(transfer: Transfer, view: FieldView, { facts, partner, policy }: Case): FieldState {
  if (facts.sourceWins) return 'write'
  // Without a word from anybody none of two that have been in step before wins over the other one.
  switch (policy.initialDirection ?? (facts.coupling?.isRestored ? 'merge' : null)) {
    case 'local is master':
      return won('local', policy.direction)
    case 'remote is master':
      return won('remote', policy.direction)
    case 'merge':
      if (isBlank(view.source)) return isBlank(view.destination) ? 'agree' : 'left'
      if (isBlank(view.destination)) return 'write'
      return isSummed(transfer) ? 'conflict' : settleConflict({ transfer, ...view }, facts, partner, policy)
    default:
      return 'write'
  }
}

function apply(state: FieldState, transfer: Transfer, view: FieldView, result: Transferred, all: Case): void {
  const { verdicts } = all
  if (state === 'same') return
  if (state === 'left') {
    leave(transfer, view, result, verdicts)
    return
  }
  verdicts.isNews = true
  if (view.isOwnWrite) verdicts.recovered[transfer.destination.name] = view.destinationBase ?? null
  if (state === 'agree') return
  if (state === 'conflict') addConflict(transfer, view, all)
  else if (state === 'sum') addSum(transfer, view, all)
  else if (state === 'given') addGiven(transfer, view, result, all)
  else if (result.kind === 'value') addWrite(transfer, view, result, all)
  else if (result.kind === 'problem') verdicts.problem ??= result.problem
  else if (result.kind === 'waiting') verdicts.waiting ??= { problem: result.problem, awaits: result.awaits }
}

/**
 * The destination's value goes the other way. Where the coupling's bases do not say so yet – there are none, or they are
 * those of a lost page – they are set as if both sides had agreed on what the source has.
 */
function leave(transfer: Transfer, view: FieldView, result: Transferred, verdicts: Mutable): void {
  const { name } = transfer.destination
  const base = view.isReplayed
    ? view.destinationBase
    : !view.hasBase && result.kind === 'value'
      ? result.value
      : undefined
  if (base === undefined) {
    verdicts.left.add(name)
    return
  }
  verdicts.isNews = true
  verdicts.rebased.destination[name] = base
}

function addWrite(transfer: Transfer, view: FieldView, { value, warning }: Written, all: Case): void {
  const { facts, policy, verdicts } = all
  const { name } = transfer.destination
  verdicts.values[name] = value
  if (warning) verdicts.warnings.push(warning)
  if (!transfer.twoWay || !view.hasBase) return
  const field = swingField(transfer, policy.direction)
  const swing = nextSwing(facts.coupling?.swings[field], policy.direction, view.source, view.destination)
  verdicts.swings[field] = facts.isReleased ? { ...swing, count: 0 } : swing
  const limit = policy.mapping.definition.pingPongLimit
  if (facts.isReleased || limit === 0 || swing.count <= limit) return
  const tables = { local: policy.mapping.local.schema.table, remote: policy.mapping.remote.schema.table }
  const message = pingPongMessage(tables, transfer, view, policy.direction, limit)
  const at = { field: transfer.source?.name ?? null, value: rawOf(view.source) }
  verdicts.pingPong ??= problem('PING_PONG', message, at)
}

/**
 * A conflict without usable bases is remembered by empty ones: later on both sides differ from them, so that it stays a
 * conflict whatever run looks at it.
 */
function addConflict(transfer: Transfer, view: FieldView, { facts, partner, policy, verdicts }: Case): void {
  verdicts.conflicts.push(conflictOf({ transfer, ...view }, facts.source, partner, policy.direction))
  if (view.hasBase && !view.isUnclear) return
  verdicts.rebased.source[transfer.source?.name ?? ''] = null
  verdicts.rebased.destination[transfer.destination.name] = null
}

function addSum(transfer: Transfer, view: FieldView, all: Case): void {
  const { verdicts } = all
  const sum = sumChanges(transfer, view)
  if (sum.kind === 'none') addConflict(transfer, view, all)
  else if (sum.kind === 'problem') verdicts.problem ??= sum.problem
  else {
    verdicts.values[transfer.destination.name] = sum.value
    verdicts.rebased.destination[transfer.destination.name] = sum.base
  }
}

/**
 * A value somebody has entered to settle a conflict goes to the destination, and from there to the source. It is never
 * cut: the source does not have the rest of it.
 */
function addGiven(transfer: Transfer, view: FieldView, result: Transferred, all: Case): void {
  const { facts, policy, verdicts } = all
  const choice = findChoice({ transfer, ...view }, facts, policy.direction)
  const values = { ...facts.source.values, [transfer.source?.name ?? '']: choice?.value ?? null }
  const given = transferField({ ...transfer, cuts: false }, values, facts.references)
  if (given.kind === 'problem') verdicts.problem ??= given.problem
  if (given.kind !== 'value') return
  const { name } = transfer.destination
  if (given.value !== view.destination) verdicts.values[name] = given.value
  verdicts.rebased.destination[name] = result.kind === 'value' ? result.value : null
}
