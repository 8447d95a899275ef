import { present } from '../../lib/assert.ts'
import { SyncError } from '../errors.ts'
import { type Chain, compileChain } from '../transform/compile-chain.ts'
import type { LoadedFunctions } from '../transform/function-rule.ts'
import { parseLiteral } from '../values/convert.ts'
import type { Value } from '../values/value.ts'
import { type ConflictStrategy, strategyOf } from './conflict-strategy.ts'
import {
  appliesTo,
  destinationSide,
  type FieldMapping,
  type JobDirection,
  type MappingDefinition,
  type Side,
  sourceSide,
} from './definition.ts'
import type { FieldSchema, TableSchema } from './schema.ts'
import { cutsTooLong } from './too-long.ts'
import { chainUse, joinedFields, wayOf } from './transform-way.ts'

/** How one field gets its value in one direction. */
export interface Transfer {
  /** `salesperson_code → ownerid`: unique inside a mapping and direction. */
  readonly name: string
  /** Null: the constant is the source. */
  readonly source: FieldSchema | null
  readonly destination: FieldSchema
  /** In the destination's type; written when the source is blank. */
  readonly constant: Value
  readonly reference: TransferReference | null
  /** Raw source text → destination value. */
  readonly valueMap: ReadonlyMap<string, Value> | null
  /** In the destination's type: a smaller number is sent as this one. */
  readonly atLeast: Value
  /** Changes the source value before anything else is done with it. */
  readonly chain: Chain | null
  /** Further source fields that go into the value. */
  readonly joined: readonly string[]
  /** A text that is too long is cut, with a warning. */
  readonly cuts: boolean
  /** The job of the other direction cuts: this source may hold the beginning of what the destination has. */
  readonly cutAtSource: boolean
  readonly notNull: boolean
  readonly clearOnFailedSync: boolean
  /** Both sides may change the field, so a change of the destination is never overwritten unseen. */
  readonly twoWay: boolean
  /** What happens when both sides have changed it. */
  readonly conflict: ConflictStrategy
  /** The value arrives as the source has it, but for its type. */
  readonly isCopied: boolean
}

export interface TransferReference {
  readonly mapping: string
  readonly deferred: boolean
  /** Source value that stands for "empty" on the destination (the base currency in a From job). */
  readonly blankSource: Value
  /** Destination value that stands for an empty source (the base currency in a To job). */
  readonly blankDestination: Value
  /** Destination value that stands in for a record that is not coupled yet; null where there is none. */
  readonly standIn: Value
}

/** The transfers of one direction, in the order of the field mappings. Throws where validation would have refused. */
export function compileTransfers(
  definition: MappingDefinition,
  schemas: { readonly local: TableSchema; readonly remote: TableSchema },
  direction: JobDirection,
  functions: LoadedFunctions,
): readonly Transfer[] {
  const from = sourceSide[direction]
  const to = destinationSide[direction]
  return definition.fields
    .filter((field) => appliesTo(field, direction) && field[to] !== undefined)
    .map((field) => compileTransfer(definition, field, schemas[from], schemas[to], { direction, functions }))
}

/** Unique inside a mapping and direction; couplings keep under it what a reference was translated to. */
export function transferName(field: Pick<FieldMapping, Side>, direction: JobDirection): string {
  return `${field[sourceSide[direction]] ?? 'constant'} → ${field[destinationSide[direction]]}`
}

function compileTransfer(
  definition: MappingDefinition,
  field: FieldMapping,
  sourceSchema: TableSchema,
  destinationSchema: TableSchema,
  { direction, functions }: { direction: JobDirection; functions: LoadedFunctions },
): Transfer {
  const sourceName = field[sourceSide[direction]]
  const destination = getField(
    destinationSchema,
    present(field[destinationSide[direction]], 'destination field'),
  )
  const source = sourceName === undefined ? null : getField(sourceSchema, sourceName)
  const mayCut = cutsTooLong(definition, field)
  return {
    name: transferName(field, direction),
    source,
    destination,
    constant: field.constant === undefined ? null : literal(field.constant, destination),
    reference: field.reference ? compileReference(field.reference, direction, source, destination) : null,
    valueMap: field.valueMap ? compileValueMap(field.valueMap, direction, destination) : null,
    atLeast: field.atLeast === undefined ? null : literal(field.atLeast, destination),
    chain: field.transform
      ? compileChain(field.transform, wayOf(field, direction), chainUse(definition, field), functions)
      : null,
    joined: joinedFields(field, sourceSide[direction]),
    cuts: mayCut && !isKeyOf(destinationSchema, destination),
    cutAtSource: mayCut && field.direction === 'Bidirectional' && !isKeyOf(sourceSchema, source),
    notNull: field.notNull,
    clearOnFailedSync: field.clearOnFailedSync,
    twoWay:
      field.direction === 'Bidirectional' && definition.direction === 'Bidirectional' && source !== null,
    conflict: field.conflict ?? strategyOf(definition.updateConflict),
    isCopied: source !== null && !hasRule(field),
  }
}

function hasRule({ reference, valueMap, transform, atLeast }: FieldMapping): boolean {
  return [reference, valueMap, transform, atLeast].some((rule) => rule !== undefined)
}

function isKeyOf(schema: TableSchema, field: FieldSchema | null): boolean {
  return field !== null && schema.keyFields.includes(field.name)
}

function compileReference(
  reference: NonNullable<FieldMapping['reference']>,
  direction: JobDirection,
  source: FieldSchema | null,
  destination: FieldSchema,
): TransferReference {
  const remoteField = direction === 'to' ? destination : source
  const remoteValue = (raw: string | undefined) =>
    raw === undefined || remoteField === null ? null : literal(raw, remoteField)
  const value = remoteValue(reference.remoteWhenLocalBlank)
  return {
    mapping: reference.mapping,
    deferred: reference.deferred,
    blankSource: direction === 'from' ? value : null,
    blankDestination: direction === 'to' ? value : null,
    standIn: direction === 'to' ? remoteValue(reference.remoteWhenNotCoupled) : null,
  }
}

function compileValueMap(
  map: Readonly<Record<string, string>>,
  direction: JobDirection,
  destination: FieldSchema,
) {
  const pairs = Object.entries(map).map(([local, remote]): readonly [string, string] =>
    direction === 'to' ? [local, remote] : [remote, local],
  )
  return new Map(pairs.map(([from, to]) => [from, literal(to, destination)] as const))
}

export function literal(raw: string, field: FieldSchema): Value {
  const parsed = parseLiteral(raw, field.type)
  if (!parsed.ok) throw new SyncError('MAPPING_INVALID', `${field.name}: ${parsed.problem.message}`)
  return parsed.value
}

export function getField(schema: TableSchema, name: string): FieldSchema {
  const field = schema.fields.get(name)
  if (!field)
    throw new SyncError('FIELD_NOT_FOUND', `Table ${schema.table} has no field ${name}`, {
      data: { field: name },
    })
  return field
}
