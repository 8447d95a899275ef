import type { FieldType, TableSchema } from '../../core/mapping/schema.ts'
import type { ConnectedTable } from '../../core/ports/connector.ts'
import { parseLiteral } from '../../core/values/convert.ts'
import { encodeKey, type RecordKey } from '../../core/values/key.ts'

/**
 * The records that people name by these texts: by key where the text can be one, else by the reference field, where it
 * names one record only. A text without an answer names none.
 */
export async function findByText(
  table: ConnectedTable,
  referenceField: string | undefined,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, RecordKey>> {
  const hits = new Map<string, RecordKey>()
  const parsed = texts.flatMap((text) => {
    const key = parseKey(table.schema, text)
    return key === null ? [] : [[text, key] as const]
  })
  if (parsed.length > 0) {
    const records = await table.readByKeys(
      parsed.map(([, key]) => key),
      table.schema.keyFields,
      signal,
    )
    for (const [text, key] of parsed) if (records.has(key)) hits.set(text, key)
  }
  if (referenceField !== undefined)
    await findByReference(
      table,
      referenceField,
      texts.filter((text) => !hits.has(text)),
      hits,
      signal,
    )
  return hits
}

async function findByReference(
  table: ConnectedTable,
  referenceField: string,
  texts: readonly string[],
  hits: Map<string, RecordKey>,
  signal: AbortSignal,
): Promise<void> {
  const type = table.schema.fields.get(referenceField)?.type
  if (type === undefined) return
  const searching = texts.flatMap((text) => {
    const literal = parseLiteral(text, type)
    return literal.ok && literal.value !== null ? [{ text, value: literal.value }] : []
  })
  if (searching.length === 0) return
  const answers = await table.findByMatch({
    fields: table.schema.keyFields,
    filter: null,
    matchFields: [{ field: referenceField, caseSensitive: true }],
    candidates: searching.map(({ value }) => [value]),
    limitPerCandidate: 2,
    signal,
  })
  searching.forEach(({ text }, index) => {
    const [only, ...more] = answers[index] ?? []
    if (only && more.length === 0) hits.set(text, only.key)
  })
}

/** The canonical key a person's text stands for, or null when it cannot be one. */
export function parseKey(schema: TableSchema, text: string): RecordKey | null {
  const types = keyTypes(schema)
  return types.length === 0 ? null : parseTypedKey(types, text)
}

/** Types of the key fields in their order; empty where one of them is not a field of the table. */
export function keyTypes({ keyFields, fields }: TableSchema): readonly FieldType[] {
  const types = keyFields.flatMap((name) => fields.get(name)?.type ?? [])
  return types.length === keyFields.length ? types : []
}

/** The same by the types of the key fields. */
export function parseTypedKey(types: readonly FieldType[], text: string): RecordKey | null {
  const parts = types.length === 1 ? [text] : text.split(',')
  if (parts.length !== types.length) return null
  const values = types.map((type, index) => {
    const parsed = parseLiteral(parts[index] ?? '', type)
    return parsed.ok ? parsed.value : null
  })
  return values.includes(null) ? null : encodeKey(values)
}
