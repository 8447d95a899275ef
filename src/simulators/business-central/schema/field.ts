import type { Cell, CellType } from '../../kit/cells.ts'

/**
 * What a column of a Business Central table holds (connectors.md B.11). Cells are those of the kit; an option is the name of its
 * member, unescaped, one space for the blank one. There is no null.
 */
export type FieldType =
  | { readonly kind: 'code' | 'text'; readonly length: number }
  | { readonly kind: 'decimal' | 'integer' | 'bigInteger' | 'boolean' | 'date' | 'dateTime' | 'guid' }
  | { readonly kind: 'option'; readonly members: readonly string[] }

/** One column. */
export interface Field {
  readonly type: FieldType
  /** The name in the table, from which a page web service makes its own (connectors.md B.10). */
  readonly caption: string
  /** Computed by the system: a request that writes it is refused. */
  readonly readOnly?: true
  /** The table whose primary key this column repeats; a value that is not found there is refused. */
  readonly relation?: string
  /** An id: that of the record which the named column refers to. Computed when read, translated when written. */
  readonly idOf?: string
  /** The metadata says that it always has a value. */
  readonly required?: true
  /** Not shown on pages that are published as web services. */
  readonly isApiOnly?: true
}

/** One table; the primary key is unique, capitals do not count because keys are codes. */
export interface Table {
  /** As messages name it: `The Customer already exists.` */
  readonly caption: string
  readonly key: readonly [string, ...string[]]
  /** All columns but `id`, `systemCreatedAt` and `lastModifiedDateTime`, which every table has. */
  readonly fields: Readonly<Record<string, Field>>
}

export const blankId = '00000000-0000-0000-0000-000000000000'
export const blankDate = '0001-01-01'
const blankTimeMs = Date.parse('0001-01-01T00:00:00Z')

type More = Omit<Field, 'type' | 'caption'>

export const code = (length: number, caption: string, more: More = {}): Field => ({
  type: { kind: 'code', length },
  caption,
  ...more,
})
export const text = (length: number, caption: string, more: More = {}): Field => ({
  type: { kind: 'text', length },
  caption,
  ...more,
})
export const plain = (
  kind: 'decimal' | 'integer' | 'boolean' | 'date' | 'dateTime' | 'guid',
  caption: string,
  more: More = {},
): Field => ({ type: { kind }, caption, ...more })
export const option = (members: readonly string[], caption: string, more: More = {}): Field => ({
  type: { kind: 'option', members },
  caption,
  ...more,
})
/** The id beside a code: `currencyId` beside `currencyCode`. */
export const idBeside = (column: string, caption: string): Field => ({
  type: { kind: 'guid' },
  caption,
  idOf: column,
})

/** What a column holds while nobody has entered anything. */
export function blankOf(type: FieldType): Cell {
  switch (type.kind) {
    case 'code':
    case 'text':
      return ''
    case 'decimal':
    case 'bigInteger':
      return '0'
    case 'integer':
      return 0
    case 'boolean':
      return false
    case 'date':
      return blankDate
    case 'dateTime':
      return blankTimeMs
    case 'guid':
      return blankId
    case 'option':
      return type.members[0] ?? ' '
  }
}

/** How the kit compares a column. */
export function cellType(type: FieldType): CellType {
  switch (type.kind) {
    case 'code':
      return 'text'
    case 'text':
    case 'option':
      return 'exact-text'
    case 'integer':
      return 'int'
    case 'bigInteger':
      return 'int64'
    case 'dateTime':
      return 'datetime'
    default:
      return type.kind
  }
}
