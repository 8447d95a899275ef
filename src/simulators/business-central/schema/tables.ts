import { opportunity, salesOrder, salesOrderLine } from './documents.ts'
import { type Field, plain, type Table } from './field.ts'
import {
  currency,
  currencyExchangeRate,
  employee,
  paymentTerm,
  salesperson,
  shipmentMethod,
  shippingAgent,
  unitOfMeasure,
} from './masters.ts'
import { contact, customer, vendor } from './partners.ts'
import { item, resource } from './products.ts'

/** The tables of a company. */
export const tables = {
  currency,
  currencyExchangeRate,
  salesperson,
  unitOfMeasure,
  paymentTerm,
  shipmentMethod,
  shippingAgent,
  employee,
  vendor,
  customer,
  contact,
  item,
  resource,
  salesOrder,
  salesOrderLine,
  opportunity,
} satisfies Record<string, Table>

export type TableName = keyof typeof tables

export const tableNames = Object.keys(tables) as readonly TableName[]

/** What every table has besides its own columns; kept by the system. */
const systemFields: Readonly<Record<string, Field>> = {
  id: plain('guid', 'SystemId', { readOnly: true }),
  systemCreatedAt: plain('dateTime', 'SystemCreatedAt', { readOnly: true }),
  lastModifiedDateTime: plain('dateTime', 'SystemModifiedAt', { readOnly: true }),
}

/** The column of a table, its own or a system's; undefined when there is none of this name. */
export function fieldOf(table: TableName, column: string): Field | undefined {
  return (tables[table] as Table).fields[column] ?? systemFields[column]
}

/** The table that a column refers to by its relation. */
export function relatedTable(field: Field | undefined): TableName | null {
  const relation = field?.relation
  return relation !== undefined && relation in tables ? (relation as TableName) : null
}
