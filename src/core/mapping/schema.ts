/** Type of a field as the owning system declares it. Lengths are in characters. */
export type FieldType =
  | { readonly kind: 'text'; readonly maxLength: number | null }
  /** Text that its system stores in capitals and without outer blanks (a "Code" field). */
  | { readonly kind: 'code'; readonly maxLength: number | null }
  | { readonly kind: 'integer'; readonly bits: 16 | 32 | 64 }
  | { readonly kind: 'decimal'; readonly precision: number | null; readonly scale: number | null }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'date' }
  | { readonly kind: 'time' }
  | { readonly kind: 'instant' }
  | { readonly kind: 'moment' }
  | { readonly kind: 'uuid' }
  | { readonly kind: 'json' }
  | { readonly kind: 'bytes' }
  /** A whole number out of a fixed list; `labels` where the system has names or captions for them. */
  | { readonly kind: 'option'; readonly values: readonly number[]; readonly labels?: readonly OptionLabel[] }

export interface OptionLabel {
  readonly value: number
  readonly name: string
  readonly caption: string
}

export interface FieldSchema {
  readonly name: string
  readonly type: FieldType
  readonly nullable: boolean
  /** False for computed columns: they can be read, never written. */
  readonly writable: boolean
  /** The table fills the field by itself when it is left out of an insert. */
  readonly hasDefault: boolean
}

export interface TableSchema {
  /** Name as the owning system writes it, for messages and for leases: stable, unique inside the connection. */
  readonly table: string
  readonly fields: ReadonlyMap<string, FieldSchema>
  /** Fields the system has and the connector cannot read, with the name of their type: for messages. */
  readonly unsupportedFields?: ReadonlyMap<string, string>
  /** At least one, never nullable. */
  readonly keyFields: readonly string[]
  /**
   * How a new record gets its key: `given` – by the writer (a uuid we derive, or a mapped key field); `receipt` – made
   * by the table, and the connector keeps a receipt per idempotency token in the same transaction; `business-key` – made
   * by the table, but the writer gives the fields of `businessKey`, and a record that has them is found instead of made
   * again; `unsafe` – made by the table and nothing guards against doing it twice.
   */
  readonly creation: 'given' | 'receipt' | 'business-key' | 'unsafe'
  /**
   * True for a table that makes its keys, and finds what has changed by a time: a creation whose answer was lost is recognised
   * among the changes since, when nothing can take effect any longer (architecture.md §4.3). Whoever creates without another
   * guard sees to that.
   */
  readonly recognisable?: boolean
  /** With `creation: business-key`: writable fields whose values no two records share. */
  readonly businessKey?: readonly string[]
  /** Field with the time of the last change, or null: then changes are found by comparing the whole table. */
  readonly modifiedField: string | null
  /** True when an equal version proves that no field has changed (false: a hash of the row). */
  readonly exactVersions: boolean
  /** The records are the options of one field elsewhere: a code table is mapped to them, in one direction (domain.md §8.5). */
  readonly isOptionSet?: boolean
  /** Longest time in ms a write that was sent can still take effect; 0 when the server ends it with the connection. */
  readonly maxServerRunMs: number
  /** Estimated number of records, for progress only; null when unknown. */
  readonly estimatedRows: number | null
}
