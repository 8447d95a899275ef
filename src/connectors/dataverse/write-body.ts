import type { WriteOperation, WriteResult } from '../../core/ports/connector.ts'
import { rawOf, type Value, type Values } from '../../core/values/value.ts'
import type { Json } from '../odata/json.ts'
import type { Column } from './column.ts'
import { refuse } from './judge-failure.ts'
import { getColumn, type TableShape } from './shape.ts'
import { writeValue } from './values.ts'

/** Entity sets by logical name, for the addresses of records that lookups lead to. */
export type EntitySets = ReadonlyMap<string, string>

export type Body =
  | { readonly ok: true; readonly body: Readonly<Record<string, Json>> }
  | { readonly ok: false; readonly result: WriteResult }

/**
 * The body that writes these values; the key is left to the address. `now` holds the lookups and types of the record as they
 * are, for what an update leaves as it is. A new record begins in the first state; its own one is set when it is there. Values
 * that cannot be written are refused, each for its own record.
 */
export function bodyOf(
  shape: TableShape,
  kind: Exclude<WriteOperation['kind'], 'delete'>,
  values: Values,
  now: Values,
  sets: EntitySets,
): Body {
  const body: Record<string, Json> = {}
  for (const name of Object.keys(values)) {
    const column = getColumn(shape, name)
    const isLeft = kind === 'insert' && (name === 'statecode' || name === 'statuscode')
    // A lookup brings its type along; where a new record has none, its type says nothing.
    const isSaid = column.typeOf !== null && (kind === 'insert' || values[column.typeOf] !== undefined)
    if (column === shape.key || isLeft || isSaid) continue
    const target = column.typeOf === null ? column : getColumn(shape, column.typeOf)
    const failure = target.targets
      ? bind(shape, target, { ...now, ...values }, sets, body)
      : put(shape, target, kind, values[name] ?? null, body)
    if (failure) return { ok: false, result: failure }
  }
  return { ok: true, body }
}

function put(
  { schema: { table } }: TableShape,
  column: Column,
  kind: 'insert' | 'update',
  value: Value,
  body: Record<string, Json>,
): WriteResult | null {
  const field = column.field.name
  if (!(kind === 'insert' ? column.isValidForCreate : column.isValidForUpdate)) {
    const when = kind === 'insert' ? 'when a record is created' : 'of an existing record'
    return refuse('VALUE_REFUSED', `${table}: ${field} cannot be written ${when}`, { field, value })
  }
  try {
    body[field] = writeValue(column, value)
    return null
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return refuse('VALUE_NOT_CONVERTIBLE', `${table}: ${field} takes no such value`, { field, value })
  }
}

/** Binds a lookup by the navigation property of the table it is to lead to (connectors.md A.6). */
function bind(
  { schema: { table } }: TableShape,
  column: Column,
  values: Values,
  sets: EntitySets,
  body: Record<string, Json>,
): WriteResult | null {
  const field = column.field.name
  const targets = column.targets ?? new Map<string, string>()
  const id = values[field] ?? null
  const [only, ...others] = targets.keys()
  if (id === null) {
    const [navigation = ''] = targets.values()
    body[`${navigation}@odata.bind`] = null
    return null
  }
  const asked = others.length === 0 ? only : rawOf(values[`${field}type`] ?? null)
  if (!asked) {
    const message = `${table}: ${field} may lead to ${[...targets.keys()].join(' or ')}; ${field}type must say which`
    return refuse('VALUE_MISSING', message, { field: `${field}type` })
  }
  const navigation = targets.get(asked)
  const entitySet = sets.get(asked)
  if (navigation === undefined || entitySet === undefined) {
    const message = `${table}: ${field} cannot lead to ${asked}, only to ${[...targets.keys()].join(' or ')}`
    return refuse('VALUE_REFUSED', message, { field: `${field}type`, value: `text:${asked}` })
  }
  body[`${navigation}@odata.bind`] = `${entitySet}(${rawOf(id)})`
  return null
}

/** Fields to read from a record before its update: the other half of a lookup of which one half is written. */
export function halvesToRead(shape: TableShape, values: Values): readonly string[] {
  return Object.keys(values).flatMap((name) => {
    const column = shape.columns.get(name)
    const other = column?.typeOf ?? `${name}type`
    const isHalf = column?.typeOf || (column?.targets && column.targets.size > 1)
    return isHalf && values[other] === undefined && values[name] !== null ? [other] : []
  })
}
