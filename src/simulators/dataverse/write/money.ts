import { divideDecimal, type Row, roundDecimal } from '../../kit/cells.ts'

/** Money in the record's currency with four decimals, the same in the base currency, and the rate between them. */
export function amounts(values: Readonly<Record<string, string | null>>, rate: string): Row {
  const row: Record<string, string | null> = { exchangerate: rate }
  for (const [name, value] of Object.entries(values)) {
    row[name] = value === null ? null : roundDecimal(value, 4)
    row[`${name}_base`] = value === null ? null : divideDecimal(value, rate, 4)
  }
  return row
}
