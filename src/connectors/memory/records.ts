import type { FieldSchema } from '../../core/mapping/schema.ts'
import { encodeKey, type RecordKey } from '../../core/values/key.ts'
import { int, rawOf, type Value, type Values } from '../../core/values/value.ts'

export interface MemoryField {
  readonly name: string
  readonly type: FieldSchema['type']
  /** Default: true, except for key fields. */
  readonly nullable?: boolean
}

export interface MemoryTableDefinition {
  readonly table: string
  readonly fields: readonly MemoryField[]
  readonly keyFields: readonly string[]
  /** The table stamps this field with the time of the transaction, unless the writer gives a time. */
  readonly stampedField?: string
  /** `serial`: the only key field is a whole number the table makes. */
  readonly keys?: 'given' | 'serial'
  /** What the table makes of the values of a record, as a trigger would. */
  readonly normalise?: (values: Values) => Values
}

export interface StoredRecord {
  readonly values: Values
  readonly version: string
}

/** The rows of one table. Every change is visible at once; transactions are the business of the system. */
export class MemoryRecords {
  readonly definition: MemoryTableDefinition
  readonly fields: ReadonlyMap<string, FieldSchema>
  readonly rows = new Map<RecordKey, StoredRecord>()
  /** Key of the record created for an idempotency token; a token stays used up when its record is removed. */
  readonly receipts = new Map<string, RecordKey>()
  /** Keys that have gone, oldest first; null where the oldest have been forgotten. */
  readonly tombstones: (RecordKey | null)[] = []
  /** Which rows the connection may see; the number counts the changes of that. */
  access: { readonly sees: (values: Values) => boolean; readonly changes: number } = {
    sees: () => true,
    changes: 0,
  }
  readonly #nextVersion: () => string
  #lastSerial = 0

  constructor(definition: MemoryTableDefinition, nextVersion: () => string) {
    this.definition = definition
    this.fields = new Map(definition.fields.map((field) => [field.name, fieldSchema(definition, field)]))
    this.#nextVersion = nextVersion
  }

  /** The values as they would be stored; null for fields that were left out. */
  prepare(values: Values, before: Values | null, time: string): Values {
    const { definition } = this
    const filled: Record<string, Value> = {}
    for (const name of this.fields.keys())
      filled[name] = values[name] ?? (name in values ? null : (before?.[name] ?? null))
    if (before === null && definition.keys === 'serial') this.#drawKey(filled)
    const stamped = definition.stampedField
    if (
      stamped !== undefined &&
      (before === null ? !(stamped in values) : filled[stamped] === before[stamped])
    ) {
      filled[stamped] = this.#timeValue(stamped, time)
    }
    return definition.normalise ? definition.normalise(filled) : filled
  }

  keyOf(values: Values): RecordKey {
    return encodeKey(this.definition.keyFields.map((name) => values[name] ?? null))
  }

  put(values: Values): RecordKey {
    const key = this.keyOf(values)
    this.rows.set(key, { values, version: this.#nextVersion() })
    return key
  }

  /** The record leaves its key, because it is deleted or gets another one. */
  remove(key: RecordKey): void {
    if (this.rows.delete(key)) this.tombstones.push(key)
  }

  get(key: RecordKey): StoredRecord {
    const row = this.rows.get(key)
    if (!row) throw new RangeError(`Table ${this.definition.table} has no record ${key}`)
    return row
  }

  #drawKey(values: Record<string, Value>): void {
    const [name] = this.definition.keyFields
    if (name === undefined || (values[name] ?? null) !== null) return
    this.#lastSerial += 1
    values[name] = int(this.#lastSerial)
  }

  #timeValue(field: string, time: string): Value {
    return this.fields.get(field)?.type.kind === 'moment'
      ? `moment:${time.replace('Z', '')}`
      : `instant:${time}`
  }
}

function fieldSchema(definition: MemoryTableDefinition, field: MemoryField): FieldSchema {
  const isKey = definition.keyFields.includes(field.name)
  return {
    name: field.name,
    type: field.type,
    nullable: !isKey && (field.nullable ?? true),
    writable: true,
    hasDefault: field.name === definition.stampedField || (isKey && definition.keys === 'serial'),
  }
}

/** The modification time of a record as the port wants it. */
export function timeOf(values: Values, modifiedField: string | null): string | null {
  const value = modifiedField === null ? null : (values[modifiedField] ?? null)
  return value === null ? null : rawOf(value)
}
