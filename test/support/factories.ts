import type { Coupling, CouplingBases } from '../../src/core/coupling/coupling.ts'
import { type CompiledMapping, compileMapping } from '../../src/core/mapping/compile.ts'
import { type JobDirection, MappingDefinition } from '../../src/core/mapping/definition.ts'
import type { FieldSchema, FieldType, TableSchema } from '../../src/core/mapping/schema.ts'
import type { RecordSnapshot } from '../../src/core/ports/connector.ts'
import type { PlanPolicy, RecordFacts } from '../../src/core/sync/facts.ts'
import { fingerprint } from '../../src/core/sync/fingerprint.ts'
import { encodeKey } from '../../src/core/values/key.ts'
import type { Values } from '../../src/core/values/value.ts'
import { text } from '../../src/core/values/value.ts'

type FieldShape =
  | FieldType
  | {
      readonly type: FieldType
      readonly nullable?: boolean
      readonly writable?: boolean
      readonly hasDefault?: boolean
    }

const textOf = (maxLength: number | null = null): FieldType => ({ kind: 'text', maxLength })

/** A table schema from field types; the key is the first field, a uuid or text given by the writer. */
function makeSchema(table: string, fields: Readonly<Record<string, FieldShape>>): TableSchema {
  const entries = Object.entries(fields).map(([name, shape]): readonly [string, FieldSchema] => {
    const full = 'type' in shape ? shape : { type: shape }
    return [
      name,
      {
        name,
        type: full.type,
        nullable: full.nullable ?? false,
        writable: full.writable ?? true,
        hasDefault: full.hasDefault ?? false,
      },
    ]
  })
  return {
    table,
    fields: new Map(entries),
    keyFields: [entries[0]?.[0] ?? 'id'],
    creation: 'given',
    modifiedField: null,
    exactVersions: true,
    maxServerRunMs: 0,
    estimatedRows: null,
  }
}

const localSchema = makeSchema('customer', {
  id: { kind: 'uuid' },
  no: { type: textOf(20), hasDefault: true },
  name: textOf(100),
  city: textOf(30),
  phone: textOf(30),
  currency_code: textOf(10),
  salesperson_code: textOf(10),
  terms: textOf(10),
  credit: { kind: 'decimal', precision: 18, scale: 5 },
})

const remoteSchema = makeSchema('account', {
  accountid: { kind: 'uuid' },
  name: { type: textOf(160), nullable: true },
  city: { type: textOf(80), nullable: true },
  phone: { type: textOf(50), nullable: true },
  currencyid: { type: { kind: 'uuid' }, nullable: true },
  ownerid: { type: { kind: 'uuid' }, nullable: true },
  terms: { type: { kind: 'integer', bits: 32 }, nullable: true },
  credit: { type: { kind: 'decimal', precision: 19, scale: 4 }, nullable: true },
})

/** A bidirectional customer ↔ account mapping with name, city, phone and whatever a test adds. */
export function makeMapping(overrides: Readonly<Record<string, unknown>> = {}, version = 1): CompiledMapping {
  const definition = MappingDefinition.parse({
    name: 'CUSTOMER',
    direction: 'Bidirectional',
    local: { table: 'customer', keyFields: ['id'], referenceField: 'no' },
    remote: { table: 'account', keyFields: ['accountid'] },
    fields: [
      { local: 'name', remote: 'name' },
      { local: 'city', remote: 'city' },
      { local: 'phone', remote: 'phone' },
    ],
    ...overrides,
  })
  return compileMapping(
    { id: 7, pairId: 1, version, definition },
    { local: localSchema, remote: remoteSchema },
    new Map(),
  )
}

const uuid = (digit: number): `uuid:${string}` =>
  `uuid:00000000-0000-4000-8000-${String(digit).padStart(12, '0')}`
const localKey = encodeKey([uuid(1)])
export const remoteKey = encodeKey([uuid(2)])

export function makeRecord(
  side: 'local' | 'remote',
  values: Readonly<Record<string, string | null>>,
  version = 'v1',
): RecordSnapshot {
  const tagged: Values = Object.fromEntries(
    Object.entries(values).map(([field, value]) => [
      field,
      value === null ? null : value.includes(':') ? (value as `text:${string}`) : text(value),
    ]),
  )
  const withNo = side === 'local' ? { no: text('C1'), ...tagged } : tagged
  return { key: side === 'local' ? localKey : remoteKey, version, modifiedAt: null, values: withNo }
}

/** A coupling of the two records as they were, with complete bases. */
export function makeCoupling(
  mapping: CompiledMapping,
  local: RecordSnapshot,
  remote: RecordSnapshot,
): { coupling: Coupling; bases: CouplingBases } {
  const side = (of: 'local' | 'remote', record: RecordSnapshot) => ({
    key: record.key,
    reference: of === 'local' ? 'text:C1' : record.key,
    version: record.version,
    modifiedAt: null,
    fingerprint: fingerprint(record.values, mapping[of].tracked),
  })
  return {
    coupling: {
      id: 1,
      mappingId: mapping.id,
      local: side('local', local),
      remote: side('remote', remote),
      references: {},
      swings: {},
      mappingVersion: mapping.version,
      generation: 0,
      isRestored: false,
    },
    bases: { local: local.values, remote: remote.values },
  }
}

export function makeFacts(source: RecordSnapshot, more: Partial<RecordFacts> = {}): RecordFacts {
  return {
    source,
    coupling: null,
    bases: null,
    partner: null,
    references: new Map(),
    partnerReferences: new Map(),
    match: null,
    namesake: null,
    sourceTakenBy: null,
    memory: [],
    doubtful: [],
    isRequested: false,
    isInFilter: true,
    resolution: null,
    isReleased: false,
    sourceWins: false,
    ...more,
  }
}

export function makePolicy(
  mapping: CompiledMapping,
  direction: JobDirection = 'to',
  createMissing = false,
): PlanPolicy {
  return { mapping, direction, createMissing, initialDirection: mapping.definition.initialDirection ?? null }
}
