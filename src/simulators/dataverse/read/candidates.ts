import type { Expression, Literal, Path } from '../../kit/odata/filter.ts'
import type { Stored } from '../../kit/table/row-source.ts'
import type { EntityModel } from '../entities/model.ts'
import { hasIndex, type Organization } from '../organization.ts'
import { inValues } from './fields.ts'

/**
 * The only records that can pass a filter, where keys or indexes tell: so that a thousand records are read by their ids
 * without a look at all others. Null where they do not; what is returned must still be tested.
 */
export function candidatesOf(
  organization: Organization,
  model: EntityModel,
  expression: Expression,
): readonly Stored[] | null {
  switch (expression.kind) {
    case 'and':
      return (
        candidatesOf(organization, model, expression.left) ??
        candidatesOf(organization, model, expression.right)
      )
    case 'or':
      return eitherOf(
        candidatesOf(organization, model, expression.left),
        candidatesOf(organization, model, expression.right),
      )
    case 'compare': {
      const { left, right, operator } = expression
      if (operator !== 'eq' || left.kind !== 'path' || right.kind !== 'literal') return null
      return equalTo(organization, model, left, right)
    }
    case 'test': {
      if (expression.operand.kind !== 'call') return null
      const given = inValues(expression.operand)
      if (!given || expression.operand.name.endsWith('NotIn')) return null
      const found = given.values.map((value) => lookUp(organization, model, given.property, value))
      return found.reduce<readonly Stored[] | null>(eitherOf, [])
    }
    default:
      return null
  }
}

function equalTo(organization: Organization, model: EntityModel, path: Path, literal: Literal) {
  const column = (path.names.length === 1 ? path.names[0] : undefined)?.replace(/^_(.+)_value$/, '$1')
  return column === undefined ? null : lookUp(organization, model, column, literal.text)
}

function lookUp(
  organization: Organization,
  model: EntityModel,
  column: string,
  value: string,
): readonly Stored[] | null {
  const table = organization.table(model.logicalName)
  if (column === model.key) {
    const found = table.get(value.toLowerCase())
    return found ? [found] : []
  }
  return hasIndex(model, column) ? table.find(column, [value]) : null
}

/** Appends in place where it can: a filter may name a thousand keys. */
function eitherOf(a: readonly Stored[] | null, b: readonly Stored[] | null): readonly Stored[] | null {
  return a === null || b === null ? null : [...a, ...b]
}
