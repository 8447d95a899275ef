import type { Cell } from '../../kit/cells.ts'
import type { Stored } from '../../kit/table/row-source.ts'
import { type Caller, nameOf } from '../caller.ts'
import type { Column } from '../entities/definition.ts'
import { type EntityModel, labelOf, propertyOf, targetOf } from '../entities/model.ts'
import { etagOf } from '../organization.ts'
import { readColumn } from './fields.ts'

/** Which annotations the client has asked for by `Prefer: odata.include-annotations`. */
export type Annotations = (name: string) => boolean

const formattedValue = 'OData.Community.Display.V1.FormattedValue'
const lookupLogicalName = 'Microsoft.Dynamics.CRM.lookuplogicalname'
const navigationProperty = 'Microsoft.Dynamics.CRM.associatednavigationproperty'

/** The annotations named in a list with commas, where `*` stands for any text. */
export function annotationsOf(list: string | undefined): Annotations {
  const patterns = (list ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map((name) => new RegExp(`^${name.replaceAll('.', '\\.').replaceAll('*', '.*')}$`))
  return (name) => patterns.some((pattern) => pattern.test(name))
}

/** The columns of an answer: the selected ones, or all; the key always, and with money its currency. */
export function columnsToShow(model: EntityModel, selected: readonly Column[] | null): readonly Column[] {
  if (selected === null) return model.columns
  const wanted = new Set(selected)
  const currency = model.columnsByName.get('transactioncurrencyid')
  if (currency && selected.some((column) => column.kind === 'money')) wanted.add(currency)
  const key = model.columnsByName.get(model.key)
  if (key) {
    wanted.delete(key)
    wanted.add(key)
  }
  return [...wanted]
}

/** The members of a record's JSON object, without braces. Written as text, so that numbers stay exact. */
export function recordMembers(
  caller: Caller,
  model: EntityModel,
  columns: readonly Column[],
  annotations: Annotations,
  stored: Stored,
): string {
  const withLabels = annotations(formattedValue)
  const withLookups = annotations(lookupLogicalName) || annotations(navigationProperty)
  let members = `"@odata.etag":${JSON.stringify(etagOf(stored.version))}`
  for (const column of columns) {
    const cell = readColumn(model, column, stored)
    const property = propertyOf(column)
    members += `,"${property}":${jsonOf(column, cell)}`
    if (cell === null || !(withLabels || withLookups)) continue
    if (column.kind === 'lookup' && withLookups) {
      members += lookupAnnotations(annotations, column, property, stored)
    }
    const label = withLabels ? labelOfCell(caller, model, column, cell, stored) : null
    if (label !== null) members += `,"${property}@${formattedValue}":${JSON.stringify(label)}`
  }
  return members
}

/** Money, decimals and 64-bit numbers are JSON numbers with all their digits (connectors.md A.12). */
function jsonOf(column: Column, cell: Cell): string {
  if (cell === null) return 'null'
  switch (column.kind) {
    case 'decimal':
    case 'money':
    case 'bigint':
      return String(cell)
    case 'datetime':
    case 'moment':
      return `"${secondsText(cell as number)}"`
    case 'text':
    case 'memo':
      return JSON.stringify(cell)
    default:
      return typeof cell === 'string' ? `"${cell}"` : String(cell)
  }
}

function secondsText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

function lookupAnnotations(
  annotations: Annotations,
  column: Column,
  property: string,
  stored: Stored,
): string {
  const entity = targetOf(column, stored.row)
  const navigation = column.targets.find((target) => target.entity === entity)?.navigation ?? column.name
  const logicalName = annotations(lookupLogicalName) ? `,"${property}@${lookupLogicalName}":"${entity}"` : ''
  const associated = annotations(navigationProperty)
    ? `,"${property}@${navigationProperty}":"${navigation}"`
    : ''
  return associated + logicalName
}

function labelOfCell(
  caller: Caller,
  model: EntityModel,
  column: Column,
  cell: Cell,
  stored: Stored,
): string | null {
  switch (column.kind) {
    case 'choice':
    case 'state':
    case 'status':
      return labelOf(caller.organization.optionsOf(model.logicalName, column), cell)
    case 'boolean':
      return cell ? 'Yes' : 'No'
    case 'lookup':
      return nameOf(caller.organization, targetOf(column, stored.row), String(cell))
    case 'datetime':
    case 'moment':
      return secondsText(cell as number)
    case 'text':
    case 'memo':
    case 'key':
      return null
    default:
      return String(cell)
  }
}
