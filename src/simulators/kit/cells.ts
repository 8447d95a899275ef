/**
 * What a field of a simulated record holds. Texts, GUIDs (lower case), dates (`2024-05-01`), decimals (`12.50`) and
 * 64-bit numbers are text, so that nothing is rounded; whole numbers and choices are numbers; a point in time is its
 * milliseconds since 1970.
 */
export type Cell = string | number | boolean | null

/** How the cells of a column are meant; `exact-text` is text whose case counts. */
export type CellType =
  | 'text'
  | 'exact-text'
  | 'guid'
  | 'int'
  | 'int64'
  | 'decimal'
  | 'boolean'
  | 'datetime'
  | 'date'

export type Row = Readonly<Record<string, Cell>>

/** Something that `<` and `===` order: numbers and instants as numbers, exact numbers as bigint, texts without case. */
export type Comparable = string | number | bigint

const scale = 12

/** The form of a cell in which cells of one type compare; null for null. Decimals compare exactly to 12 decimals. */
export function comparable(type: CellType, cell: Cell): Comparable | null {
  if (cell === null) return null
  switch (type) {
    case 'decimal':
      return scaledDecimal(String(cell))
    case 'int64':
      return BigInt(cell as string)
    case 'text':
    case 'guid':
      return String(cell).toLowerCase()
    case 'boolean':
      return cell ? 1 : 0
    default:
      return cell as string | number
  }
}

/** A decimal number as text, without exponent, times 10^12. */
function scaledDecimal(text: string): bigint {
  const [whole = '0', fraction = ''] = text.split('.')
  const digits = BigInt(`${whole.replace('-', '') || '0'}${fraction.padEnd(scale, '0').slice(0, scale)}`)
  return whole.startsWith('-') ? -digits : digits
}

/** A decimal as text with exactly this many decimals, rounded half away from zero. */
export function roundDecimal(text: string, decimals: number): string {
  const divisor = 10n ** BigInt(scale - decimals)
  const scaled = scaledDecimal(text)
  const size = scaled < 0n ? -scaled : scaled
  const digits = String((size + divisor / 2n) / divisor).padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const sign = scaled < 0n && /[1-9]/.test(digits) ? '-' : ''
  return decimals === 0 ? `${sign}${whole}` : `${sign}${whole}.${digits.slice(-decimals)}`
}

/** One decimal divided by another, with this many decimals; exact but for the last one. */
export function divideDecimal(dividend: string, divisor: string, decimals: number): string {
  const by = scaledDecimal(divisor)
  const quotient = (scaledDecimal(dividend) * 10n ** BigInt(scale)) / (by === 0n ? 10n ** BigInt(scale) : by)
  const size = quotient < 0n ? -quotient : quotient
  const digits = String(size).padStart(scale + 1, '0')
  const text = `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
  return roundDecimal(quotient < 0n ? `-${text}` : text, decimals)
}
