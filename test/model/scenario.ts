import type { MemoryTableDefinition } from '../../src/connectors/memory/records.ts'
import type { ConflictStrategy, UpdateConflict } from '../../src/core/mapping/conflict-strategy.ts'
import type { MappingDefinition, MappingDirection, Side } from '../../src/core/mapping/definition.ts'
import type { FieldType } from '../../src/core/mapping/schema.ts'
import type { Value, Values } from '../../src/core/values/value.ts'

/**
 * How the remote table gets its keys: a uuid that the writer gives, the number of the record as a mapped field, a serial
 * number with receipts, or one without, so that a creation is recognised by its values.
 */
export const remoteKeys = ['uuid', 'mapped', 'serial', 'drawn'] as const
export type RemoteKeys = (typeof remoteKeys)[number]
/** How the local table gets its keys: from the writer, or by itself: a creation is found again by its number, or by its values. */
export const systemKeys = ['business key', 'number series'] as const
export type LocalKeys = 'uuid' | (typeof systemKeys)[number]
export type DeletionPolicy = MappingDefinition['deletionConflict']

/** What may be changed in the middle of a history. */
export type Change = Partial<
  Pick<
    Setting,
    'direction' | 'onlyCoupled' | 'updateConflict' | 'deletionConflict' | 'filtered' | 'withoutCity'
  >
>

/** Everything about a history that does not change while it runs, unless a step says so. */
export interface Setting {
  /** Two systems in memory, or Business Central and Dataverse by their own protocols. */
  readonly systems: 'memory' | 'dynamics'
  readonly localKeys: LocalKeys
  readonly remoteKeys: RemoteKeys
  readonly direction: MappingDirection
  readonly onlyCoupled: boolean
  readonly updateConflict: UpdateConflict
  /** What fields say themselves about being changed on both sides; otherwise the mapping says it. */
  readonly fieldConflicts: Readonly<Partial<Record<'city' | 'amount', ConflictStrategy>>>
  readonly deletionConflict: DeletionPolicy
  /** The side with a filter that leaves some of its records out. */
  readonly filtered: Side | null
  /** The mapping leaves the city to each side. */
  readonly withoutCity: boolean
  /** The remote system stores cities in capitals. */
  readonly capitals: boolean
  readonly pageSize: number
  /** By how many milliseconds the clocks of the two systems are wrong. */
  readonly skewMs: Readonly<Record<Side, number>>
}

/** A pair of mapped fields, as the reference model needs it. */
export interface FieldRule {
  readonly local: string
  readonly remote: string
  /** Who may change it: both sides, or only the one that the value comes from. */
  readonly flows: 'both' | 'to' | 'from'
  readonly isCapital: boolean
  /** What happens when both sides change it. */
  readonly strategy: ConflictStrategy
}

interface Place {
  readonly table: string
  readonly modifiedField: string
}

/** Tables, and the fields with the time of the last change. */
export function placesOf({ systems, capitals, localKeys }: Setting): Readonly<Record<Side, Place>> {
  if (systems === 'memory')
    return {
      local: { table: 'customer', modifiedField: 'modified' },
      remote: { table: 'account', modifiedField: 'modified' },
    }
  return {
    local: {
      table: `couplet/sync/v1.0/${localKeys === 'number series' ? 'modelDrawn' : 'modelCustomers'}`,
      modifiedField: 'lastModifiedDateTime',
    },
    remote: { table: capitals ? 'model_capitals' : 'model_account', modifiedField: 'modifiedon' },
  }
}

export const mappingName = 'CUSTOMER'

const text: FieldType = { kind: 'text', maxLength: null }
const decimal: FieldType = { kind: 'decimal', precision: null, scale: null }
/** Fields that both tables have. */
const plain = [
  ...['number', 'name', 'city', 'note', 'rating'].map((name) => ({ name, type: text })),
  { name: 'amount', type: decimal },
  { name: 'status', type: text },
]

export function localTable(): MemoryTableDefinition {
  return {
    table: 'customer',
    keyFields: ['id'],
    stampedField: 'modified',
    fields: [
      { name: 'id', type: { kind: 'uuid' } },
      { name: 'modified', type: { kind: 'instant' } },
      ...plain,
    ],
  }
}

export function remoteTable({ remoteKeys: keys, capitals }: Setting): MemoryTableDefinition {
  const isSerial = keys === 'serial' || keys === 'drawn'
  const id: FieldType = isSerial ? { kind: 'integer', bits: 64 } : { kind: 'uuid' }
  return {
    table: 'account',
    keyFields: keys === 'mapped' ? ['number'] : ['id'],
    ...(isSerial ? { keys: 'serial' } : {}),
    stampedField: 'modified',
    ...(capitals
      ? { normalise: (values: Values) => ({ ...values, city: inCapitals(values['city'] ?? null) }) }
      : {}),
    fields: [
      ...(keys === 'mapped' ? [] : [{ name: 'id', type: id }]),
      { name: 'modified', type: { kind: 'instant' } },
      ...plain,
    ],
  }
}

function inCapitals(value: Value): Value {
  return value === null ? null : `text:${value.slice('text:'.length).toUpperCase()}`
}

const archived = { field: 'status', value: 'archived' }

/** The mapping as somebody writes it in a file. */
export function definitionOf(setting: Setting): object {
  const { direction, onlyCoupled, updateConflict, deletionConflict } = setting
  const places = placesOf(setting)
  return {
    name: mappingName,
    direction,
    onlyCoupled,
    updateConflict,
    deletionConflict,
    // Wide open: with so few records nearly every deletion would be held.
    deletionBrake: { share: 1, records: 1_000 },
    archive: {
      ...(direction === 'ToIntegrationTable' ? {} : { local: archived }),
      ...(direction === 'FromIntegrationTable' ? {} : { remote: archived }),
    },
    local: { ...places.local, ...filterOf(setting, 'local') },
    remote: { ...places.remote, ...filterOf(setting, 'remote') },
    fields: rulesOf(setting).map(({ local, remote, flows }) => ({
      local,
      remote,
      direction: directionOf[direction === 'Bidirectional' ? flows : 'both'],
      ...(direction === 'Bidirectional' ? conflictOf(setting, local) : {}),
    })),
  }
}

function filterOf({ filtered }: Setting, side: Side): { readonly filter?: string } {
  return filtered === side ? { filter: "status <> 'out'" } : {}
}

/** Whether the filter leaves this record out. */
export function isLeftOut({ filtered }: Setting, side: Side, values: Values): boolean {
  return filtered === side && values['status'] === 'text:out'
}

function conflictOf({ fieldConflicts }: Setting, field: string): { readonly conflict?: ConflictStrategy } {
  const conflict = Object.entries(fieldConflicts).find(([name]) => name === field)?.[1]
  return conflict === undefined ? {} : { conflict }
}

/** The product's own names for three of the strategies. */
const presets: Readonly<Partial<Record<UpdateConflict, ConflictStrategy>>> = {
  None: 'ask',
  'Send Update to Integration': 'local wins',
  'Get Update from Integration': 'remote wins',
}

const directionOf = {
  both: 'Bidirectional',
  to: 'ToIntegrationTable',
  from: 'FromIntegrationTable',
} as const satisfies Record<FieldRule['flows'], MappingDirection>

/** The number of a record is, on this side, what it is found by before the system has given it a key. */
export function isKeyedByNumber({ remoteKeys: keys, localKeys }: Setting, side: Side): boolean {
  return side === 'local' ? localKeys === 'business key' : keys === 'mapped'
}

/** What the mapping says about each field, in a run of its direction. */
export function rulesOf(setting: Setting): readonly FieldRule[] {
  const { direction, capitals, updateConflict } = setting
  const ofMapping = presets[updateConflict] ?? (updateConflict as ConflictStrategy)
  const rule = (name: string, flows: FieldRule['flows'] = 'both'): FieldRule => ({
    local: name,
    remote: name,
    flows: direction === 'Bidirectional' ? flows : direction === 'ToIntegrationTable' ? 'to' : 'from',
    isCapital: capitals && name === 'city',
    strategy: conflictOf(setting, name).conflict ?? ofMapping,
  })
  const both = [
    ...(isKeyedByNumber(setting, 'local') || isKeyedByNumber(setting, 'remote') ? [rule('number')] : []),
    rule('name'),
    ...(setting.withoutCity ? [] : [rule('city')]),
    rule('amount'),
  ]
  return direction === 'Bidirectional' ? [...both, rule('note', 'to'), rule('rating', 'from')] : both
}

/** Nothing special: what a short history says about its setting is what matters to it. */
export const plainSetting: Setting = {
  systems: 'memory',
  localKeys: 'uuid',
  remoteKeys: 'uuid',
  direction: 'Bidirectional',
  onlyCoupled: false,
  updateConflict: 'None',
  fieldConflicts: {},
  deletionConflict: 'None',
  filtered: null,
  withoutCity: false,
  capitals: false,
  pageSize: 1,
  skewMs: { local: 0, remote: 0 },
}
