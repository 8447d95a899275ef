import type { Cell } from '../../kit/cells.ts'
import type { FieldType } from '../schema/field.ts'
import { escapeMember } from '../schema/names.ts'

/** The JSON text of a cell (connectors.md B.11): decimals are numbers with all their digits, times end with `Z`. */
export function jsonOfCell(type: FieldType, cell: Cell): string {
  switch (type.kind) {
    case 'decimal':
    case 'integer':
    case 'bigInteger':
    case 'boolean':
      return String(cell)
    case 'dateTime':
      return JSON.stringify(timeText(Number(cell)))
    case 'option':
      return JSON.stringify(escapeMember(String(cell)))
    default:
      return JSON.stringify(cell)
  }
}

/** A point in time with up to three decimals; zeros at the end are left out. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/(?:\.000|(\.\d*?)0+)Z$/, '$1Z')
}

/** One property of an object as JSON text, from the JSON text of its value. */
export function jsonProperty(name: string, json: string): string {
  return `${JSON.stringify(name)}:${json}`
}

export function jsonOfProperties(properties: readonly string[]): string {
  return `{${properties.join(',')}}`
}
