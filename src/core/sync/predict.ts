import { derivedKey } from '../coupling/identity.ts'
import type { FieldType, TableSchema } from '../mapping/schema.ts'
import type { RecordSnapshot, WriteOperation } from '../ports/connector.ts'
import { decodeKey, encodeKey } from '../values/key.ts'
import { tagged, type Value } from '../values/value.ts'

/** No system's version begins like this: a planned record is never taken for a real one. */
const PLANNED = 'planned'

/** The record as it would be after an update, as far as that can be known without writing. */
export function predictUpdate(
  operation: Extract<WriteOperation, { kind: 'update' }>,
  before: RecordSnapshot,
  schema: TableSchema,
): RecordSnapshot {
  const now = decodeKey(before.key)
  return {
    key: encodeKey(schema.keyFields.map((field, index) => operation.values[field] ?? now[index] ?? null)),
    version: `${PLANNED} ${before.version}`,
    modifiedAt: before.modifiedAt,
    values: { ...before.values, ...operation.values },
  }
}

/**
 * The record as it would be created. What its table fills in by itself cannot be known; where other records refer to it
 * by such a field, a placeholder stands there that no real record has: `NEW-…`, or a negative number.
 */
export function predictInsert(
  operation: Extract<WriteOperation, { kind: 'insert' }>,
  schema: TableSchema,
  fields: readonly string[],
  referenceField: string | null,
): RecordSnapshot {
  const placeholder = (field: string) =>
    placeholderOf(schema.fields.get(field)?.type ?? { kind: 'text', maxLength: null }, operation.token)
  const given = operation.key === null ? null : decodeKey(operation.key)
  const key = schema.keyFields.map(
    (field, index) => given?.[index] ?? operation.values[field] ?? placeholder(field),
  )
  const made: Record<string, Value> = Object.fromEntries(
    schema.keyFields.map((field, index) => [field, key[index] ?? null]),
  )
  const values: Record<string, Value> = {}
  for (const field of fields) values[field] = operation.values[field] ?? made[field] ?? null
  if (referenceField !== null) values[referenceField] ??= placeholder(referenceField)
  return { key: encodeKey(key), version: PLANNED, modifiedAt: null, values }
}

/** Equal for the same creation, whoever predicts it. */
function placeholderOf(type: FieldType, token: string): Value {
  if (type.kind === 'integer')
    return tagged('int', String(-1 - (Number.parseInt(token.slice(0, 8), 16) % maxOf(type.bits))))
  if (type.kind === 'uuid') return decodeKey(derivedKey(token))[0] ?? null
  const name = `NEW-${token.slice(0, 12).toUpperCase()}`
  const length = 'maxLength' in type ? type.maxLength : null
  return tagged('text', length === null ? name : name.slice(0, length))
}

const maxOf = (bits: 16 | 32 | 64) => (bits === 16 ? 2 ** 15 - 1 : 2 ** 31 - 1)
