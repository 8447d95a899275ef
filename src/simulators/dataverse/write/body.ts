import type { Cell } from '../../kit/cells.ts'
import { type JsonObject, type JsonValue, NumberText } from '../../kit/json.ts'
import { assertAllowed, type Caller } from '../caller.ts'
import type { Column } from '../entities/definition.ts'
import { type EntityModel, findEntitySet, targetCell } from '../entities/model.ts'
import { problems } from '../problems.ts'
import { getByKey, parseRecordKey } from '../record-key.ts'
import { cellFrom } from './values.ts'

/** Cells to write, by column; the target of a lookup with several beside it. */
export type Changes = ReadonlyMap<string, Cell>

/**
 * Reads the body of a create or an update (connectors.md A.5, A.6): values, `@odata.bind`, null. What the system works
 * out itself is accepted and ignored, as Dataverse does.
 */
export function parseChanges(caller: Caller, model: EntityModel, body: JsonObject): Changes {
  const changes = new Map<string, Cell>()
  for (const [name, value] of Object.entries(body)) {
    const [base = '', annotation] = name.split('@')
    if (annotation === 'odata.bind') bind(caller, model, base, value, changes)
    else if (annotation === undefined) setValue(caller, model, name, value, changes)
  }
  return changes
}

function setValue(
  caller: Caller,
  model: EntityModel,
  name: string,
  value: JsonValue,
  changes: Map<string, Cell>,
): void {
  const column = model.columnsByName.get(name)
  const isReadProperty = /^_.*_value$/.test(name)
  if (column?.kind === 'lookup' || isReadProperty || (!column && model.navigations.has(name))) {
    throw problems.payload(
      'CRM do not support direct update of Entity Reference properties, Use Navigation properties instead.',
    )
  }
  if (!column) throw problems.invalidProperty(name, model.logicalName)
  if (!column.writable && !caller.isPerson) return
  assertAllowed(caller, model, 'Write', name)
  changes.set(name, cellFrom(caller.organization, model, column, value))
}

function bind(
  caller: Caller,
  model: EntityModel,
  navigation: string,
  value: JsonValue,
  changes: Map<string, Cell>,
): void {
  const found = model.navigations.get(navigation)
  if (!found) throw problems.undeclared(navigation, model.logicalName)
  assertAllowed(caller, model, 'Write', found.column.name)
  if (value instanceof NumberText || (value !== null && typeof value !== 'string')) {
    throw problems.payload(`'${navigation}@odata.bind' must be the address of a record.`)
  }
  setLookup(caller, model, navigation, value, changes)
}

/** Points a lookup to the record at this address, or to none. */
export function setLookup(
  caller: Caller,
  model: EntityModel,
  navigation: string,
  address: string | null,
  changes: Map<string, Cell>,
): void {
  const found = model.navigations.get(navigation)
  if (!found) throw problems.undeclared(navigation, model.logicalName)
  const { column, entities } = found
  if (address === null) {
    put(column, null, null, changes)
    return
  }
  const target = resolveAddress(caller, address)
  if (!entities.includes(target.model.logicalName)) {
    throw problems.payload(
      `A '${target.model.logicalName}' cannot be bound to '${navigation}' of '${model.logicalName}'.`,
    )
  }
  put(column, target.model.logicalName, target.key, changes)
}

function put(column: Column, entity: string | null, key: string | null, changes: Map<string, Cell>): void {
  changes.set(column.name, key)
  if (column.targets.length > 1) changes.set(targetCell(column.name), entity)
}

/** The record at an address: relative, from the root, absolute, or `$1` for what part 1 of the change set has made. */
function resolveAddress(caller: Caller, address: string): { model: EntityModel; key: string } {
  const reference = /^\/?(\$[^/()]+)$/.exec(address)?.[1]
  const resolved = reference === undefined ? address : caller.references.get(reference)
  if (resolved === undefined) {
    throw problems.payload(`Content-ID Reference: '${reference}' does not exist in the batch context.`)
  }
  const path = resolved.replace(/^https?:\/\/[^/]+/, '').replace(/^\/?(api\/data\/v9\.\d\/)?/, '')
  const match = /^(\w+)\((.*)\)$/s.exec(decodeURIComponent(path))
  const model = findEntitySet(match?.[1] ?? '')
  if (!match || !model) throw problems.payload(`'${address}' is not the address of a record.`)
  const { key } = getByKey(caller.organization, model, parseRecordKey(model, match[2] ?? ''))
  return { model, key }
}
