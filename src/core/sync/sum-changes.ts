import { type Problem, problem } from '../errors.ts'
import type { Transfer } from '../mapping/compile-transfer.ts'
import { destinationSide, type JobDirection, type Side, sourceSide } from '../mapping/definition.ts'
import type { RecordSnapshot } from '../ports/connector.ts'
import { convertValue } from '../values/convert.ts'
import { addNumbers, plainNumber, subtractNumbers } from '../values/decimal.ts'
import { rawOf, tagged, tagOf, type Value } from '../values/value.ts'
import type { DoubtfulWrite, RecordFacts } from './facts.ts'
import { isPlausiblyNormalised } from './normalised.ts'

export type Sum =
  /** `base` is what the destination would hold had only the source changed: the rest is carried back from there. */
  | { readonly kind: 'sum'; readonly value: Value; readonly base: Value }
  | { readonly kind: 'problem'; readonly problem: Problem }
  /** Not all of the values are numbers: nothing can be added up. */
  | { readonly kind: 'none' }

interface FourValues {
  readonly source: Value
  readonly destination: Value
  readonly sourceBase: Value | undefined
  readonly destinationBase: Value | undefined
}

/**
 * The destination's value plus what the source has changed, exactly. The bases move as if the source's change had been
 * all there was, so that what is left on the destination is its own change, which the job of the other direction
 * carries back – once, whatever is edited in between. Both sides must be able to hold the sum.
 */
export function sumChanges(transfer: Transfer, view: FourValues): Sum {
  const [source, before] = [plainNumber(view.source), plainNumber(view.sourceBase)]
  const [destination, base] = [plainNumber(view.destination), plainNumber(view.destinationBase)]
  if (source === null || before === null || destination === null || base === null) return { kind: 'none' }
  const change = subtractNumbers(source, before)
  const sum = tagged('dec', addNumbers(destination, change))
  for (const field of [transfer.source, transfer.destination]) {
    const fits = field === null ? null : convertValue(sum, field.type)
    if (fits?.ok !== false) continue
    const at = { field: transfer.source?.name ?? null, value: rawOf(sum) }
    const message = `The sum of the changes of both sides does not fit ${field?.name}: ${fits.problem.message}`
    return { kind: 'problem', problem: problem(fits.problem.code, message, at) }
  }
  return {
    kind: 'sum',
    value: asNumberOf(view.destination, rawOf(sum)),
    base: asNumberOf(view.destination, addNumbers(base, change)),
  }
}

/** A number in the form of a value of the same field. */
function asNumberOf(like: Value, number: string): Value {
  return tagged(like === null ? 'dec' : tagOf(like), number)
}

interface Bases {
  readonly source: Value
  readonly destination: Value
}

/**
 * The bases as a lost page of ours would have committed them, if its write has arrived; null if it has not, and `unclear`
 * if nothing tells: then the field holds neither what was sent nor what was there before, because somebody has edited it
 * since, and adding the source's change once more might count it twice.
 */
export function replaySums(
  transfer: Transfer,
  facts: RecordFacts,
  partner: RecordSnapshot,
  direction: JobDirection,
): Bases | 'unclear' | null {
  const names = { source: transfer.source?.name ?? '', destination: transfer.destination.name }
  const stored = {
    source: facts.bases?.[sourceSide[direction]],
    destination: facts.bases?.[destinationSide[direction]],
  }
  const records = { source: facts.source, destination: partner }
  const bases = {
    source: stored.source?.[names.source] ?? null,
    destination: stored.destination?.[names.destination] ?? null,
  }
  let isReplayed = false
  for (const end of ['destination', 'source'] as const) {
    const origin = end === 'source' ? 'destination' : 'source'
    const side = (end === 'source' ? sourceSide : destinationSide)[direction]
    const writes = possiblyArrived(facts.doubtful, side, names[end], records[end])
    const now = records[end].values[names[end]] ?? null
    const found = findArrived(writes, {
      field: names[end],
      originField: names[origin],
      now,
      originBase: bases[origin],
      base: bases[end],
    })
    if (found === 'unclear') return found
    if (found === null) continue
    const sent = found.sourceValues[names[origin]] ?? null
    bases[end] = movedBase(now, bases[end], bases[origin], sent)
    bases[origin] = sent
    isReplayed = true
  }
  return isReplayed ? bases : null
}

/** An update whose record still has the version it was conditional on has not arrived. */
function possiblyArrived(
  doubtful: readonly DoubtfulWrite[],
  side: Side,
  field: string,
  record: RecordSnapshot,
): readonly DoubtfulWrite[] {
  return doubtful.filter(
    (write) =>
      write.side === side &&
      write.expectedVersion !== null &&
      write.expectedVersion !== record.version &&
      write.values[field] !== undefined,
  )
}

interface Place {
  readonly field: string
  readonly originField: string
  readonly now: Value
  readonly base: Value
  readonly originBase: Value
}

/** The doubtful write whose value is there now; null when what was there before it still is. */
function findArrived(writes: readonly DoubtfulWrite[], place: Place): DoubtfulWrite | 'unclear' | null {
  if (writes.length === 0) return null
  const open = writes.filter((write) => !write.isSettledOnce)
  const arrived = open.find((write) => isPlausiblyNormalised(write.values[place.field] ?? null, place.now))
  if (arrived) return arrived
  const isAsBefore =
    open.length === 0
      ? place.now === place.base
      : open.some((write) => place.now !== null && rawOf(place.now) === valueBefore(write, place))
  return isAsBefore ? null : 'unclear'
}

/** What the field held when the write was decided: the value sent, less the change that was added to it. */
function valueBefore(write: DoubtfulWrite, { field, originField, originBase }: Place): string | null {
  const sent = plainNumber(write.values[field])
  const then = plainNumber(write.sourceValues[originField])
  const base = plainNumber(originBase)
  return sent === null || then === null || base === null
    ? null
    : subtractNumbers(sent, subtractNumbers(then, base))
}

/** A base without a number is one of a conflict that somebody has decided: the two sides agree from there on. */
function movedBase(like: Value, base: Value, originBase: Value, sent: Value): Value {
  const [old, before, after] = [plainNumber(base), plainNumber(originBase), plainNumber(sent)]
  if (after === null) return base
  const isFresh = old === null || before === null
  return asNumberOf(like, isFresh ? after : addNumbers(old, subtractNumbers(after, before)))
}
