import type { CoupledSide, Coupling, CouplingBases, CouplingWrite } from '../coupling/coupling.ts'
import type { CompiledMapping, CompiledSide } from '../mapping/compile.ts'
import type { Transfer } from '../mapping/compile-transfer.ts'
import { destinationSide, type JobDirection, sourceSide } from '../mapping/definition.ts'
import type { RecordSnapshot } from '../ports/connector.ts'
import { decodeKey } from '../values/key.ts'
import { isBlank, type Value, type Values } from '../values/value.ts'
import { fingerprint } from './fingerprint.ts'
import type { Agreement } from './plan.ts'

export interface Settlement {
  readonly mapping: CompiledMapping
  readonly direction: JobDirection
  readonly source: RecordSnapshot
  /** As it is after the write, or as it was read when nothing was written. */
  readonly destination: RecordSnapshot
  readonly coupling: Coupling | null
  readonly bases: CouplingBases | null
  readonly agreement: Agreement
  readonly generation: number
  readonly jobId: number
}

/**
 * The coupling after source and destination have agreed. A base moves only in the fields that agree now: what is left
 * to the other direction keeps its old base, so that its change is still seen, and its side keeps no version. A coupling
 * of a restored store is one until a comparison tells who has changed each field, and has no version on either side: with
 * one, the other direction would believe that only one side has moved.
 */
export function settleCoupling(settlement: Settlement): CouplingWrite {
  const { mapping, direction, source, destination, agreement } = settlement
  const from = sourceSide[direction]
  const to = destinationSide[direction]
  const leftAtSource = sourcesOf(mapping.transfers[direction], agreement.left)
  const sourceBase = moveBase(
    mapping[from],
    source.values,
    settlement.bases?.[from],
    leftAtSource,
    mapping.foreign[direction].source,
    agreement.rebased.source,
  )
  const destinationBase = moveBase(
    mapping[to],
    destination.values,
    settlement.bases?.[to],
    agreement.left,
    mapping.foreign[direction].destination,
    agreement.rebased.destination,
  )
  const sourceNow = coupledSide(mapping[from], source, sourceBase, agreement.awaits.length === 0)
  const opposite = mapping.transfers[direction === 'to' ? 'from' : 'to']
  const isComplete = !awaitsReference(opposite, destination.values, source.values)
  const destinationNow = coupledSide(mapping[to], destination, destinationBase, isComplete)
  const isTo = direction === 'to'
  const isRestored = agreement.isInQuestion
  const unlessRestored = (side: CoupledSide) => (isRestored ? { ...side, version: null } : side)
  return {
    id: settlement.coupling?.id ?? null,
    local: unlessRestored(isTo ? sourceNow : destinationNow),
    remote: unlessRestored(isTo ? destinationNow : sourceNow),
    bases: isTo
      ? { local: sourceBase, remote: destinationBase }
      : { local: destinationBase, remote: sourceBase },
    references: { ...settlement.coupling?.references, ...agreement.references },
    swings: { ...settlement.coupling?.swings, ...agreement.swings },
    mappingVersion: mapping.version,
    generation: settlement.generation,
    isRestored,
    direction,
    jobId: settlement.jobId,
  }
}

/**
 * Fields the destination itself has changed while it took the write, without having been sent: a real change, left to the
 * other direction where both sides may change the field (architecture.md §4.4). What was sent and came back different is
 * how the system stores it.
 */
export function findSideEffects(
  transfers: readonly Transfer[],
  sent: Values,
  before: RecordSnapshot | null,
  after: RecordSnapshot,
): readonly string[] {
  return transfers
    .filter(({ twoWay, destination }) => twoWay && sent[destination.name] === undefined)
    .map(({ destination }) => destination.name)
    .filter((name) => (before?.values[name] ?? null) !== (after.values[name] ?? null))
}

function sourcesOf(transfers: readonly Transfer[], destinations: ReadonlySet<string>): ReadonlySet<string> {
  if (destinations.size === 0) return destinations
  const left = transfers.filter((transfer) => destinations.has(transfer.destination.name))
  return new Set(left.map((transfer) => transfer.source?.name ?? ''))
}

/** True when a reference of the destination has had to be left empty at the source, because it was not coupled yet. */
function awaitsReference(transfers: readonly Transfer[], from: Values, to: Values): boolean {
  return transfers.some(({ reference, source, destination }) => {
    if (reference === null || source === null) return false
    const value = from[source.name] ?? null
    return !isBlank(value) && value !== reference.blankSource && isBlank(to[destination.name] ?? null)
  })
}

function moveBase(
  side: CompiledSide,
  now: Values,
  before: Values | undefined,
  left: ReadonlySet<string>,
  foreign: ReadonlySet<string>,
  rebased: Values,
): Values {
  const isMoved = left.size === 0 && foreign.size === 0 && isEmpty(rebased)
  const isWhole = isMoved && side.read.length === side.tracked.length
  if (isWhole) return now
  const base: Record<string, Value> = {}
  for (const field of side.tracked) {
    const keeps = left.has(field) || foreign.has(field)
    const value = rebased[field] === undefined ? (keeps ? before?.[field] : now[field]) : rebased[field]
    if (value !== undefined) base[field] = value
  }
  return base
}

function isEmpty(values: Values): boolean {
  for (const _field in values) return false
  return true
}

/**
 * Version and fingerprint are kept only when the base is the record, field by field: then, and only then, "same" proves
 * "nothing to do".
 */
function coupledSide(
  side: CompiledSide,
  record: RecordSnapshot,
  base: Values,
  isComplete: boolean,
): CoupledSide {
  const isSettled =
    isComplete &&
    side.tracked.every((field) => base[field] !== undefined && base[field] === record.values[field])
  return {
    key: record.key,
    reference: referenceOf(side, record),
    version: isSettled ? record.version : null,
    modifiedAt: record.modifiedAt,
    fingerprint: isSettled ? fingerprint(base, side.tracked) : null,
  }
}

/** What other records call this one: its reference field, or its key. */
export function referenceOf(side: CompiledSide, record: RecordSnapshot): string {
  const value = side.referenceField === null ? null : record.values[side.referenceField]
  if (value !== null && value !== undefined) return value
  const [only, ...more] = decodeKey(record.key)
  return only !== undefined && more.length === 0 ? only : record.key
}
