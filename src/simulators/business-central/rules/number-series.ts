import type { TableName } from '../schema/tables.ts'

/** Where the next number of a table comes from: a prefix, and at least so many digits. */
export interface NumberSeries {
  readonly column: string
  readonly prefix: string
  readonly digits: number
}

/** Tables whose key is drawn when a new record comes without one. */
export const numberSeries: Readonly<Partial<Record<TableName, NumberSeries>>> = {
  salesperson: { column: 'code', prefix: 'SP NO. ', digits: 5 },
  customer: { column: 'number', prefix: 'C', digits: 5 },
  vendor: { column: 'number', prefix: 'V', digits: 5 },
  contact: { column: 'number', prefix: 'CT', digits: 6 },
  item: { column: 'number', prefix: 'I', digits: 5 },
  resource: { column: 'number', prefix: 'R', digits: 5 },
  employee: { column: 'number', prefix: 'E', digits: 5 },
  salesOrder: { column: 'number', prefix: 'S-ORD', digits: 6 },
  opportunity: { column: 'number', prefix: 'OP', digits: 6 },
}

export function numberAt({ prefix, digits }: NumberSeries, count: number): string {
  return `${prefix}${String(count).padStart(digits, '0')}`
}

/** The first free number behind the last one drawn; numbers that people have taken by hand are passed over. */
export function drawNumber(
  series: NumberSeries,
  lastDrawn: number,
  isTaken: (number: string) => boolean,
): { readonly number: string; readonly drawn: number } {
  for (let drawn = lastDrawn + 1; ; drawn += 1) {
    const number = numberAt(series, drawn)
    if (!isTaken(number)) return { number, drawn }
  }
}
