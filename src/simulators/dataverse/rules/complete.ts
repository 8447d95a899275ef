import type { Cell, Row } from '../../kit/cells.ts'
import type { Caller } from '../caller.ts'
import { type EntityModel, labelOf } from '../entities/model.ts'
import { problems } from '../problems.ts'
import { ids } from '../seed-masters.ts'
import type { Changes } from '../write/body.ts'
import { amounts } from '../write/money.ts'

/** A row as the system completes it: defaults, computed columns, state and status that belong together. */
export function completeRow(caller: Caller, model: EntityModel, changes: Changes, before: Row | null): Row {
  const row: Record<string, Cell> = before ? { ...before } : defaultsOf(model)
  for (const [name, cell] of changes) row[name] = cell
  row['modifiedby'] = caller.userId
  if (!before) row['createdby'] = caller.userId
  setOwner(caller, model, row)
  setStates(caller, model, changes, before, row)
  completions[model.logicalName]?.(caller, row, before)
  setMoney(caller, model, row)
  return row
}

function defaultsOf(model: EntityModel): Record<string, Cell> {
  return Object.fromEntries(model.columns.map((column) => [column.name, column.default]))
}

function setOwner({ userId }: Caller, model: EntityModel, row: Record<string, Cell>): void {
  if (!model.columnsByName.has('ownerid') || row['ownerid'] !== null) return
  row['ownerid'] = userId
  row['ownerid.type'] = 'systemuser'
}

/** A new record begins in the first state, whatever is asked for; later, status and state must be a pair. */
function setStates(
  caller: Caller,
  model: EntityModel,
  changes: Changes,
  before: Row | null,
  row: Record<string, Cell>,
): void {
  const state = model.columnsByName.get('statecode')
  const status = model.columnsByName.get('statuscode')
  if (!state || !status) return
  const options = caller.organization.optionsOf(model.logicalName, status)
  const fits = (value: Cell) =>
    options.some((each) => each.value === value && each.state === row['statecode'])
  if (!before && !caller.isPerson) {
    row['statecode'] = state.default
    if (!fits(row['statuscode'] ?? null)) row['statuscode'] = status.default
    return
  }
  const given = changes.get('statuscode')
  if (given === undefined || given === null) {
    if (!fits(row['statuscode'] ?? null)) {
      row['statuscode'] = options.find((each) => each.state === row['statecode'])?.value ?? null
    }
  } else if (!fits(given)) {
    throw problems.statePair(Number(given), labelOf(state.options, row['statecode']))
  }
}

type Completion = (caller: Caller, row: Record<string, Cell>, before: Row | null) => void

const completions: Readonly<Record<string, Completion>> = {
  contact(_caller, row) {
    row['fullname'] = [row['firstname'], row['lastname']].filter(Boolean).join(' ') || null
  },
  transactioncurrency(_caller, row) {
    row['currencysymbol'] ??= row['isocurrencycode'] ?? null
  },
  product(caller, row, before) {
    const group = row['defaultuomscheduleid'] ?? null
    const isMoved = before !== null && before['defaultuomscheduleid'] !== group
    const unit = row['defaultuomid'] ?? null
    if (group !== null && (unit === null || (isMoved && before['defaultuomid'] === unit))) {
      row['defaultuomid'] = baseUnitOf(caller, group)
    }
  },
  productpricelevel(caller, row) {
    const product = caller.organization.table('product').get(String(row['productid']))
    if (!product) return
    row['uomid'] ??= product.row['defaultuomid'] ?? null
    row['uomscheduleid'] ??= product.row['defaultuomscheduleid'] ?? null
    row['productnumber'] = product.row['productnumber'] ?? null
  },
}

function baseUnitOf({ organization }: Caller, group: Cell): string | null {
  const units = organization.table('uom').find('uomscheduleid', [group])
  return units.find((unit) => unit.row['isschedulebaseuom'] === true)?.key ?? null
}

/** Money is in the record's currency, by default the base currency; the base amounts follow the rate. */
function setMoney({ organization }: Caller, model: EntityModel, row: Record<string, Cell>): void {
  if (!model.columnsByName.has('transactioncurrencyid')) return
  row['transactioncurrencyid'] ??= ids.baseCurrency
  if (!model.columnsByName.has('exchangerate')) return
  const currency = organization.table('transactioncurrency').get(String(row['transactioncurrencyid']))
  const rate = String(currency?.row['exchangerate'] ?? '1.000000000000')
  const names = model.columns.filter((column) => column.kind === 'money' && column.writable)
  Object.assign(row, amounts(Object.fromEntries(names.map(({ name }) => [name, textOf(row[name])])), rate))
}

const textOf = (cell: Cell | undefined): string | null => (typeof cell === 'string' ? cell : null)
