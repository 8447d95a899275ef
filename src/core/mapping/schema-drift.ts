import { z } from 'zod'
import type { FieldSchema, FieldType, TableSchema } from './schema.ts'

const length = z.number().nullable()
/** A type as it is remembered: what options are called may change. */
const KnownType = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal(['text', 'code']), maxLength: length }),
  z.strictObject({ kind: z.literal('integer'), bits: z.number() }),
  z.strictObject({ kind: z.literal('decimal'), precision: length, scale: length }),
  z.strictObject({ kind: z.literal('option'), values: z.array(z.number()) }),
  z.strictObject({
    kind: z.literal(['boolean', 'date', 'time', 'instant', 'moment', 'uuid', 'json', 'bytes']),
  }),
])
type KnownType = z.infer<typeof KnownType>

const KnownField = z.strictObject({
  type: KnownType,
  /** A new record needs a value for it. */
  isRequired: z.boolean(),
  isWritable: z.boolean(),
  /** Place in the key of the table, from 0; left out where it is no part of it. */
  keyPosition: z.int().min(0).optional(),
})
type KnownField = z.infer<typeof KnownField>

/** What is remembered of a table between two jobs: all its fields, by name. */
export const KnownSchema = z.record(z.string(), KnownField)
export type KnownSchema = z.infer<typeof KnownSchema>

/** What happens when a table is not as it was: the line stops, or only for mapped fields, or people are told. */
export const schemaPolicies = ['stop', 'ignore new', 'warn'] as const
export type SchemaPolicy = (typeof schemaPolicies)[number]

/** One thing that is not as it was, and may harm the mapping. */
export interface SchemaChange {
  readonly field: string
  readonly kind: 'gone' | 'type' | 'shortened' | 'required' | 'read-only' | 'new'
  /** What was, what is: `takes 20 instead of 50 characters`. */
  readonly text: string
}

/** What is to be remembered of a table. */
export function toKnownSchema({ fields, keyFields }: Pick<TableSchema, 'fields' | 'keyFields'>): KnownSchema {
  return Object.fromEntries(
    [...fields.values()].map((field) => [field.name, toKnownField(field, keyFields.indexOf(field.name))]),
  )
}

function toKnownField(
  { type, nullable, hasDefault, writable }: FieldSchema,
  keyPosition: number,
): KnownField {
  const isRequired = writable && !nullable && !hasDefault
  const known = { type: toKnownType(type), isRequired, isWritable: writable }
  return keyPosition < 0 ? known : { ...known, keyPosition }
}

/** Types of the key fields in their order; empty where the key was not noted. */
export function knownKey(schema: KnownSchema): readonly FieldType[] {
  return Object.values(schema)
    .filter(({ keyPosition }) => keyPosition !== undefined)
    .sort((a, b) => (a.keyPosition ?? 0) - (b.keyPosition ?? 0))
    .map(({ type }) => toFieldType(type))
}

/** Undefined: the table had no such field, or was never looked at. */
export function knownType(schema: KnownSchema, field: string | undefined): FieldType | undefined {
  const known = field !== undefined && Object.hasOwn(schema, field) ? schema[field] : undefined
  return known === undefined ? undefined : toFieldType(known.type)
}

function toFieldType(type: KnownType): FieldType {
  return type.kind === 'integer' ? { kind: type.kind, bits: 64 } : type
}

function toKnownType(type: FieldType): KnownType {
  if (type.kind === 'option') return { kind: type.kind, values: [...type.values] }
  return type
}

/**
 * What has changed for a mapping of these fields, in the order of their names: mapped fields that have gone, have another
 * type, take less or can no longer be written; fields that new records now need; fields that are new. A field that takes
 * more than before is no change.
 */
export function findSchemaChanges(
  before: KnownSchema,
  now: KnownSchema,
  mapped: ReadonlySet<string>,
): readonly SchemaChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort()
  return names.flatMap((name) => {
    const change = findChange(known(before, name), known(now, name), mapped.has(name))
    return change === null ? [] : [{ field: name, ...change }]
  })
}

type Change = Omit<SchemaChange, 'field'>

function findChange(before: KnownField | null, now: KnownField | null, isMapped: boolean): Change | null {
  if (now === null) return isMapped ? { kind: 'gone', text: 'has gone' } : null
  if (before === null) return { kind: 'new', text: now.isRequired ? 'is new and required' : 'is new' }
  const change = isMapped ? findMappedChange(before, now) : null
  if (change !== null) return change
  return now.isRequired && !before.isRequired ? { kind: 'required', text: 'is now required' } : null
}

function findMappedChange(before: KnownField, now: KnownField): Change | null {
  if (before.type.kind !== now.type.kind)
    return { kind: 'type', text: `is ${now.type.kind} instead of ${before.type.kind}` }
  const shortened = findLoss(before.type, now.type)
  if (shortened !== null) return { kind: 'shortened', text: shortened }
  return before.isWritable && !now.isWritable ? { kind: 'read-only', text: 'can no longer be written' } : null
}

/** What a field of the same kind takes less than before; null: nothing. */
function findLoss(before: KnownType, now: KnownType): string | null {
  if ('maxLength' in before && 'maxLength' in now) return lost('characters', before.maxLength, now.maxLength)
  if ('bits' in before && 'bits' in now) return lost('bits', before.bits, now.bits)
  if ('scale' in before && 'scale' in now)
    return lost('digits', wholeDigits(before), wholeDigits(now)) ?? lost('decimals', before.scale, now.scale)
  if (!('values' in before && 'values' in now)) return null
  const gone = before.values.filter((value) => !now.values.includes(value))
  return gone.length === 0 ? null : `no longer has ${gone.join(', ')}`
}

/** Digits before the point; null: no limit. */
function wholeDigits({ precision, scale }: { precision: number | null; scale: number | null }) {
  return precision === null ? null : precision - (scale ?? 0)
}

/** Null as a length is no limit. */
function lost(unit: string, before: number | null, now: number | null): string | null {
  if (now === null || (before !== null && before <= now)) return null
  return `takes ${now} instead of ${before ?? 'any number of'} ${unit}`
}

/** Which of the changes stop a line under this policy; the others are only told, unless they are ignored. */
export function judgeSchemaChanges<C extends SchemaChange>(
  policy: SchemaPolicy,
  changes: readonly C[],
): { readonly stopping: readonly C[]; readonly told: readonly C[] } {
  if (policy === 'warn') return { stopping: [], told: changes }
  const relevant = policy === 'stop' ? changes : changes.filter(({ kind }) => kind !== 'new')
  return { stopping: relevant, told: [] }
}

function known(schema: KnownSchema, name: string): KnownField | null {
  return Object.hasOwn(schema, name) ? (schema[name] ?? null) : null
}
