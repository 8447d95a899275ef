import { randomUUID } from 'node:crypto'
import type { Cell, Row } from '../../kit/cells.ts'
import type { Stored } from '../../kit/table/row-source.ts'
import { assertAllowed, type Caller } from '../caller.ts'
import { type EntityModel, entityNamed, targetCell } from '../entities/model.ts'
import { hasIndex } from '../organization.ts'
import { problems } from '../problems.ts'
import { checkDeletion, checkRow, checkState, runPlugIns } from '../rules/check.ts'
import { completeRow } from '../rules/complete.ts'
import type { Changes } from './body.ts'

/** Creates a record with this key, or one of its own; throws 412 for a key that is taken. */
export function createRecord(
  caller: Caller,
  model: EntityModel,
  changes: Changes,
  key: string | null = null,
): Stored {
  assertAllowed(caller, model, 'Create')
  const given = key ?? changes.get(model.key) ?? null
  const id = given === null ? randomUUID() : String(given)
  if (caller.organization.table(model.logicalName).get(id)) throw problems.duplicateId()
  const all = runPlugIns(caller, model, withoutKey(model, changes), 'create')
  const stored = put(caller, model, id, completeRow(caller, model, all, null), null)
  if (model.logicalName === 'uomschedule') createBaseUnit(caller, stored)
  return stored
}

/** Writes the changed columns; the version grows even if they are equal. */
export function updateRecord(caller: Caller, model: EntityModel, before: Stored, changes: Changes): Stored {
  assertAllowed(caller, model, 'Write')
  checkState(model, before.row, changes)
  const all = runPlugIns(caller, model, withoutKey(model, changes), 'update')
  const stored = put(caller, model, before.key, completeRow(caller, model, all, before.row), before)
  if (model.logicalName === 'uomschedule') renameBaseUnit(caller, before, stored)
  return stored
}

/** Deletes a record with what is nothing without it, and empties the lookups that pointed to it. */
export function deleteRecord(caller: Caller, model: EntityModel, { key }: Stored): void {
  assertAllowed(caller, model, 'Delete')
  checkDeletion(caller, model, key)
  const { organization } = caller
  for (const { entity, column } of model.unlinks) {
    const changes = new Map<string, Cell>([
      [column, null],
      [targetCell(column), null],
    ])
    const other = entityNamed(entity)
    for (const record of pointing(caller, other, column, key))
      put(caller, other, record.key, { ...record.row, ...Object.fromEntries(changes) }, record)
  }
  for (const [entity, column] of partsOf[model.logicalName] ?? []) {
    const part = entityNamed(entity)
    for (const record of pointing(caller, part, column, key)) deleteRecord(caller, part, record)
  }
  const tombstone = {
    key,
    version: organization.takeVersion(),
    deletedMs: organization.time.nowMs(),
  }
  caller.undo.push(organization.table(model.logicalName).remove(tombstone))
}

/** Records that go with another one, by the column that points to it. */
const partsOf: Readonly<Record<string, readonly (readonly [entity: string, column: string])[]>> = {
  uomschedule: [['uom', 'uomscheduleid']],
  product: [['productpricelevel', 'productid']],
}

function pointing(caller: Caller, model: EntityModel, column: string, key: string): readonly Stored[] {
  const table = caller.organization.table(model.logicalName)
  if (hasIndex(model, column)) return table.find(column, [key])
  return [...table.scan('key')].filter((record) => record.row[column] === key)
}

function put(caller: Caller, model: EntityModel, key: string, row: Row, before: Stored | null): Stored {
  const { organization } = caller
  checkRow(caller, model, key, row)
  const nowMs = Math.floor(organization.time.nowMs() / 1_000) * 1_000
  const stored: Stored = {
    key,
    row,
    version: organization.takeVersion(),
    createdMs: before?.createdMs ?? nowMs,
    modifiedMs: nowMs,
  }
  caller.undo.push(organization.table(model.logicalName).put(stored))
  return stored
}

function withoutKey(model: EntityModel, changes: Changes): Changes {
  return new Map([...changes].filter(([name]) => name !== model.key))
}

/** A unit group is made with the unit it is reckoned in. */
function createBaseUnit(caller: Caller, group: Stored): void {
  const changes = new Map<string, Cell>([
    ['name', group.row['baseuomname'] ?? null],
    ['quantity', '1.00000'],
    ['isschedulebaseuom', true],
    ['uomscheduleid', group.key],
  ])
  createRecord({ ...caller, isPerson: true }, entityNamed('uom'), changes)
}

function renameBaseUnit(caller: Caller, before: Stored, after: Stored): void {
  const name = after.row['baseuomname'] ?? null
  if (before.row['baseuomname'] === name) return
  const uom = entityNamed('uom')
  const unit = pointing(caller, uom, 'uomscheduleid', after.key).find((each) => each.row['isschedulebaseuom'])
  if (unit) updateRecord({ ...caller, isPerson: true }, uom, unit, new Map([['name', name]]))
}
