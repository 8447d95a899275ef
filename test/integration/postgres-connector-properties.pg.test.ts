import fc from 'fast-check'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { insertOf, readAll, recordOf, signal, sorted, write } from '../../src/connectors/contract/support.ts'
import { canonicalJson } from '../../src/connectors/postgres/canonical-json.ts'
import { createPostgresConnector, type PostgresConnector } from '../../src/connectors/postgres/connector.ts'
import type { BoundFilter } from '../../src/core/mapping/filter.ts'
import { matchesFilter } from '../../src/core/mapping/filter-match.ts'
import type { ConnectedTable } from '../../src/core/ports/connector.ts'
import { normaliseCode } from '../../src/core/values/code.ts'
import { encodeKey } from '../../src/core/values/key.ts'
import { normaliseDecimal, rawOf, type Value, type Values } from '../../src/core/values/value.ts'
import { connect } from '../contract/connector/postgres-harness.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

type Present = NonNullable<Value>

let database: TestDatabase
let people: Client
let connector: PostgresConnector

beforeAll(async () => {
  database = await createDatabase()
  people = await connect(database.url)
  await people.query(
    `CREATE DOMAIN code AS text; CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
  )
  connector = createPostgresConnector({
    name: 'erp',
    url: database.url,
    urlSource: 'ERP_URL',
    schema: 'public',
    poolSize: 2,
    receipts: true,
  })
})
afterAll(async () => {
  await connector?.close()
  await people?.end()
  await database?.drop()
})

const unicode = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', ''))
const day = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))
const micros = fc.integer({ min: 0, max: 999_999 }).map((number) => String(number).padStart(6, '0'))
const clock = fc
  .tuple(fc.integer({ min: 0, max: 86_399 }), micros)
  .map(([seconds, fraction]) => `${new Date(seconds * 1_000).toISOString().slice(11, 19)}.${fraction}`)
const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.integer({ min: -30, max: 10 }))
  .map(([digits, exponent]): Present => `dec:${normaliseDecimal(`${digits}e${exponent}`)}`)
const json = fc
  .jsonValue({ stringUnit: 'binary' })
  .map((value) => JSON.stringify(value).replaceAll('\\u0000', ''))
  .map((text): Present => `json:${canonicalJson(text)}`)

const values: Readonly<Record<string, fc.Arbitrary<Present>>> = {
  text: unicode.map((text): Present => `text:${text}`),
  bigint: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((number): Present => `int:${number}`),
  numeric: decimal,
  boolean: fc.boolean().map((value): Present => `bool:${value}`),
  date: day.map((text): Present => `date:${text}`),
  time: clock.map((text): Present => `time:${text}`),
  timestamptz: fc.tuple(day, clock).map(([date, time]): Present => `instant:${date}T${time}Z`),
  timestamp: fc.tuple(day, clock).map(([date, time]): Present => `moment:${date}T${time}`),
  uuid: fc.uuid().map((text): Present => `uuid:${text}`),
  json: json,
  jsonb: json,
  bytea: fc.uint8Array().map((bytes): Present => `bytes:${Buffer.from(bytes).toString('base64')}`),
}

describe('values on the real server', () => {
  test.each(Object.entries(values))('every %s comes back as it was written', async (type, arbitrary) => {
    await people.query(`CREATE TABLE value_${type} (id bigint PRIMARY KEY, value ${type})`)
    const table = await connector.openTable({ table: `value_${type}` }, signal)
    let next = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(arbitrary, { freq: 20 }), { minLength: 1, maxLength: 100 }),
        async (list) => {
          const operations = list.map((value) => {
            next += 1
            return insertOf({ value }, `int:${next}`)
          })
          const results = await write(table, operations, ['value'])
          expect(results.map((result) => recordOf(result).values['value'])).toEqual(list)
          const keys = operations.map((operation) => operation.key ?? '')
          const read = await table.readByKeys(keys, ['value'], signal)
          expect(keys.map((key) => read.get(key)?.values['value'])).toEqual(list)
        },
      ),
      { numRuns: 15 },
    )
  })

  test.each(['text', 'bigint', 'numeric', 'date', 'time', 'timestamptz', 'timestamp', 'uuid'])(
    'every %s can be a key',
    async (type) => {
      await people.query(`CREATE TABLE key_${type} (value ${type}, part text, PRIMARY KEY (value, part))`)
      const table = await connector.openTable({ table: `key_${type}` }, signal)
      const arbitrary = values[type] ?? fc.constant('int:1' as const)
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(arbitrary, unicode), { minLength: 1, maxLength: 50 }),
          async (list) => {
            const keys = [...new Set(list.map(([value, part]) => encodeKey([value, `text:${part}`])))]
            const results = await write(
              table,
              keys.map((key) => insertOf({}, key)),
            )
            expect(results.map((result) => recordOf(result).key)).toEqual(keys)
            expect(sorted((await table.readByKeys(keys, [], signal)).keys())).toEqual(sorted(keys))
            expect((await readAll(table, [], null, 7)).map((record) => record.key)).toEqual(
              expect.arrayContaining(keys),
            )
            await people.query(`TRUNCATE key_${type}`)
          },
        ),
        { numRuns: 10 },
      )
    },
  )
})

const letters = fc.constantFrom(
  'a',
  'A',
  'b',
  'ä',
  'Ä',
  'ß',
  'é',
  '😀',
  '\uE000',
  '_',
  '%',
  '\\',
  ' ',
  "'",
  '',
)
const word = fc.array(letters, { maxLength: 3 }).map((list) => list.join(''))
const kinds: Readonly<
  Record<
    string,
    { readonly literal: fc.Arbitrary<Present>; readonly isText?: true; readonly hasNoOrder?: true }
  >
> = {
  code: { literal: word.map((text): Present => `text:${normaliseCode(text)}`), isText: true },
  text: { literal: word.map((text): Present => `text:${text}`), isText: true },
  loose: { literal: word.map((text): Present => `text:${text}`), isText: true },
  padded: { literal: word.map((text): Present => `text:${text.trimEnd()}`), isText: true },
  int: { literal: fc.integer({ min: -3, max: 3 }).map((number): Present => `int:${number}`) },
  dec: {
    literal: fc
      .constantFrom('-1.5', '-1', '0', '0.25', '1', '10', '9')
      .map((number): Present => `dec:${number}`),
  },
  bool: { literal: fc.boolean().map((value): Present => `bool:${value}`), hasNoOrder: true },
  day: { literal: fc.constantFrom('date:2024-01-01', 'date:1999-12-31', 'date:2024-01-02') },
  instant: {
    literal: fc.constantFrom('instant:2024-01-01T00:00:00.000001Z', 'instant:2024-01-01T00:00:00.000000Z'),
  },
  id: {
    literal: fc.constantFrom(
      'uuid:00000000-0000-0000-0000-000000000000',
      'uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8',
    ),
    hasNoOrder: true,
  },
}
const names = Object.keys(kinds)

/** What a table may hold: codes in small letters and with blanks, too. */
const row: fc.Arbitrary<Values> = fc.record(
  Object.fromEntries(
    names.map((name) => {
      const literal =
        name === 'code'
          ? word.map((text): Present => `text:${text}`)
          : (kinds[name]?.literal ?? fc.constant('text:' as Present))
      return [name, fc.option(literal, { freq: 4 })]
    }),
  ),
)

const leaf: fc.Arbitrary<BoundFilter> = fc.constantFrom(...names).chain((field) => {
  const { literal, isText, hasNoOrder } = kinds[field] ?? { literal: fc.constant('text:' as Present) }
  const operators = ['=', '<>', ...(hasNoOrder ? [] : ['<', '<=', '>', '>='])] as (
    | '='
    | '<>'
    | '<'
    | '<='
    | '>'
    | '>='
  )[]
  const tests: fc.Arbitrary<BoundFilter>[] = [
    fc.record({ field: fc.constant(field), op: fc.constantFrom(...operators), value: literal }),
    fc.record({
      field: fc.constant(field),
      op: fc.constant('in' as const),
      values: fc.array(literal, { maxLength: 3 }),
    }),
    fc.record({ field: fc.constant(field), op: fc.constantFrom('is null' as const, 'is not null' as const) }),
  ]
  if (isText)
    tests.push(
      fc.record({
        field: fc.constant(field),
        op: fc.constantFrom('begins with' as const, 'contains' as const),
        value: literal,
      }),
    )
  return fc.oneof(...tests)
})

const filter: fc.Arbitrary<BoundFilter> = fc.letrec<{ tree: BoundFilter }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.record({ not: tie('tree') }),
    fc.record({ and: fc.array(tie('tree'), { maxLength: 3 }) }),
    fc.record({ or: fc.array(tie('tree'), { maxLength: 3 }) }),
  ),
})).tree

describe('filters on the real server', () => {
  test('choose the same records as the rules of the core', async () => {
    await people.query(`CREATE TABLE filtered (
      k bigint PRIMARY KEY, code code COLLATE "C", text text, loose text COLLATE loose, padded char(8), int int, dec numeric, bool boolean, day date, instant timestamptz, id uuid)`)
    const table = await connector.openTable({ table: 'filtered' }, signal)
    const rows = fc.sample(row, 150)
    await write(
      table,
      rows.map((values, index) => insertOf(values, `int:${index}`)),
    )
    const stored = await readAll(table, names)
    expect(stored).toHaveLength(150)
    await fc.assert(
      fc.asyncProperty(filter, async (condition) => {
        const expected = stored.filter((record) =>
          matchesFilter(condition, record.values, table.schema.fields),
        )
        const found = await readAll(table, [], condition)
        expect(found.map((record) => record.key)).toEqual(expected.map((record) => record.key))
      }),
      { numRuns: 500 },
    )
  })

  test('match character by character also where the collation of the column does not', async () => {
    await people.query(`
      CREATE COLLATION looser (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
      CREATE TABLE loosely (id int PRIMARY KEY, name text COLLATE looser);
      INSERT INTO loosely VALUES (1, 'resume'), (2, 'Resume'), (3, 'résumé')`)
    const table = await connector.openTable({ table: 'loosely' }, signal)
    const find = async (caseSensitive: boolean) => {
      const [found] = await table.findByMatch({
        fields: [],
        filter: null,
        matchFields: [{ field: 'name', caseSensitive }],
        candidates: [['text:Resume']],
        limitPerCandidate: 5,
        signal,
      })
      return found?.map((record) => record.key).sort()
    }
    expect(await find(true)).toEqual(['int:2'])
    expect(await find(false)).toEqual(['int:1', 'int:2'])
  })

  test('choose the same candidates by match fields as a comparison letter by letter', async () => {
    await people.query('CREATE TABLE matched (k bigint PRIMARY KEY, text text COLLATE "C", int int)')
    const table: ConnectedTable = await connector.openTable({ table: 'matched' }, signal)
    const rows = fc.sample(row, 80)
    await write(
      table,
      rows.map(({ text, int: number }, index) =>
        insertOf({ text: text ?? null, int: number ?? null }, `int:${index}`),
      ),
    )
    const candidate = fc.tuple(
      kinds['text']?.literal ?? fc.constant('text:' as const),
      kinds['int']?.literal ?? fc.constant('int:1' as const),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(candidate, { maxLength: 20 }),
        fc.boolean(),
        async (candidates, caseSensitive) => {
          const matchFields = [
            { field: 'text', caseSensitive },
            { field: 'int', caseSensitive },
          ]
          const found = await table.findByMatch({
            fields: [],
            filter: null,
            matchFields,
            candidates,
            limitPerCandidate: 100,
            signal,
          })
          const fold = (value: Value | undefined) =>
            caseSensitive ? rawOf(value ?? null) : rawOf(value ?? null).toLowerCase()
          const expected = candidates.map(([text, number]) =>
            rows.flatMap((record, index) =>
              record['text'] && record['int'] === number && fold(record['text']) === fold(text)
                ? [`int:${index}`]
                : [],
            ),
          )
          expect(found.map((records) => sorted(records.map((record) => record.key)))).toEqual(
            expected.map((keys) => sorted(keys)),
          )
        },
      ),
      { numRuns: 100 },
    )
  })
})
