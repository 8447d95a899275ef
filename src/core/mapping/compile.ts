import type { Normaliser } from '../coupling/normalise.ts'
import type { LoadedFunctions } from '../transform/function-rule.ts'
import type { Value } from '../values/value.ts'
import { compileFilter, compileRequirement, type Requirement } from './compile-rules.ts'
import { compileTransfers, getField, literal, type Transfer } from './compile-transfer.ts'
import {
  appliesTo,
  type JobDirection,
  type MappingDefinition,
  type Side,
  type SideDefinition,
} from './definition.ts'
import type { BoundFilter } from './filter.ts'
import { filterFields } from './filter-bind.ts'
import type { TableSchema } from './schema.ts'
import { type CompiledTemplate, compileTemplates } from './templates.ts'
import { joinedFields } from './transform-way.ts'

export interface CompiledSide {
  readonly definition: SideDefinition
  readonly schema: TableSchema
  readonly filter: BoundFilter | null
  /** Records that are left alone although the filter lets them in. */
  readonly ignore: BoundFilter | null
  readonly requirements: readonly Requirement[]
  /** Fields kept in the base: all mapped ones and the reference field. */
  readonly tracked: readonly string[]
  /** Tracked fields whose values go to the other side; the rest only take what comes from there. */
  readonly carried: ReadonlySet<string>
  /** Tracked fields and those that filter, ignore rule, requirements, filters of templates and archiving need. */
  readonly read: readonly string[]
  readonly referenceField: string | null
}

/**
 * How a destination gives new records their key, and so how one is found again whose creation was not answered. `recognised`:
 * by what was sent, once nothing of it can arrive any longer.
 */
export type KeyStrategy = 'derived-uuid' | 'mapped-key' | 'business-key' | 'receipt' | 'recognised' | 'unsafe'

/** The key, or the business key, comes from mapped fields: a record found under it may still be somebody else's. */
export function isKeyFromValues(strategy: KeyStrategy): boolean {
  return strategy === 'mapped-key' || strategy === 'business-key'
}

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
  /** Fields of both sides that are equal where the key of this side, or its business key, is made from mapped fields as they are; else null. */
  readonly mappedKey: Readonly<Record<Side, MatchGroup | null>>
  /** Templates for the records that a job creates, in the order they are tried. */
  readonly templates: Readonly<Record<JobDirection, readonly CompiledTemplate[]>>
  /** Fingerprints of the files with users' own functions that it was bound to. */
  readonly functions: Readonly<Record<string, string>>
  /** Groups in the order they are tried. */
  readonly matchGroups: readonly MatchGroup[]
  /** What archiving writes into a record of that side, or null. */
  readonly archive: Readonly<Record<Side, { readonly field: string; readonly value: Value } | null>>
}

/**
 * Binds a definition to its schemas and to the functions that it names. The definition must have passed validation
 * against them; otherwise throws.
 */
export function compileMapping(
  stored: { id: number; pairId: number; version: number; definition: MappingDefinition },
  schemas: { readonly local: TableSchema; readonly remote: TableSchema },
  functions: LoadedFunctions,
): CompiledMapping {
  const { definition } = stored
  const transfers = {
    to: compileTransfers(definition, schemas, 'to', functions),
    from: compileTransfers(definition, schemas, 'from', functions),
  }
  const templates = {
    to: compileTemplates(definition.templates, 'remote', schemas),
    from: compileTemplates(definition.templates, 'local', schemas),
  }
  return {
    id: stored.id,
    pairId: stored.pairId,
    version: stored.version,
    definition,
    local: compileSide(definition, 'local', schemas.local, templates.to),
    remote: compileSide(definition, 'remote', schemas.remote, templates.from),
    transfers,
    foreign: {
      to: foreignFields(transfers.from, transfers.to),
      from: foreignFields(transfers.to, transfers.from),
    },
    keyStrategy: {
      local: keyStrategy(schemas.local, transfers.from),
      remote: keyStrategy(schemas.remote, transfers.to),
    },
    mappedKey: {
      local: compileMappedKey(schemas.local, 'local', transfers.from),
      remote: compileMappedKey(schemas.remote, 'remote', transfers.to),
    },
    templates,
    functions: fingerprintsOf(functions),
    matchGroups: compileMatchGroups(definition),
    archive: {
      local: compileArchive(definition, 'local', schemas.local),
      remote: compileArchive(definition, 'remote', schemas.remote),
    },
  }
}

function compileArchive(definition: MappingDefinition, side: Side, schema: TableSchema) {
  const archive = definition.archive?.[side]
  if (archive === undefined) return null
  return { field: archive.field, value: literal(archive.value, getField(schema, archive.field)) }
}

function fingerprintsOf(functions: LoadedFunctions): CompiledMapping['functions'] {
  return Object.fromEntries(
    [...functions].flatMap(([module, loaded]) => ('exports' in loaded ? [[module, loaded.fingerprint]] : [])),
  )
}

/** `templates`: those whose filters ask this side, the source of what is created. */
function compileSide(
  definition: MappingDefinition,
  side: Side,
  schema: TableSchema,
  templates: readonly CompiledTemplate[],
): CompiledSide {
  const own = definition[side]
  const filter = compileFilter(own.filter, schema)
  const ignore = compileFilter(own.ignore, schema)
  const requirements = (own.require ?? []).map((each) => compileRequirement(each, schema))
  const needed = [filter, ignore, ...[...requirements, ...templates].map((each) => each.filter)]
  const namesOf = (fields: MappingDefinition['fields']) =>
    fields.flatMap((field) => [field[side], ...joinedFields(field, side)])
  const mapped = namesOf(definition.fields.filter((field) => field.enabled))
  const leaving = definition.fields.filter((field) => appliesTo(field, side === 'local' ? 'to' : 'from'))
  const archiveFields = definition.archive?.[side] ? [definition.archive[side].field] : []
  const tracked = [...new Set([...mapped, own.referenceField])].filter((name) => name !== undefined)
  return {
    definition: own,
    schema,
    filter,
    ignore,
    requirements,
    tracked,
    carried: new Set([...namesOf(leaving), own.referenceField].filter((name) => name !== undefined)),
    read: [
      ...new Set([
        ...tracked,
        ...needed.flatMap((each) => (each ? filterFields(each) : [])),
        ...archiveFields,
      ]),
    ],
    referenceField: own.referenceField ?? null,
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

/** A mapped key comes first: where the table could make one, too, a record found under it may still be somebody else's. */
function keyStrategy(schema: TableSchema, transfers: readonly Transfer[]): KeyStrategy {
  const mapped = new Set(transfers.map((transfer) => transfer.destination.name))
  if (schema.keyFields.every((name) => mapped.has(name))) return 'mapped-key'
  if (schema.creation === 'business-key' && schema.businessKey?.every((name) => mapped.has(name)))
    return 'business-key'
  if (schema.recognisable) return 'recognised'
  if (schema.creation === 'business-key') return 'unsafe'
  if (schema.creation !== 'given') return schema.creation
  const [only, ...more] = schema.keyFields
  const isUuid = only !== undefined && more.length === 0 && schema.fields.get(only)?.type.kind === 'uuid'
  return isUuid ? 'derived-uuid' : 'unsafe'
}

function compileMappedKey(
  { keyFields, businessKey }: TableSchema,
  side: Side,
  transfers: readonly Transfer[],
): MatchGroup | null {
  const fields = (businessKey ?? keyFields).map((name): MatchField | null => {
    const transfer = transfers.find(({ destination }) => destination.name === name)
    if (!transfer?.source || !transfer.isCopied) return null
    const [local, remote] = side === 'local' ? [name, transfer.source.name] : [transfer.source.name, name]
    return { local, remote, caseSensitive: true, normalise: [] }
  })
  return fields.includes(null) ? null : { priority: 0, fields: fields.filter((field) => field !== null) }
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
