import type { Transfer } from '../mapping/compile-transfer.ts'
import { destinationSide, type JobDirection, type Side, sourceSide } from '../mapping/definition.ts'
import type { RecordSnapshot } from '../ports/connector.ts'
import type { Value, Values } from '../values/value.ts'
import type { RecordFacts } from './facts.ts'
import { isPlausiblyNormalised } from './normalised.ts'
import { replaySums } from './sum-changes.ts'

/** One field of a coupled pair: both values, both bases, and which side has changed. */
export interface FieldView {
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
  /** The bases are those the lost page of ours would have committed; the coupling does not know them yet. */
  readonly isReplayed: boolean
  /** A write of ours that may have been counted in already, or not: nothing tells which. */
  readonly isUnclear: boolean
}

/**
 * The fields of a coupled record that have to be looked at: all but those whose values are their bases on both sides, which
 * is the usual case. `values` of a snapshot may be computed, so each is asked for once.
 */
export function touchedFields(
  transfers: readonly Transfer[],
  { source: { values: source }, bases, doubtful }: RecordFacts,
  { values: destination }: RecordSnapshot,
  direction: JobDirection,
): readonly Transfer[] {
  if (bases === null || doubtful.length > 0) return transfers
  const before = { source: bases[sourceSide[direction]], destination: bases[destinationSide[direction]] }
  const touched: Transfer[] = []
  for (const transfer of transfers) {
    const isUntouched =
      transfer.reference === null &&
      isBase(destination, before.destination, transfer.destination.name) &&
      (transfer.source === null || isBase(source, before.source, transfer.source.name)) &&
      (transfer.joined.length === 0 || !areJoinedChanged(transfer, source, before.source))
    if (!isUntouched) touched.push(transfer)
  }
  return touched
}

function isBase(now: Values, before: Values, field: string): boolean {
  const base = before[field]
  return base !== undefined && base === (now[field] ?? null)
}

/** Looks at one field; in a record in doubt, what our own late write has made is no change of anybody else. */
export function viewField(
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
  const destinationBase = bases?.[destinationSide[direction]][destinationName]
  const hasBase = destinationBase !== undefined && (sourceName === undefined || storedSource !== undefined)
  if (facts.doubtful.length > 0 && hasBase && isSummed(transfer))
    return viewSum(transfer, facts, partner, direction)
  const sourceBase = doubtfulBase(facts, sourceSide[direction], sourceName, source) ?? storedSource
  const sent = findSent(facts, destinationSide[direction], destinationName, destination)
  const isOwnWrite = sent !== undefined && destination !== destinationBase
  const isJoinedChanged =
    transfer.joined.length > 0 &&
    areJoinedChanged(transfer, facts.source.values, bases?.[sourceSide[direction]])
  return {
    source,
    destination,
    sourceBase,
    destinationBase,
    hasBase,
    isOwnWrite,
    sent,
    isOnlyRebound: false,
    isReplayed: false,
    isUnclear: false,
    sourceChanged: hasBase && (source !== sourceBase || isOwnWrite || isJoinedChanged),
    destinationChanged: hasBase && destination !== destinationBase && !isOwnWrite,
  }
}

function areJoinedChanged({ joined }: Transfer, values: Values, before: Values | undefined): boolean {
  return joined.some((field) => (values[field] ?? null) !== (before?.[field] ?? null))
}

/** Both sides may change the field, and changes of both are added up. */
export function isSummed(transfer: Transfer): boolean {
  return transfer.twoWay && transfer.conflict === 'sum of changes'
}

/** In a sum every change counts once, so it is not enough that a value could be our own. */
function viewSum(
  transfer: Transfer,
  facts: RecordFacts,
  partner: RecordSnapshot,
  direction: JobDirection,
): FieldView {
  const source = facts.source.values[transfer.source?.name ?? ''] ?? null
  const destination = partner.values[transfer.destination.name] ?? null
  const stored = {
    source: facts.bases?.[sourceSide[direction]][transfer.source?.name ?? ''],
    destination: facts.bases?.[destinationSide[direction]][transfer.destination.name],
  }
  const replayed = replaySums(transfer, facts, partner, direction)
  const bases = replayed === null || replayed === 'unclear' ? stored : replayed
  return {
    source,
    destination,
    sourceBase: bases.source,
    destinationBase: bases.destination,
    hasBase: true,
    isOwnWrite: false,
    sent: undefined,
    isOnlyRebound: false,
    isReplayed: bases !== stored,
    isUnclear: replayed === 'unclear',
    sourceChanged: source !== bases.source,
    destinationChanged: destination !== bases.destination,
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
