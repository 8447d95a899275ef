import { writeValue } from '../../../src/connectors/business-central/values.ts'
import type { ContractSystem, ContractTable } from '../../../src/connectors/contract/harness.ts'
import type { ContractSubject } from '../../../src/connectors/contract/suite.ts'
import { type NonNullableValue, samples } from '../../../src/connectors/contract/value-samples.ts'
import { ExactNumber, stringifyJson } from '../../../src/connectors/odata/json.ts'
import type { FieldType } from '../../../src/core/mapping/schema.ts'
import { decodeKey } from '../../../src/core/values/key.ts'
import { rawOf, type Values } from '../../../src/core/values/value.ts'
import type { Fault } from '../../../src/simulators/kit/faults.ts'
import { type Client, signIn, startCronus } from '../../support/business-central.ts'
import { connectTo } from '../../support/business-central-connector.ts'
import { contractName, renamedConnector, wireName } from './renamed-connector.ts'

const prefix = 'couplet/sync/v1.0/'

/** `id` is `Cid`: a field of the contract is none of those that a system keeps for itself. */
const fieldName = (name: string): string => `C${wireName(name)}`

/** A company of a simulated Business Central with tables that an extension brings along, under the pages of a custom API. */
export async function setUpBusinessCentral(faults: readonly Fault[] = []): Promise<ContractSystem> {
  const server = await startCronus({ customers: 10 })
  const people = await signIn(server)
  const { connector } = connectTo(server, {
    apis: ['couplet/sync/v1.0'],
    overlapMs: 60_000,
    transportOptions: { retry: { maxAttempts: 12, patienceMs: 3_600_000 } },
  })
  const renamed = renamedConnector(connector, {
    keys: null,
    namesOf: (table) => ({
      table: prefix + wireName(table),
      toField: fieldName,
      toName: (field) => contractName(field.slice(1)),
    }),
    tableOf: (table) => contractName(table.slice(prefix.length)),
  })
  for (const fault of faults) server.simulation.faults.add(fault)
  const definitions = new Map<string, ContractTable>()
  const system = peopleOf(people, definitions)
  return {
    ...system,
    connector: renamed,
    addTable: async (table) => {
      definitions.set(table.table, table)
      await ask(people, 'added-tables', 'POST', addedTable(table))
    },
    begin: async () => {
      const { now } = (await ask(people, 'clock', 'GET')) as { now: string }
      const pending: (readonly [string, Values])[] = []
      return {
        insert: async (table, values) => {
          const stamped = definitions.get(table)?.stampedField
          const time = `instant:${now.slice(0, -1)}000Z` as const
          pending.push([table, { ...(stamped === undefined ? {} : { [stamped]: time }), ...values }])
        },
        commit: async () => {
          for (const [table, values] of pending) await system.insert(table, values)
        },
      }
    },
    limited: () => Promise.reject(new Error('Business Central does not tell what it hides')),
    close: async () => {
      await connector.close()
      await server.close()
    },
  }
}

function peopleOf(people: Client, definitions: ReadonlyMap<string, ContractTable>) {
  const address = (table: string, key?: string) => {
    const path = `tables/${wireName(table)}`
    return key === undefined ? path : `${path}/${encodeURIComponent(decodeKey(key).map(rawOf).join())}`
  }
  const json = (table: string, values: Values) =>
    stringifyJson(
      Object.fromEntries(
        Object.entries(values).map(([name, value]) => {
          const type = definitions.get(table)?.fields.find((field) => field.name === name)?.type
          const written = type ? writeValue(value, type, null) : null
          // The admin interface takes numbers as texts, so that none passes a float.
          const isNumber = typeof written === 'number' || written instanceof ExactNumber
          return [fieldName(name), isNumber ? rawOf(value) : written] as const
        }),
      ),
    )
  return {
    insert: async (table: string, ...records: Values[]) => {
      for (const values of records) await ask(people, address(table), 'POST', json(table, values))
    },
    edit: async (table: string, key: string, values: Values) => {
      await ask(people, address(table, key), 'PATCH', json(table, values))
    },
    remove: async (table: string, key: string) => {
      await ask(people, address(table, key), 'DELETE')
    },
  }
}

async function ask(people: Client, path: string, method: string, body?: unknown): Promise<unknown> {
  const answer = await people.admin(path, { method, ...(body === undefined ? {} : { body }) })
  if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.text}`)
  return answer.json
}

const kinds: Readonly<Partial<Record<FieldType['kind'], string>>> = {
  text: 'text',
  code: 'code',
  integer: 'bigInteger',
  decimal: 'decimal',
  boolean: 'boolean',
  date: 'date',
  instant: 'dateTime',
  uuid: 'guid',
}

function addedTable({ table, fields, keyFields, stampedField, normalise }: ContractTable) {
  return {
    entitySet: wireName(table),
    fields: fields.map(({ name, type, nullable }) => ({
      name: fieldName(name),
      kind: kinds[type.kind] ?? type.kind,
      ...('maxLength' in type && type.maxLength !== null ? { length: type.maxLength } : {}),
      ...(nullable === false ? { required: true } : {}),
    })),
    key: keyFields.map(fieldName),
    ...(stampedField === undefined ? {} : { stampedField: fieldName(stampedField) }),
    ...(normalise
      ? {
          upperCase: normalise.upperCase.map(fieldName),
          wholeNumbers: normalise.wholeNumbers.map(fieldName),
        }
      : {}),
  }
}

/** A blank text is null. */
const filled = (texts: readonly NonNullableValue[] = []) => texts.filter((text) => text !== 'text:')
const noSuchType = 'the system has no such type'

/** What Business Central cannot do, and the values it can hold (connectors.md B.11). */
export const businessCentralLimits: Pick<ContractSubject, 'lacks' | 'samples'> = {
  lacks: {
    null: 'what is blank is null',
    'any names': 'names are letters, digits and underscores',
    'keys of any type': 'records are found by an id the system makes, or by a code',
    'serial keys': 'there are no receipts: a creation is found again by its business key',
    'empty numbers': 'a number that nobody has entered is 0',
    microseconds: 'times have milliseconds',
    'limited views': 'nobody can ask for his permission sets and security filters',
    'kind:time': noSuchType,
    'kind:moment': noSuchType,
    'kind:json': noSuchType,
    'kind:bytes': noSuchType,
    'kind:option': noSuchType,
  },
  samples: {
    text: [...filled(samples.text), 'text:@*?<>=()&..'],
    code: [...filled(samples.code), "text:A&B'(C)"],
    decimal: [
      'dec:0',
      'dec:0.1',
      'dec:-0.000000000001',
      'dec:12345678901234567890.123456789',
      'dec:9007199254740993',
    ],
    date: ['date:2024-02-29', 'date:9999-12-31', 'date:1753-01-01'],
    instant: [
      'instant:2024-05-01T10:00:00.000000Z',
      'instant:2024-05-01T10:00:00.001000Z',
      'instant:1900-01-01T00:00:00.500000Z',
      'instant:9999-12-31T23:59:59.999000Z',
    ],
    uuid: ['uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8'],
  },
}
