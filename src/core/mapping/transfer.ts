import { type Problem, problem } from '../errors.ts'
import type { FieldWarning } from '../sync/warning.ts'
import { normaliseCode } from '../values/code.ts'
import { compareValues } from '../values/compare.ts'
import { type Conversion, shortened } from '../values/conversion.ts'
import { convertValue, isPlainly } from '../values/convert.ts'
import { cutToFit } from '../values/cut.ts'
import { displayValue, isBlank, rawOf, type Value, type Values } from '../values/value.ts'
import type { Transfer } from './compile-transfer.ts'
import type { FieldType } from './schema.ts'

/** References of a page that are coupled: by referenced mapping and source reference, the destination's reference value. */
export type ResolvedReferences = ReadonlyMap<string, ReadonlyMap<string, string>>

export type Transferred =
  /** `awaits`: this reference is not coupled yet; the value is blank or a stand-in until it is filled in later. */
  | {
      readonly kind: 'value'
      readonly value: Value
      readonly awaits: AwaitedReference | null
      readonly warning: FieldWarning | null
    }
  /** The rules leave the destination field alone (`notNull`). */
  | { readonly kind: 'left-out' }
  | { readonly kind: 'waiting'; readonly problem: Problem; readonly awaits: AwaitedReference }
  | { readonly kind: 'problem'; readonly problem: Problem }

/** A reference that cannot be translated yet: the referenced mapping and what the source calls the record. */
export interface AwaitedReference {
  readonly mapping: string
  readonly reference: NonNullable<Value>
}

/**
 * The destination value of one field (domain.md §8): the source value through the transformation, the constant for a
 * blank one, references through couplings, value map, then conversion to the destination's type. Nothing is ever
 * rounded or dropped, and cut only where the mapping says so, with a warning.
 */
export function transferField(
  transfer: Transfer,
  source: Values,
  references: ResolvedReferences,
): Transferred {
  const value = sourceValue(transfer, source)
  if (isPlainlyCopied(transfer, value)) return given(value)
  if (transfer.chain !== null) return transferTransformed(transfer, transfer.chain(value, source), value)
  if (isBlank(value) && transfer.constant !== null) return given(transfer.constant)
  if (transfer.reference) return transferReference(transfer, value, references)
  if (transfer.valueMap) return transferMapped(transfer, value)
  return notBelow(transfer.atLeast, convertTo(transfer, value))
}

/** Null where the constant is the source. */
export function sourceValue({ source }: Transfer, values: Values): Value {
  return source === null ? null : (values[source.name] ?? null)
}

/** True when the destination plainly gets this value as it is: the usual case, for which nothing is allocated. False says nothing. */
export function isPlainlyCopied({ isCopied, destination }: Transfer, value: Value): boolean {
  return isCopied && value !== null && !isBlank(value) && isPlainly(value, destination.type)
}

/** A number below the least one that the destination is to get becomes that one: a rule of the mapping, no accident. */
function notBelow(least: Value, result: Transferred): Transferred {
  if (least === null || result.kind !== 'value' || result.value === null) return result
  return compareValues(result.value, least) < 0 ? given(least) : result
}

function given(value: Value): Transferred {
  return { kind: 'value', value, awaits: null, warning: null }
}

function transferTransformed(transfer: Transfer, transformed: Conversion, value: Value): Transferred {
  if (!transformed.ok) return refusal(transfer, transformed.problem, value)
  if (isBlank(transformed.value) && transfer.constant !== null) return given(transfer.constant)
  return notBelow(transfer.atLeast, convertTo(transfer, transformed.value, value))
}

function transferReference(transfer: Transfer, value: Value, references: ResolvedReferences): Transferred {
  const rule = transfer.reference
  if (rule === null) throw new RangeError('The field has no reference')
  if (isBlank(value) || value === null || (rule.blankSource !== null && value === rule.blankSource)) {
    return transferEmptyReference(transfer, rule.blankDestination)
  }
  const found = references.get(rule.mapping)?.get(value)
  if (found !== undefined) return convertTo(transfer, found as Value)
  const awaits = { mapping: rule.mapping, reference: value }
  if (rule.standIn !== null) return { kind: 'value', value: rule.standIn, awaits, warning: null }
  if (transfer.clearOnFailedSync && canBeBlank(transfer))
    return { kind: 'value', value: blankOf(transfer), awaits, warning: null }
  const field = transfer.source?.name ?? null
  const message = `${field} ${displayValue(value)} is not coupled in mapping ${rule.mapping}`
  return {
    kind: 'waiting',
    awaits,
    problem: problem('REFERENCE_NOT_COUPLED', message, { field, value: rawOf(value) }),
  }
}

function transferEmptyReference(transfer: Transfer, blankDestination: Value): Transferred {
  if (blankDestination !== null) return given(blankDestination)
  return transfer.notNull ? { kind: 'left-out' } : convertNull(transfer)
}

function transferMapped(transfer: Transfer, value: Value): Transferred {
  const isCode = transfer.source?.type.kind === 'code'
  const mapped = transfer.valueMap?.get(isCode ? normaliseCode(rawOf(value)) : rawOf(value))
  if (mapped !== undefined) return given(mapped)
  if (isBlank(value)) return convertNull(transfer)
  const field = transfer.source?.name ?? null
  const message = `${field} ${displayValue(value)} has no entry in the value map for ${transfer.destination.name}`
  return { kind: 'problem', problem: problem('OPTION_NOT_MAPPED', message, { field, value: rawOf(value) }) }
}

/** Blank in the destination: null where it may be null, otherwise the empty text of a system without nulls. */
function blankOf(transfer: Transfer): Value {
  return transfer.destination.nullable || !isText(transfer.destination.type) ? null : 'text:'
}

function canBeBlank({ destination }: Transfer): boolean {
  return destination.nullable || isText(destination.type)
}

function isText(type: FieldType): boolean {
  return type.kind === 'text' || type.kind === 'code'
}

/**
 * A side whose text fields cannot be null says "blank" where the other says null: null becomes blank where null is
 * impossible, and blank from such a side becomes null where null is possible.
 */
function convertTo(transfer: Transfer, value: Value, raw = value): Transferred {
  const { destination, source } = transfer
  if (value === null) return convertNull(transfer)
  if (
    value === 'text:' &&
    destination.nullable &&
    (source === null || !source.nullable || !isText(destination.type))
  )
    return given(null)
  const converted = convertValue(value, destination.type)
  if (converted.ok) return given(converted.value)
  const isCut = transfer.cuts && converted.problem.code === 'VALUE_TRUNCATED' && value.startsWith('text:')
  return isCut ? cut(transfer, value, converted.problem.message) : refusal(transfer, converted.problem, raw)
}

function cut(transfer: Transfer, value: Value, reason: string): Transferred {
  const { source, destination } = transfer
  const message = `${source?.name ?? destination.name} → ${destination.name}: ${reason}; it was cut`
  const warning = { code: 'VALUE_CUT', field: destination.name, value: shortened(value), message } as const
  return { kind: 'value', value: cutToFit(value, destination.type), awaits: null, warning }
}

function refusal(
  { source, destination }: Transfer,
  { code, message }: Extract<Conversion, { ok: false }>['problem'],
  value: Value,
): Transferred {
  const field = source?.name ?? destination.name
  const shown = `${field} → ${destination.name}: ${message}`
  return { kind: 'problem', problem: problem(code, shown, { field, value: rawOf(value).slice(0, 200) }) }
}

function convertNull(transfer: Transfer): Transferred {
  if (transfer.destination.nullable) return given(null)
  if (isText(transfer.destination.type)) return given('text:')
  const field = transfer.source?.name ?? transfer.destination.name
  const message = `${field} is empty, but ${transfer.destination.name} needs a value`
  return { kind: 'problem', problem: problem('VALUE_MISSING', message, { field, value: null }) }
}
