import type { Transfer } from '../mapping/compile-transfer.ts'
import { destinationSide, type JobDirection, type Side, sourceSide } from '../mapping/definition.ts'
import type { RecordSnapshot } from '../ports/connector.ts'
import { isBlank, type Value } from '../values/value.ts'
import type { PlanPolicy, RecordFacts } from './facts.ts'
import type { ConflictSide, FieldChoice, FieldConflict } from './issue.ts'

/**
 * What a job does about a field that both sides have changed. The winner writes in its own direction, and the loser waits
 * for it (`left`); `sum` and `given` write a value that neither side has, which is then carried back.
 */
export type ConflictVerdict = 'write' | 'left' | 'sum' | 'given' | 'conflict'

interface Clash {
  readonly transfer: Transfer
  readonly source: Value
  readonly destination: Value
}

/**
 * A person's decision first, as long as both sides still have the values it was made for; then who sends the record; then
 * the field's strategy.
 */
export function settleConflict(
  clash: Clash,
  facts: RecordFacts,
  partner: RecordSnapshot,
  { direction }: Pick<PlanPolicy, 'direction'>,
): ConflictVerdict {
  const choice = findChoice(clash, facts, direction)
  if (choice?.take === 'value') return direction === 'to' ? 'given' : 'left'
  if (choice) return won(choice.take, direction)
  if (facts.sourceWins) return 'write'
  switch (clash.transfer.conflict) {
    case 'ask':
      return 'conflict'
    case 'local wins':
      return won('local', direction)
    case 'remote wins':
      return won('remote', direction)
    case 'newest wins':
      return won(newestSide(facts.source, partner, direction), direction)
    case 'fill empty':
      if (isBlank(clash.source)) return 'left'
      return isBlank(clash.destination) ? 'write' : 'conflict'
    case 'sum of changes':
      return 'sum'
  }
}

/** What the side that wins means for a job of this direction. */
export function won(winner: Side, direction: JobDirection): 'write' | 'left' {
  return winner === sourceSide[direction] ? 'write' : 'left'
}

/** Null where nobody has decided, and where a side has been changed again since. */
export function findChoice(
  { transfer, source, destination }: Clash,
  { resolution }: RecordFacts,
  direction: JobDirection,
): FieldChoice | null {
  if (resolution === null) return null
  const found = resolution.choices.find(
    (choice) =>
      choice[sourceSide[direction]].field === transfer.source?.name &&
      choice[destinationSide[direction]].field === transfer.destination.name,
  )
  if (found === undefined) return null
  const isAsSeen =
    found[sourceSide[direction]].seen === source && found[destinationSide[direction]].seen === destination
  return isAsSeen ? found : null
}

function newestSide(source: RecordSnapshot, partner: RecordSnapshot, direction: JobDirection): Side {
  return direction === 'to'
    ? newerSide(source.modifiedAt, partner.modifiedAt)
    : newerSide(partner.modifiedAt, source.modifiedAt)
}

/** Equal times and times that cannot be compared – none, or only one with a zone – count for the local side. */
export function newerSide(local: string | null, remote: string | null): Side {
  if (local === null || remote === null || local.endsWith('Z') !== remote.endsWith('Z')) return 'local'
  return remote > local ? 'remote' : 'local'
}

/** The conflict as people see it: by sides, whatever the direction of the job that met it. */
export function conflictOf(
  clash: Clash & { readonly sourceBase: Value | undefined; readonly destinationBase: Value | undefined },
  source: RecordSnapshot,
  partner: RecordSnapshot,
  direction: JobDirection,
): FieldConflict {
  const sides: Record<'source' | 'destination', ConflictSide> = {
    source: {
      field: clash.transfer.source?.name ?? '',
      base: clash.sourceBase ?? null,
      value: clash.source,
      modifiedAt: source.modifiedAt,
    },
    destination: {
      field: clash.transfer.destination.name,
      base: clash.destinationBase ?? null,
      value: clash.destination,
      modifiedAt: partner.modifiedAt,
    },
  }
  return direction === 'to'
    ? { local: sides.source, remote: sides.destination }
    : { local: sides.destination, remote: sides.source }
}
