import type { Cell } from '../../kit/cells.ts'
import type { Field, FilterDialect } from '../../kit/odata/evaluate.ts'
import type { Call, Path } from '../../kit/odata/filter.ts'
import type { Stored } from '../../kit/table/row-source.ts'
import type { Caller } from '../caller.ts'
import { assertAllowed } from '../caller.ts'
import { type Column, cellTypeOf } from '../entities/definition.ts'
import { type EntityModel, findEntity, propertyOf, targetOf } from '../entities/model.ts'
import { versionText } from '../organization.ts'
import { problems } from '../problems.ts'

/** The cell of a column, also of those the system keeps beside the row. */
export function readColumn(model: EntityModel, column: Column, stored: Stored): Cell {
  switch (column.name) {
    case model.key:
      return stored.key
    case 'createdon':
      return stored.createdMs
    case 'modifiedon':
      return stored.modifiedMs
    case 'versionnumber':
      return versionText(stored.version)
    default:
      return stored.row[column.name] ?? null
  }
}

/** The column that a property such as `name` or `_ownerid_value` reads; throws status 400 for an unknown one. */
export function columnOfProperty(caller: Caller, model: EntityModel, property: string): Column {
  const lookup = /^_(.+)_value$/.exec(property)?.[1]
  const column = model.columnsByName.get(lookup ?? property)
  if (!column || propertyOf(column) !== property) throw problems.noProperty(property, model.logicalName)
  assertAllowed(caller, model, 'Read', column.name)
  return column
}

/** How `$filter` reads this table: columns, and columns of the records that lookups point to. */
export function dialectOf(caller: Caller, model: EntityModel): FilterDialect<Stored> {
  return {
    hasWildcards: true,
    field: (path) => fieldOf(caller, model, path),
    call: (call) => inTest(caller, model, call),
    lambda: () => {
      throw problems.query('Filters on collections are not simulated.')
    },
  }
}

function fieldOf(caller: Caller, model: EntityModel, { names }: Path): Field<Stored> {
  const [first = '', ...rest] = names
  const navigation = rest.length > 0 ? model.navigations.get(first) : undefined
  if (!navigation) {
    const column = columnOfProperty(caller, model, names.join('/'))
    return { type: cellTypeOf(column.kind), read: (stored) => readColumn(model, column, stored) }
  }
  const [entity = ''] = navigation.entities
  const target = findEntity(entity)
  if (!target) throw problems.noProperty(names.join('/'), model.logicalName)
  const inner = fieldOf(caller, target, { kind: 'path', names: rest })
  const table = caller.organization.table(entity)
  const { column } = navigation
  return {
    type: inner.type,
    read(stored) {
      const key = stored.row[column.name]
      const related =
        typeof key === 'string' && targetOf(column, stored.row) === entity ? table.get(key) : null
      return related ? inner.read(related) : null
    },
  }
}

const inFunctions = ['Microsoft.Dynamics.CRM.In', 'Microsoft.Dynamics.CRM.NotIn']

/** The property and the values of `Microsoft.Dynamics.CRM.In`; null for another function. */
export function inValues(
  call: Call,
): { readonly property: string; readonly values: readonly string[] } | null {
  const property = call.named.get('PropertyName')
  const values = call.named.get('PropertyValues')
  if (!inFunctions.includes(call.name) || property?.type !== 'string' || values?.type !== 'array') return null
  try {
    return { property: property.text, values: (JSON.parse(values.text) as unknown[]).map(String) }
  } catch {
    return null
  }
}

function inTest(caller: Caller, model: EntityModel, call: Call): (stored: Stored) => boolean {
  const given = inValues(call)
  if (!given) throw problems.query(`An unknown function with name '${call.name}' was found.`)
  // By this function lookups go by the name of their column.
  const column = model.columnsByName.get(given.property) ?? columnOfProperty(caller, model, given.property)
  const wanted = new Set(given.values.map((value) => value.toLowerCase()))
  const isIn = call.name === inFunctions[0]
  return (stored) => wanted.has(String(readColumn(model, column, stored)).toLowerCase()) === isIn
}
