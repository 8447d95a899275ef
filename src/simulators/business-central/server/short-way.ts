import { literalCell } from '../../kit/odata/evaluate.ts'
import type { Expression } from '../../kit/odata/filter.ts'
import type { Stored } from '../../kit/table/row-source.ts'
import type { Table } from '../schema/field.ts'
import type { Page } from '../schema/pages.ts'
import { tables } from '../schema/tables.ts'
import type { Company } from '../store/company.ts'

/** Parts of a filter that all must hold. */
function required(expression: Expression): readonly Expression[] {
  return expression.kind === 'and'
    ? [...required(expression.left), ...required(expression.right)]
    : [expression]
}

/** The values that a column must be one of; null when the expression says something else. */
function wantedTexts(expression: Expression, name: string): readonly string[] | null {
  if (expression.kind === 'or') {
    const [left, right] = [wantedTexts(expression.left, name), wantedTexts(expression.right, name)]
    return left === null || right === null ? null : [...left, ...right]
  }
  if (expression.kind !== 'compare' || expression.operator !== 'eq') return null
  const { left, right } = expression
  if (left.kind !== 'path' || left.names.join('/') !== name || right.kind !== 'literal') return null
  return right.type === 'string' || right.type === 'guid' ? [right.text] : null
}

/** The records that can match where the filter names ids or primary keys; null where all must be looked at. */
export function namedRecords(expression: Expression, page: Page, company: Company): readonly Stored[] | null {
  const { key }: Table = tables[page.table]
  for (const part of required(expression)) {
    for (const [name, column] of page.columns) {
      const isKey = key.length === 1 && column === key[0]
      const texts = isKey || column === 'id' ? wantedTexts(part, name) : null
      if (texts === null) continue
      const find = (text: string): Stored | null =>
        isKey ? company.findByKey(page.table, [text]) : company.table(page.table).get(text.toLowerCase())
      const records = texts.map(find).filter((record) => record !== null)
      return [...new Map(records.map((record) => [record.key, record])).values()]
    }
  }
  return null
}

/** The earliest time of change that the filter asks for, in milliseconds; null when it does not. */
export function earliestChange(expression: Expression): number | null {
  const times = required(expression).flatMap((part) => {
    if (part.kind !== 'compare' || (part.operator !== 'gt' && part.operator !== 'ge')) return []
    const { left, right } = part
    const isTime = left.kind === 'path' && left.names.join('/') === 'lastModifiedDateTime'
    return isTime && right.kind === 'literal' ? [Number(literalCell(right, 'datetime'))] : []
  })
  return times.length === 0 ? null : Math.max(...times)
}
