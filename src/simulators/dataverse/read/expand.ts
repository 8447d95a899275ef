import { parseList } from '../../kit/odata/query.ts'
import type { Stored } from '../../kit/table/row-source.ts'
import { assertAllowed, type Caller } from '../caller.ts'
import { type EntityModel, entityNamed, targetOf } from '../entities/model.ts'
import { problems } from '../problems.ts'
import { columnOfProperty } from './fields.ts'
import { type Annotations, columnsToShow, recordMembers } from './record-json.ts'

/** Writes the records that a record points to, as further members of its JSON object. */
export type Expansion = (stored: Stored) => string

/** Reads `$select` into columns; null selects all. Throws status 400 for an unknown property. */
export function selectedColumns(caller: Caller, model: EntityModel, text: string | undefined) {
  if (text === undefined || text.trim() === '' || text.trim() === '*') return null
  return parseList(text).map((property) => columnOfProperty(caller, model, property))
}

/** Reads `$expand` of lookups, each with its own `$select`. Collections are not simulated. */
export function expansionOf(
  caller: Caller,
  model: EntityModel,
  text: string | undefined,
  annotations: Annotations,
): Expansion {
  const parts = parseList(text ?? '').map((item) => expandItem(caller, model, item, annotations))
  return (stored) => parts.map((part) => part(stored)).join('')
}

function expandItem(caller: Caller, model: EntityModel, item: string, annotations: Annotations): Expansion {
  const match = /^(\w+)(?:\((.*)\))?$/s.exec(item)
  const name = match?.[1] ?? ''
  const navigation = model.navigations.get(name)
  const [entity = ''] = navigation?.entities ?? []
  if (!navigation) throw problems.noProperty(name, model.logicalName)
  const target = entityNamed(entity)
  assertAllowed(caller, target, 'Read')
  const options = new Map(
    (match?.[2] ?? '').split(';').map((option): [string, string] => {
      const [key = '', ...value] = option.split('=')
      return [key.trim(), value.join('=')]
    }),
  )
  const columns = columnsToShow(target, selectedColumns(caller, target, options.get('$select')))
  const table = caller.organization.table(entity)
  return (stored) => {
    const key = stored.row[navigation.column.name]
    const isThis = typeof key === 'string' && targetOf(navigation.column, stored.row) === entity
    const related = isThis ? table.get(key) : null
    const json = related ? `{${recordMembers(caller, target, columns, annotations, related)}}` : 'null'
    return `,"${name}":${json}`
  }
}
