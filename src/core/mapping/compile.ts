import { present } from '../../lib/assert.ts'
import type { Normaliser } from '../coupling/normalise.ts'
import { SyncError } from '../errors.ts'
import { parseLiteral } from '../values/convert.ts'
import type { Value } from '../values/value.ts'
import { compileFilter, compileRequirement, type Requirement } from './compile-rules.ts'
import { type ConflictStrategy, strategyOf } from './conflict-strategy.ts'
import {
  appliesTo,
  destinationSide,
  type FieldMapping,
  type JobDirection,
  type MappingDefinition,
  type Side,
  type SideDefinition,
  sourceSide,
} from './definition.ts'
import type { BoundFilter } from './filter.ts'
import { filterFields } from './filter-bind.ts'
import type { FieldSchema, TableSchema } from './schema.ts'

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
  readonly notNull: boolean
  readonly clearOnFailedSync: boolean
  /** Both sides may change the field, so a change of the destination is never overwritten unseen. */
  readonly twoWay: boolean
  /** What happens when both sides have changed it. */
  readonly conflict: ConflictStrategy
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

export interface CompiledSide {
  readonly definition: SideDefinition
  readonly schema: TableSchema
  readonly filter: BoundFilter | null
  /** Records that are left alone although the filter lets them in. */
  readonly ignore: BoundFilter | null
  readonly requirements: readonly Requirement[]
  /** Fields kept in the base: all mapped ones and the reference field. */
  readonly tracked: readonly string[]
  /** Tracked fields and those that filter, ignore rule and requirements need. */
  readonly read: readonly string[]
  readonly referenceField: string | null
}

/** How a destination gives new records their key. */
export type KeyStrategy = 'derived-uuid' | 'mapped-key' | 'receipt' | 'unsafe'

export interface MatchField {
  readonly local: string
  readonly remote: string
  readonly caseSensitive: boolean
  readonly normalise: readonly Normaliser[]
}

/** Match fields of one priority: all of them have to be equal. */
export interface MatchGroup {
  readonly priority: number
  readonly fields: readonly MatchField[]
}

export interface ForeignFields {
  readonly source: ReadonlySet<string>
  readonly destination: ReadonlySet<string>
}

/** A mapping version bound to the schemas of both tables: everything the pipeline asks of it, computed once. */
export interface CompiledMapping {
  readonly id: number
  readonly pairId: number
  readonly version: number
  readonly definition: MappingDefinition
  readonly local: CompiledSide
  readonly remote: CompiledSide
  readonly transfers: Readonly<Record<JobDirection, readonly Transfer[]>>
  /** Per direction and end: fields that take part in the other direction only, so that this job has no say about them. */
  readonly foreign: Readonly<Record<JobDirection, ForeignFields>>
  readonly keyStrategy: Readonly<Record<Side, KeyStrategy>>
  /** Groups in the order they are tried. */
  readonly matchGroups: readonly MatchGroup[]
}

/** Binds a definition to its schemas. The definition must have passed validation against them; otherwise throws. */
export function compileMapping(
  stored: { id: number; pairId: number; version: number; definition: MappingDefinition },
  schemas: { readonly local: TableSchema; readonly remote: TableSchema },
): CompiledMapping {
  const { definition } = stored
  const transfers = {
    to: compileTransfers(definition, schemas, 'to'),
    from: compileTransfers(definition, schemas, 'from'),
  }
  return {
    id: stored.id,
    pairId: stored.pairId,
    version: stored.version,
    definition,
    local: compileSide(definition, 'local', schemas.local),
    remote: compileSide(definition, 'remote', schemas.remote),
    transfers,
    foreign: {
      to: foreignFields(transfers.from, transfers.to),
      from: foreignFields(transfers.to, transfers.from),
    },
    keyStrategy: {
      local: keyStrategy(schemas.local, transfers.from),
      remote: keyStrategy(schemas.remote, transfers.to),
    },
    matchGroups: compileMatchGroups(definition),
  }
}

function compileSide(definition: MappingDefinition, side: Side, schema: TableSchema): CompiledSide {
  const own = definition[side]
  const filter = compileFilter(own.filter, schema)
  const ignore = compileFilter(own.ignore, schema)
  const requirements = (own.require ?? []).map((each) => compileRequirement(each, schema))
  const needed = [filter, ignore, ...requirements.map((each) => each.filter)]
  const mapped = definition.fields.filter((field) => field.enabled).map((field) => field[side])
  const tracked = [...new Set([...mapped, own.referenceField])].filter((name) => name !== undefined)
  return {
    definition: own,
    schema,
    filter,
    ignore,
    requirements,
    tracked,
    read: [...new Set([...tracked, ...needed.flatMap((each) => (each ? filterFields(each) : []))])],
    referenceField: own.referenceField ?? null,
  }
}

function compileTransfers(
  definition: MappingDefinition,
  schemas: { readonly local: TableSchema; readonly remote: TableSchema },
  direction: JobDirection,
): readonly Transfer[] {
  const from = sourceSide[direction]
  const to = destinationSide[direction]
  return definition.fields
    .filter((field) => appliesTo(field, direction) && field[to] !== undefined)
    .map((field) => compileTransfer(definition, field, schemas[from], schemas[to], direction))
}

function compileTransfer(
  definition: MappingDefinition,
  field: FieldMapping,
  sourceSchema: TableSchema,
  destinationSchema: TableSchema,
  direction: JobDirection,
): Transfer {
  const sourceName = field[sourceSide[direction]]
  const destination = getField(
    destinationSchema,
    present(field[destinationSide[direction]], 'destination field'),
  )
  const source = sourceName === undefined ? null : getField(sourceSchema, sourceName)
  return {
    name: `${sourceName ?? 'constant'} → ${destination.name}`,
    source,
    destination,
    constant: field.constant === undefined ? null : literal(field.constant, destination),
    reference: field.reference ? compileReference(field.reference, direction, source, destination) : null,
    valueMap: field.valueMap ? compileValueMap(field.valueMap, direction, destination) : null,
    atLeast: field.atLeast === undefined ? null : literal(field.atLeast, destination),
    notNull: field.notNull,
    clearOnFailedSync: field.clearOnFailedSync,
    twoWay:
      field.direction === 'Bidirectional' && definition.direction === 'Bidirectional' && source !== null,
    conflict: field.conflict ?? strategyOf(definition.updateConflict),
  }
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

/**
 * A field counts as our own only together with the field it is paired with: of `name ↔ name` and `name → city`, a From
 * job settles the first pair and leaves the second one open.
 */
function foreignFields(opposite: readonly Transfer[], own: readonly Transfer[]): ForeignFields {
  const pairs = new Set(own.map((transfer) => `${transfer.source?.name}\u0000${transfer.destination.name}`))
  const foreign = opposite.filter(
    (transfer) => !pairs.has(`${transfer.destination.name}\u0000${transfer.source?.name}`),
  )
  return {
    source: new Set(foreign.map((transfer) => transfer.destination.name)),
    destination: new Set(
      foreign.map((transfer) => transfer.source?.name).filter((name) => name !== undefined),
    ),
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

function literal(raw: string, field: FieldSchema): Value {
  const parsed = parseLiteral(raw, field.type)
  if (!parsed.ok) throw new SyncError('MAPPING_INVALID', `${field.name}: ${parsed.problem.message}`)
  return parsed.value
}

function getField(schema: TableSchema, name: string): FieldSchema {
  const field = schema.fields.get(name)
  if (!field)
    throw new SyncError('FIELD_NOT_FOUND', `Table ${schema.table} has no field ${name}`, {
      data: { field: name },
    })
  return field
}

/** A mapped key comes first: where the table could make one, too, a record found under it may still be somebody else's. */
function keyStrategy(schema: TableSchema, transfers: readonly Transfer[]): KeyStrategy {
  const mapped = new Set(transfers.map((transfer) => transfer.destination.name))
  if (schema.keyFields.every((name) => mapped.has(name))) return 'mapped-key'
  if (schema.creation !== 'given') return schema.creation
  const [only, ...more] = schema.keyFields
  const isUuid = only !== undefined && more.length === 0 && schema.fields.get(only)?.type.kind === 'uuid'
  return isUuid ? 'derived-uuid' : 'unsafe'
}

function compileMatchGroups(definition: MappingDefinition): readonly MatchGroup[] {
  const groups = new Map<number, MatchField[]>()
  for (const field of definition.fields) {
    if (!field.enabled || !field.match || field.local === undefined || field.remote === undefined) continue
    const group = groups.get(field.match.priority) ?? []
    const { caseSensitive, normalise = [] } = field.match
    group.push({ local: field.local, remote: field.remote, caseSensitive, normalise })
    groups.set(field.match.priority, group)
  }
  return [...groups.entries()].sort(([a], [b]) => a - b).map(([priority, fields]) => ({ priority, fields }))
}
