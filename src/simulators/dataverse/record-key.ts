import type { Cell } from '../kit/cells.ts'
import { type Token, tokensOf } from '../kit/odata/tokens.ts'
import type { Stored } from '../kit/table/row-source.ts'
import type { Column } from './entities/definition.ts'
import { cellTypeOf } from './entities/definition.ts'
import { type EntityModel, propertyOf } from './entities/model.ts'
import type { Organization } from './organization.ts'
import { problems } from './problems.ts'
import { isGuid } from './write/values.ts'

/** How an address names a record: by its GUID, or by the values of an alternate key (connectors.md A.7). */
export type RecordKey =
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'alternate'; readonly name: string; readonly values: ReadonlyMap<string, Cell> }

/** Reads what stands between the parentheses, decoded. Throws status 400 for a key the table does not have. */
export function parseRecordKey(model: EntityModel, text: string): RecordKey {
  if (isGuid(text)) return { kind: 'id', id: text.toLowerCase() }
  const parts = namedParts(text)
  if (parts === null) throw problems.badKey(model.logicalName)
  const [single] = parts
  if (parts.length === 1 && single && single.name === model.key && isGuid(single.value.text)) {
    return { kind: 'id', id: single.value.text.toLowerCase() }
  }
  const key = model.alternateKeys.find(
    ({ columns }) =>
      columns.length === parts.length &&
      columns.every((column) => parts.some((part) => part.name === propertyNamed(model, column))),
  )
  if (!key) throw problems.badKey(model.logicalName)
  const values = key.columns.map((name): [string, Cell] => {
    const part = parts.find((each) => each.name === propertyNamed(model, name))
    const column = model.columnsByName.get(name)
    if (!part || !column) throw problems.badKey(model.logicalName)
    return [name, cellOfKey(model, column, part.value)]
  })
  return { kind: 'alternate', name: key.name, values: new Map(values) }
}

/** The record that a key names; null when there is none. */
export function findByKey(organization: Organization, model: EntityModel, key: RecordKey): Stored | null {
  const table = organization.table(model.logicalName)
  if (key.kind === 'id') return table.get(key.id)
  return table.find(key.name, [...key.values.values()])[0] ?? null
}

/** The same, or the error of a key that names nothing. */
export function getByKey(organization: Organization, model: EntityModel, key: RecordKey): Stored {
  const found = findByKey(organization, model, key)
  if (found) return found
  throw key.kind === 'id'
    ? problems.notFound(model.logicalName, key.id)
    : problems.notFoundByKey(model.logicalName)
}

const propertyNamed = (model: EntityModel, column: string): string => {
  const found = model.columnsByName.get(column)
  return found ? propertyOf(found) : column
}

function namedParts(text: string): readonly { name: string; value: Token }[] | null {
  const tokens = tokensOf(text)
  const parts: { name: string; value: Token }[] = []
  for (let at = 0; ; at += 4) {
    const [name, equals, value, separator] = tokens.slice(at, at + 4)
    if (name?.kind !== 'name' || equals?.text !== '=' || !value || !separator) return null
    parts.push({ name: name.text, value })
    if (separator.kind === 'end') return parts
    if (separator.text !== ',') return null
  }
}

/** Texts with certain signs cannot be addressed (connectors.md A.7). */
function cellOfKey(model: EntityModel, column: Column, token: Token): Cell {
  const type = cellTypeOf(column.kind)
  if (type === 'text' && token.kind === 'string' && !/[/<>*%&:\\?+]/.test(token.text)) return token.text
  if (type === 'guid' && token.kind === 'guid') return token.text.toLowerCase()
  if (type === 'int' && token.kind === 'number') return Number(token.text)
  if (type === 'decimal' && token.kind === 'number') return token.text
  throw problems.badKey(model.logicalName)
}
