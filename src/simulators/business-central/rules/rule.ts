import type { Cell, Row } from '../../kit/cells.ts'
import type { TableName } from '../schema/tables.ts'
import type { Lookups } from './related.ts'

/** Settings of a company that rules ask for. */
export interface CompanySetup {
  /** A new customer or vendor gets a company contact of its own. */
  readonly createsContacts: boolean
}

/** What a rule may know besides the record. */
export interface RuleFacts extends Lookups {
  readonly setup: CompanySetup
  /** Today by the system's clock, as `2024-05-01`. */
  readonly today: string
  readonly exchangeRates: (currencyCode: string) => readonly Row[]
  /** Whether the customer has an order that is not closed yet. */
  readonly hasOrders: (customerNumber: string) => boolean
  /** The next number of a table's series. */
  readonly nextNumber: (table: TableName) => string
  readonly nowMs: number
}

/** A write to another record that follows from this one. */
export type Consequence =
  | { readonly table: TableName; readonly id: string; readonly changes: Readonly<Record<string, Cell>> }
  | { readonly table: TableName; readonly insert: Readonly<Record<string, Cell>> }

/** A record on its way into a table: `before` is null for a new one. */
export interface Draft {
  readonly before: Row | null
  /** The record with what was sent. */
  readonly after: Row
  /** Columns that the request has written. */
  readonly sent: ReadonlySet<string>
}

export interface Ruled {
  /** Columns that the rule sets besides what was sent. */
  readonly changes: Readonly<Record<string, Cell>>
  readonly consequences: readonly Consequence[]
}

/** The business logic of one table. Pure; throws the product's own refusal. */
export interface TableRules {
  readonly beforeWrite?: (draft: Draft, facts: RuleFacts) => Ruled
  readonly beforeDelete?: (row: Row, facts: RuleFacts) => readonly Consequence[]
}

/** Whether the request has changed this column. */
export function isChanged({ before, after, sent }: Draft, column: string): boolean {
  return sent.has(column) && (before === null || before[column] !== after[column])
}
