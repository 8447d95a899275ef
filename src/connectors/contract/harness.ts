import type { FieldType } from '../../core/mapping/schema.ts'
import type { Connector } from '../../core/ports/connector.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { Values } from '../../core/values/value.ts'

export type FieldKind = FieldType['kind']

/** What not every system can do, and what is tested only where it can. */
export type Ability =
  /** Records can be written through the connector. */
  | 'writing'
  /** Records can be deleted through the connector. */
  | 'deleting'
  /** A field can be of this kind. */
  | `kind:${FieldKind}`
  /** Null and blank are different values. */
  | 'null'
  /** A field can be without null: a record without a value for it is refused. */
  | 'required fields'
  /** Tables and fields may have any name. */
  | 'any names'
  | 'composite keys'
  /** A key may be a uuid, a code, a text or a day. */
  | 'keys of any type'
  /** Tables whose key is made by the system, and that can keep receipts. */
  | 'serial keys'
  /** A record may be given another key. */
  | 'changing keys'
  /** A number may be empty, and is then not 0. */
  | 'empty numbers'
  /** A person may say when a record was modified, to the millisecond at least. */
  | 'given times'
  /** Such a time is kept to the microsecond. */
  | 'microseconds'
  /** A record may be without a time of its last change. */
  | 'records without a time'
  /** A table may be without a field for it. */
  | 'tables without a time'
  /** What somebody has written may become visible later than its time. */
  | 'open transactions'
  /** The system changes what is written to it (`ContractTable.normalise`). */
  | 'normalising'
  /** Records can be hidden from a connection (`ContractSystem.limited`). */
  | 'limited views'

/** A table as every system of the contract can make it. */
export interface ContractTable {
  readonly table: string
  readonly fields: readonly { readonly name: string; readonly type: FieldType; readonly nullable?: boolean }[]
  readonly keyFields: readonly string[]
  /** Stamped by the table with the time of the transaction, unless the writer gives a time. */
  readonly stampedField?: string
  readonly keys?: 'given' | 'serial'
  /** What a trigger of the table does to every write. */
  readonly normalise?: { readonly upperCase: readonly string[]; readonly wholeNumbers: readonly string[] }
}

export interface ContractTransaction {
  insert(table: string, values: Values): Promise<void>
  commit(): Promise<void>
}

export interface LimitedView {
  readonly connector: Connector
  /** From now on these records of the table are hidden, as if they did not exist. */
  hide(table: string, field: string, value: string): Promise<void>
}

/** A real system or a fake, with the people who work in it. */
export interface ContractSystem {
  readonly connector: Connector
  addTable(table: ContractTable): Promise<void>
  insert(table: string, ...records: Values[]): Promise<void>
  edit(table: string, key: RecordKey, values: Values): Promise<void>
  remove(table: string, key: RecordKey): Promise<void>
  begin(): Promise<ContractTransaction>
  /** The tables as somebody sees them who may be kept from seeing records. */
  limited(): Promise<LimitedView>
  close(): Promise<void>
}

export type ContractSetup = () => Promise<ContractSystem>
