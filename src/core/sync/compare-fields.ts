import type { Problem } from '../errors.ts'
import type { Transfer } from '../mapping/compile.ts'
import { destinationSide, type JobDirection, type Side, sourceSide } from '../mapping/definition.ts'
import { type AwaitedReference, type Transferred, transferField } from '../mapping/transfer.ts'
import type { RecordSnapshot } from '../ports/connector.ts'
import { isBlank, type Value, type Values } from '../values/value.ts'
import type { PlanPolicy, RecordFacts } from './facts.ts'
import type { FieldConflict } from './issue.ts'
import { isPlausiblyNormalised } from './normalised.ts'

/** What the three-way comparison of a coupled pair has found, over all fields of the direction. */
export interface FieldVerdicts {
  /** Destination values to write. */
  readonly values: Values
  readonly left: ReadonlySet<string>
  readonly conflicts: readonly FieldConflict[]
  readonly references: Readonly<Record<string, string | null>>
  readonly awaits: readonly AwaitedReference[]
  readonly problem: Problem | null
  readonly waiting: { readonly problem: Problem; readonly awaits: AwaitedReference } | null
  /** Something differs from what the coupling remembers, so it has to be refreshed although nothing is written. */
  readonly isNews: boolean
  /** What the destination held before an unfinished page of ours wrote it, for the fields where that write has arrived. */
  readonly recovered: Values
}

type FieldState = 'same' | 'write' | 'agree' | 'left' | 'conflict'

interface Mutable {
  values: Record<string, Value>
  left: Set<string>
  conflicts: FieldConflict[]
  references: Record<string, string | null>
  awaits: AwaitedReference[]
  problem: Problem | null
  waiting: FieldVerdicts['waiting']
  isNews: boolean
  recovered: Record<string, Value>
}

/**
 * Three-way comparison against the two bases (architecture.md §4.4): a side has changed where it differs from its own
 * base. Changed on the source only → write; on the destination only → left to the other direction where both may
 * change the field, overwritten where only the source may; on both → equal: agree, different: conflict.
 */
export function compareFields(
  facts: RecordFacts,
  partner: RecordSnapshot,
  policy: PlanPolicy,
): FieldVerdicts {
  const verdicts: Mutable = {
    values: {},
    left: new Set(),
    conflicts: [],
    references: {},
    awaits: [],
    problem: null,
    waiting: null,
    isNews: facts.bases === null || facts.coupling?.mappingVersion !== policy.mapping.version,
    recovered: {},
  }
  for (const transfer of policy.mapping.transfers[policy.direction]) {
    compareField(transfer, facts, partner, policy, verdicts)
  }
  return verdicts
}

/**
 * Nothing to give to a field that needs a value and makes one itself, a number from a series say: the new record keeps
 * what it makes, and where both sides may change the field, it is carried back.
 */
export function isLeftToDefault({ source, destination, constant }: Transfer, values: Values): boolean {
  const isNull = source !== null && (values[source.name] ?? null) === null
  return isNull && constant === null && destination.hasDefault && !destination.nullable
}

interface FieldView {
  readonly source: Value
  readonly destination: Value
  readonly sourceBase: Value | undefined
  readonly destinationBase: Value | undefined
  readonly sourceChanged: boolean
  readonly destinationChanged: boolean
  readonly hasBase: boolean
  /** The destination holds what our own unfinished write sent, normalised or not. */
  readonly isOwnWrite: boolean
  readonly sent: Value | undefined
  /** Nothing but the mapping has changed. */
  readonly isOnlyRebound: boolean
}

function compareField(
  transfer: Transfer,
  facts: RecordFacts,
  partner: RecordSnapshot,
  policy: PlanPolicy,
  verdicts: Mutable,
): void {
  const view = viewField(transfer, facts, partner, policy.direction)
  const remembered = facts.coupling?.references[transfer.name]
  const isRebound = facts.coupling !== null && facts.coupling.mappingVersion !== policy.mapping.version
  const mayDiffer =
    view.sourceChanged || view.destinationChanged || !view.hasBase || isRebound || transfer.reference !== null
  if (!mayDiffer) return
  if (facts.bases !== null && !view.hasBase && isLeftToDefault(transfer, facts.source.values)) {
    if (transfer.twoWay) verdicts.left.add(transfer.destination.name)
    return
  }
  const result = transferField(transfer, facts.source.values, facts.references)
  if (result.kind === 'value' && transfer.reference) {
    verdicts.references[transfer.name] = result.value
    if (result.awaits) verdicts.awaits.push(result.awaits)
  }
  const isMoved = remembered !== undefined && leadsElsewhere(result, remembered)
  if (isMoved) verdicts.isNews = true
  // An edited mapping is no edit of a record: it never wins over one, and what systems make of values is no difference.
  const isOnlyRebound = isRebound && !view.sourceChanged && !isMoved
  const isCompared = isOnlyRebound && !(transfer.twoWay && view.destinationChanged)
  const sourceChanged = view.sourceChanged || isMoved || isCompared
  const state = judge(transfer, { ...view, sourceChanged, isOnlyRebound }, result, policy)
  const isKept = (state === 'write' || state === 'conflict') && keepsUnknown(transfer, view, facts)
  apply(isKept ? 'left' : state, transfer, view, result, policy, verdicts)
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

function viewField(
  transfer: Transfer,
  facts: RecordFacts,
  partner: RecordSnapshot,
  direction: JobDirection,
): FieldView {
  const sourceName = transfer.source?.name
  const destinationName = transfer.destination.name
  const source = sourceName === undefined ? null : (facts.source.values[sourceName] ?? null)
  const destination = partner.values[destinationName] ?? null
  const bases = facts.bases
  const storedSource = sourceName === undefined ? null : bases?.[sourceSide[direction]][sourceName]
  const sourceBase = doubtfulBase(facts, sourceSide[direction], sourceName, source) ?? storedSource
  const destinationBase = bases?.[destinationSide[direction]][destinationName]
  const sent = findSent(facts, destinationSide[direction], destinationName, destination)
  const isOwnWrite = sent !== undefined && destination !== destinationBase
  const hasBase = destinationBase !== undefined && (sourceName === undefined || storedSource !== undefined)
  return {
    source,
    destination,
    sourceBase,
    destinationBase,
    hasBase,
    isOwnWrite,
    sent,
    isOnlyRebound: false,
    sourceChanged: hasBase && (source !== sourceBase || isOwnWrite),
    destinationChanged: hasBase && destination !== destinationBase && !isOwnWrite,
  }
}

/** A source that holds what our own late write sent to it has not been changed by anybody else. */
function doubtfulBase(
  facts: RecordFacts,
  side: Side,
  field: string | undefined,
  now: Value,
): Value | undefined {
  return field !== undefined && findSent(facts, side, field, now) !== undefined ? now : undefined
}

/** The value a doubtful write has sent to this field, if that is what is there now, normalised or not. */
function findSent(facts: RecordFacts, side: Side, field: string, now: Value): Value | undefined {
  return facts.doubtful
    .filter((write) => write.side === side)
    .map(({ values }) => values[field])
    .find((sent) => sent !== undefined && isPlausiblyNormalised(sent, now))
}

function judge(transfer: Transfer, view: FieldView, result: Transferred, policy: PlanPolicy): FieldState {
  if (result.kind === 'left-out') return view.destinationChanged && transfer.twoWay ? 'left' : 'same'
  const isTwoWayEdit = view.hasBase && transfer.twoWay && view.destinationChanged
  if (isTwoWayEdit && !view.sourceChanged) return 'left'
  if (view.hasBase && !view.sourceChanged && !view.destinationChanged) return 'same'
  if (result.kind !== 'value') return 'write'
  if (view.isOwnWrite && result.value === view.sent) return 'agree'
  if (result.value === view.destination || !transfer.destination.writable) return 'agree'
  if (view.isOnlyRebound && view.hasBase && isPlausiblyNormalised(result.value, view.destination))
    return 'agree'
  return isTwoWayEdit ? settleConflict(policy) : 'write'
}

/** The product's update-conflict settings (domain.md §9): the winner writes in its own direction, the loser waits for it. */
function settleConflict(policy: PlanPolicy): FieldState {
  const winner = policy.mapping.definition.updateConflict
  if (winner === 'None') return 'conflict'
  const winning: JobDirection = winner === 'Send Update to Integration' ? 'to' : 'from'
  return winning === policy.direction ? 'write' : 'left'
}

function apply(
  state: FieldState,
  transfer: Transfer,
  view: FieldView,
  result: Transferred,
  policy: PlanPolicy,
  verdicts: Mutable,
): void {
  if (state === 'same') return
  if (state === 'left') {
    verdicts.left.add(transfer.destination.name)
    return
  }
  verdicts.isNews = true
  if (view.isOwnWrite) verdicts.recovered[transfer.destination.name] = view.destinationBase ?? null
  if (state === 'agree') return
  if (state === 'conflict') verdicts.conflicts.push(conflictOf(transfer, view, policy.direction))
  else if (result.kind === 'value') verdicts.values[transfer.destination.name] = result.value
  else if (result.kind === 'problem') verdicts.problem ??= result.problem
  else if (result.kind === 'waiting') verdicts.waiting ??= { problem: result.problem, awaits: result.awaits }
}

function conflictOf(transfer: Transfer, view: FieldView, direction: JobDirection): FieldConflict {
  const source = { field: transfer.source?.name ?? '', base: view.sourceBase ?? null, value: view.source }
  const destination = {
    field: transfer.destination.name,
    base: view.destinationBase ?? null,
    value: view.destination,
  }
  return direction === 'to' ? { local: source, remote: destination } : { local: destination, remote: source }
}
