import type { FieldType } from '../../../src/core/mapping/schema.ts'
import type { Connector } from '../../../src/core/ports/connector.ts'
import type { RecordKey } from '../../../src/core/values/key.ts'
import type { Values } from '../../../src/core/values/value.ts'

/** A table as both systems can make it. */
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
