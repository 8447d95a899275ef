import type { ContractSystem, ContractTable } from '../../../src/connectors/contract/harness.ts'
import type { ContractSubject } from '../../../src/connectors/contract/suite.ts'
import { samples } from '../../../src/connectors/contract/value-samples.ts'
import type { FieldType } from '../../../src/core/mapping/schema.ts'
import { encodeKey } from '../../../src/core/values/key.ts'
import { rawOf, type Value, type Values } from '../../../src/core/values/value.ts'
import { present } from '../../../src/lib/assert.ts'
import { openDataverse } from '../../support/dataverse.ts'
import { connectTo } from '../../support/dataverse-connector.ts'
import { ContractKeys } from './contract-keys.ts'
import { contractName, renamedConnector, type WireNames, wireName } from './renamed-connector.ts'

const prefix = 'couplet_'
const fieldPrefix = 'c_'
const notLowerCase = /[^a-z0-9]/g

/** An organization of a simulated Dataverse with custom tables; `faults` hit it from the first request on. */
export async function setUpDataverse(faults: readonly unknown[] = []): Promise<ContractSystem> {
  const dataverse = await openDataverse({
    time: { now: () => new Date(), monotonicMs: () => performance.now() },
  })
  const { connector, transport } = connectTo(
    dataverse.simulator,
    { batchSize: 7, bulkSize: 16 },
    { retry: { maxAttempts: 12, patienceMs: 3_600_000 } },
  )
  for (const fault of faults) dataverse.inject(fault)
  const keys = new ContractKeys()
  const definitions = new Map<string, ContractTable>()
  const hidden: unknown[] = []
  const definitionOf = (table: string) => present(definitions.get(table), 'table of the contract')
  const namesOf = (table: string): WireNames => wireNames(table, definitions.get(table))
  const ask = async (path: string, body: unknown, method = 'POST') => {
    const answer = await dataverse.admin(path, body, method)
    if (answer && typeof answer === 'object' && 'error' in answer) throw new Error(`${path}: ${answer.error}`)
  }
  const wire = (table: string, values: Values) => ({
    table: namesOf(table).table,
    values: Object.fromEntries(
      Object.entries(values).map(([name, value]) => [namesOf(table).toField(name), jsonOf(value)]),
    ),
  })
  const keyOf = (table: string, values: Values) =>
    keys.idOf(encodeKey(definitionOf(table).keyFields.map((name) => values[name] ?? null)))
  const renamed = renamedConnector(connector, {
    keys,
    namesOf,
    tableOf: (table) => (table.startsWith(prefix) ? contractName(table.slice(prefix.length)) : table),
  })
  return {
    connector: renamed,
    addTable: async (table) => {
      definitions.set(table.table, table)
      await ask('custom-tables', customTable(table, namesOf(table.table)))
    },
    insert: async (table, ...records) => {
      for (const values of records) {
        const sent = wire(table, values)
        await ask(`tables/${sent.table}/${keyOf(table, values)}`, sent.values)
      }
    },
    edit: async (table, key, values) => {
      const sent = wire(table, values)
      await ask(`tables/${sent.table}/${keys.idOf(key)}`, sent.values, 'PATCH')
    },
    remove: async (table, key) => {
      await ask(`tables/${namesOf(table).table}/${keys.idOf(key)}`, {}, 'DELETE')
    },
    begin: async () => ({
      insert: async (table, values) => {
        await ask('hold', [{ action: 'insert', key: keyOf(table, values), ...wire(table, values) }])
      },
      commit: () => ask('release', []),
    }),
    limited: async () => ({
      connector: renamed,
      hide: async (table, field, value) => {
        const { table: entity, toField } = namesOf(table)
        hidden.push({ entity, privilege: 'Read', where: { column: toField(field), value } })
        await ask('rights', hidden)
      },
    }),
    close: async () => {
      await connector.close()
      await transport.close()
      await dataverse.close()
    },
  }
}

/** The stamped field is `modifiedon`, and a key that is a uuid is the id. */
function wireNames(table: string, definition: ContractTable | undefined): WireNames {
  const logicalName = `${prefix}${wireName(table, notLowerCase)}`
  const [key, ...more] = definition?.keyFields ?? []
  const keyType = definition?.fields.find(({ name }) => name === key)?.type.kind
  const known = new Map<string, string>()
  if (definition?.stampedField !== undefined) known.set(definition.stampedField, 'modifiedon')
  if (key !== undefined && more.length === 0 && keyType === 'uuid') known.set(key, `${logicalName}id`)
  for (const { name } of definition?.fields ?? []) {
    if (!known.has(name)) known.set(name, fieldPrefix + wireName(name, notLowerCase))
  }
  const names = new Map([...known].map(([name, field]) => [field, name]))
  return {
    table: definition ? logicalName : table,
    toField: (name) => known.get(name) ?? name,
    toName: (field) => names.get(field) ?? field,
  }
}

const kinds: Readonly<Partial<Record<FieldType['kind'], string>>> = {
  text: 'memo',
  code: 'memo',
  integer: 'int',
  decimal: 'decimal',
  boolean: 'boolean',
  date: 'date',
  instant: 'datetime',
  moment: 'moment',
}

function customTable({ fields, stampedField, normalise }: ContractTable, { table, toField }: WireNames) {
  const columns = fields.filter(({ name }) => name !== stampedField && toField(name) !== `${table}id`)
  return {
    logicalName: table,
    entitySet: `${table}s`,
    columns: columns.map(({ name, type, nullable }) => ({
      name: toField(name),
      kind: kinds[type.kind] ?? 'memo',
      ...('maxLength' in type ? { maxLength: type.maxLength ?? 1_000_000 } : {}),
      scale: type.kind === 'decimal' ? 10 : 0,
      required: nullable === false,
    })),
    ...(normalise
      ? {
          normalises: {
            upperCase: normalise.upperCase.map(toField),
            wholeNumbers: normalise.wholeNumbers.map(toField),
          },
        }
      : {}),
  }
}

function jsonOf(value: Value): unknown {
  if (value === null) return null
  const raw = rawOf(value)
  if (value.startsWith('int:') || value.startsWith('dec:')) return Number(raw)
  if (value.startsWith('bool:')) return raw === 'true'
  return value.startsWith('moment:') ? `${raw}Z` : raw
}

/** A blank text is null. */
const texts = (samples.text ?? []).filter((text) => text !== 'text:')
const noSuchType = 'the system has no such type'

/** What Dataverse cannot do, and the values it can hold (connectors.md A.12). */
export const dataverseLimits: Pick<ContractSubject, 'lacks' | 'samples'> = {
  lacks: {
    null: 'an empty text is null',
    'any names': 'names are lower-case letters, digits and underscores, and there are no 64-bit numbers',
    'serial keys': 'ids are given by the writer',
    'changing keys': 'an id never changes',
    'given times': 'nobody can say when a record was modified',
    'records without a time': 'every record has one',
    'kind:code': noSuchType,
    'kind:time': noSuchType,
    'kind:uuid': 'only ids and lookups',
    'kind:json': noSuchType,
    'kind:bytes': 'files and images are not supported',
    'kind:option': 'the contract has no samples',
  },
  samples: {
    text: [...texts, 'text:100 % [a-z] _', 'text:a&b+c=d?#/:;@$,'],
    integer: ['int:0', 'int:-1', 'int:2147483647', 'int:-2147483648'],
    decimal: ['dec:0', 'dec:0.1', 'dec:-0.0000000001', 'dec:99999.0123456789'],
    date: ['date:2024-02-29', 'date:1753-01-01', 'date:9999-12-31'],
    instant: ['instant:2024-05-01T10:00:00.000000Z', 'instant:1900-01-01T00:00:01.000000Z'],
    moment: ['moment:2024-03-31T02:30:00.000000', 'moment:9999-12-31T23:59:59.000000'],
  },
}
