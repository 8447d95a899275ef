import type { FieldSchema, FieldType } from '../../core/mapping/schema.ts'
import type { Value } from '../../core/values/value.ts'
import { quoteName } from './identifiers.ts'
import { type Codec, codecs, paddedTextCodec } from './pg-text.ts'

/** What the catalog says of one column; the type is the base type behind all domains. */
export interface CatalogColumn {
  readonly name: string
  readonly typeSchema: string
  readonly typeName: string
  readonly isEnum: boolean
  /** Length or precision as the catalog encodes it, -1 for none. */
  readonly typeModifier: number
  readonly domains: readonly string[]
  readonly notNull: boolean
  readonly hasDefault: boolean
  readonly isComputed: boolean
  readonly identity: 'always' | 'by default' | null
  /** Expression that makes the next value from a sequence or a volatile function; null when there is none. */
  readonly makes: string | null
  readonly isUpdatable: boolean
  /** Upper and lower case of letters beyond ASCII are unknown to the collation of the column. */
  readonly foldsOnlyAscii: boolean
  readonly isDeterministic: boolean
}

/** A column this connector can read: its field, and how SQL deals with it. */
export interface Column {
  readonly field: FieldSchema
  readonly name: string
  readonly codec: Codec
  /** Type of parameters, without length: a length would cut text without a word. */
  readonly sqlType: string
  /** The column in a statement where the table is called `t`. */
  readonly sql: string
  /** The same for comparing as text, without padding. */
  readonly textSql: string
  readonly isText: boolean
  /** Equality is equality of characters, so that an index of the column serves. */
  readonly isPlainText: boolean
  readonly makes: string | null
  readonly needsOverride: boolean
  readonly foldsOnlyAscii: boolean
}

/** The field type of a column, or null for types that are not supported. */
function fieldType(column: CatalogColumn): FieldType | null {
  if (column.isEnum) return { kind: 'text', maxLength: null }
  if (column.typeSchema !== 'pg_catalog') return null
  const type = textType(column) ?? numberType(column)
  if (type) return type
  const kind = otherKinds[column.typeName]
  return kind ? { kind } : null
}

const otherKinds: Readonly<
  Record<string, 'boolean' | 'date' | 'time' | 'instant' | 'moment' | 'uuid' | 'json' | 'bytes'>
> = {
  bool: 'boolean',
  date: 'date',
  time: 'time',
  timestamptz: 'instant',
  timestamp: 'moment',
  uuid: 'uuid',
  json: 'json',
  jsonb: 'json',
  bytea: 'bytes',
}

/** A domain whose name begins with `code` marks a Code field. */
function textType({ typeName, typeModifier, domains }: CatalogColumn): FieldType | null {
  if (!['text', 'varchar', 'bpchar'].includes(typeName)) return null
  const isCode = domains.some((domain) => domain.toLowerCase().startsWith('code'))
  return { kind: isCode ? 'code' : 'text', maxLength: typeModifier < 0 ? null : typeModifier - 4 }
}

const integerBits: Readonly<Record<string, 16 | 32 | 64>> = { int2: 16, int4: 32, int8: 64 }

function numberType({ typeName, typeModifier }: CatalogColumn): FieldType | null {
  const bits = integerBits[typeName]
  if (bits) return { kind: 'integer', bits }
  if (typeName === 'float4' || typeName === 'float8') return { kind: 'decimal', precision: null, scale: null }
  if (typeName !== 'numeric') return null
  if (typeModifier < 0) return { kind: 'decimal', precision: null, scale: null }
  const bare = typeModifier - 4
  // The scale is a signed number of 11 bits.
  return { kind: 'decimal', precision: (bare >> 16) & 0xffff, scale: ((bare & 0x7ff) ^ 1024) - 1024 }
}

/** Null when the type of the column is not supported. */
export function buildColumn(catalog: CatalogColumn): Column | null {
  const type = fieldType(catalog)
  if (!type) return null
  const sql = `t.${quoteName(catalog.name)}`
  const isText = type.kind === 'text' || type.kind === 'code'
  const isPadded = catalog.typeName === 'bpchar'
  return {
    name: catalog.name,
    field: {
      name: catalog.name,
      type,
      nullable: !catalog.notNull,
      writable: catalog.isUpdatable && !catalog.isComputed && catalog.identity !== 'always',
      hasDefault: catalog.hasDefault,
    },
    codec: isPadded ? paddedTextCodec : codecs[type.kind],
    sqlType: sqlType(catalog),
    sql,
    textSql: isPadded || catalog.isEnum ? `${sql}::text` : sql,
    isText,
    isPlainText: isText && !isPadded && !catalog.isEnum && catalog.isDeterministic,
    makes: catalog.makes,
    needsOverride: catalog.identity === 'always',
    foldsOnlyAscii: catalog.foldsOnlyAscii,
  }
}

/** Whole numbers travel as int8, so that a number too large for the column is a wrong value, not a wrong statement. */
function sqlType(column: CatalogColumn): string {
  if (column.typeName in integerBits) return 'int8'
  if (column.typeName === 'varchar') return 'text'
  return column.isEnum ? `${quoteName(column.typeSchema)}.${quoteName(column.typeName)}` : column.typeName
}

/** The parameter text of a value. */
export function encodeValue(column: Column, value: Value): string | null {
  return value === null ? null : column.codec.encode(value)
}
