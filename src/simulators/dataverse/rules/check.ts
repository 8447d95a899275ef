import { type Cell, type Row, roundDecimal } from '../../kit/cells.ts'
import type { Caller } from '../caller.ts'
import { type EntityModel, labelOf } from '../entities/model.ts'
import { indexName } from '../organization.ts'
import { problems } from '../problems.ts'
import type { Changes } from '../write/body.ts'

/** Refuses a row that lacks what it needs, or whose keys are taken by another record. */
export function checkRow(caller: Caller, model: EntityModel, key: string, row: Row): void {
  for (const column of model.columns) {
    const isMissing = column.required && (row[column.name] ?? null) === null
    if (isMissing) throw problems.missing(column.name, model.logicalName)
  }
  for (const { name, columns } of model.alternateKeys) {
    if (others(caller, model, columns, key, row).length > 0) throw problems.duplicateKey(name)
  }
  const rule = model.duplicateRule
  if (caller.detectsDuplicates && rule && others(caller, model, rule, key, row).length > 0) {
    throw problems.duplicateFound()
  }
}

function others(caller: Caller, model: EntityModel, columns: readonly string[], key: string, row: Row) {
  const values = columns.map((column): Cell => row[column] ?? null)
  if (values.includes(null)) return []
  const found = caller.organization.table(model.logicalName).find(indexName(columns), values)
  return found.filter((record) => record.key !== key)
}

/** Won and lost records change their state only (connectors.md A.2). */
export function checkState(model: EntityModel, before: Row, changes: Changes): void {
  const state = before['statecode']
  if (typeof state !== 'number' || !model.readOnlyStates.includes(state)) return
  const isStateOnly = [...changes.keys()].every((name) => name === 'statecode' || name === 'statuscode')
  if (isStateOnly && changes.has('statecode')) return
  const options = model.columnsByName.get('statecode')?.options ?? []
  throw problems.readOnlyState(model.logicalName, labelOf(options, state))
}

/** Refuses a deletion while records of other tables need this one. */
export function checkDeletion(caller: Caller, model: EntityModel, key: string): void {
  for (const { entity, column } of model.restrictedBy) {
    for (const record of caller.organization.table(entity).scan('key')) {
      if (record.row[column] === key) throw problems.inUse(model.logicalName, entity)
    }
  }
}

/** What the plug-in of a custom table makes of every value. */
function normalised({ normalises }: EntityModel, name: string, cell: Cell): Cell {
  if (typeof cell !== 'string') return cell
  if (normalises.upperCase.includes(name)) return cell.toUpperCase()
  return normalises.wholeNumbers.includes(name) ? roundDecimal(cell, 0) : cell
}

/** What plug-ins add to a write, or why they refuse it. */
export function runPlugIns(
  caller: Caller,
  model: EntityModel,
  changes: Changes,
  on: 'create' | 'update',
): Changes {
  if (caller.bypassesPlugIns) return changes
  const all = new Map([...changes].map(([name, cell]) => [name, normalised(model, name, cell)]))
  for (const plugIn of caller.organization.plugIns) {
    if (plugIn.entity !== model.logicalName || (plugIn.on !== 'both' && plugIn.on !== on)) continue
    const written = changes.get(plugIn.column)
    if (typeof written !== 'string' || !written.includes(plugIn.contains)) continue
    if (plugIn.error !== undefined) throw problems.plugIn(plugIn.error)
    for (const [name, cell] of Object.entries(plugIn.set ?? {})) all.set(name, cell)
  }
  return all
}
