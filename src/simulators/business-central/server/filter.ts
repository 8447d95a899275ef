import { compileFilter, type FilterDialect } from '../../kit/odata/evaluate.ts'
import { type Expression, type Operand, type Path, parseFilter } from '../../kit/odata/filter.ts'
import type { Stored } from '../../kit/table/row-source.ts'
import { refusals } from '../errors.ts'
import { cellType, type Field } from '../schema/field.ts'
import { unescapeMember } from '../schema/names.ts'
import type { Page } from '../schema/pages.ts'
import { fieldOf } from '../schema/tables.ts'
import type { Company } from '../store/company.ts'
import { cellReader } from '../store/read-cell.ts'

/** A filter that has been checked: the test, and the expression for whoever looks for a short way. */
export interface PageFilter {
  readonly expression: Expression
  readonly test: (record: Stored) => boolean
}

/** Reads a `$filter` with the limits of AL filters (connectors.md B.3, B.11). Throws 400. */
export function pageFilter(text: string, page: Page, company: Company): PageFilter {
  const expression = withMembers(parseFilter(text), page)
  refuseDistinctOr(expression)
  return { expression, test: compileFilter(expression, dialectOf(page, company)) }
}

/** The column that a path of a filter or an order names. Throws 400 for one that the page does not have. */
export function columnOf(page: Page, names: readonly string[]): string {
  const column = names.length === 1 ? page.columns.get(names[0] ?? '') : undefined
  if (column === undefined) {
    throw refusals.malformed(
      `Could not find a property named '${names.join('/')}' on type 'Microsoft.NAV.${page.entityType}'.`,
    )
  }
  return column
}

function fieldAt(page: Page, path: Path): Field {
  const field = fieldOf(page.table, columnOf(page, path.names))
  if (field === undefined) throw refusals.malformed(`'${path.names.join('/')}' cannot be filtered.`)
  return field
}

function dialectOf(page: Page, company: Company): FilterDialect<Stored> {
  return {
    field: (path) => ({
      type: cellType(fieldAt(page, path).type),
      read: cellReader(company, page.table, columnOf(page, path.names)),
    }),
    call: ({ name }) => {
      throw refusals.malformed(`The function '${name}' is not supported.`)
    },
    hasWildcards: false,
    // The product takes lambda operators and does nothing with them.
    lambda: () => () => true,
  }
}

/** Options are compared by their member; the blank member and null cannot be asked for. */
function withMembers(expression: Expression, page: Page): Expression {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return {
        ...expression,
        left: withMembers(expression.left, page),
        right: withMembers(expression.right, page),
      }
    case 'not':
      return { ...expression, operand: withMembers(expression.operand, page) }
    case 'compare':
      return { ...expression, right: memberOf(expression.left, expression.right, page) }
    default:
      return expression
  }
}

function memberOf(left: Operand, right: Operand, page: Page): Operand {
  if (right.kind !== 'literal') return right
  if (right.type === 'null') throw refusals.malformed('A comparison with null is not supported.')
  const type = left.kind === 'path' ? fieldAt(page, left).type : null
  if (type?.kind !== 'option') return right
  const member = unescapeMember(right.text)
  if (member.trim() === '') throw refusals.malformed('A blank option cannot be filtered for.')
  if (!type.members.includes(member)) throw refusals.notAnOption(right.text, type.members)
  return { ...right, text: member }
}

function refuseDistinctOr(expression: Expression): void {
  if (expression.kind === 'not') refuseDistinctOr(expression.operand)
  if (expression.kind !== 'and' && expression.kind !== 'or') return
  if (expression.kind === 'or' && new Set(namesIn(expression)).size > 1) throw refusals.orOnDistinctFields()
  refuseDistinctOr(expression.left)
  refuseDistinctOr(expression.right)
}

function namesIn(expression: Expression): readonly string[] {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return [...namesIn(expression.left), ...namesIn(expression.right)]
    case 'not':
      return namesIn(expression.operand)
    case 'compare':
      return [...namesOf(expression.left), ...namesOf(expression.right)]
    case 'test':
      return namesOf(expression.operand)
    case 'lambda':
      return []
  }
}

function namesOf(operand: Operand): readonly string[] {
  if (operand.kind === 'path') return [operand.names.join('/')]
  return operand.kind === 'call' ? operand.arguments.flatMap(namesOf) : []
}
