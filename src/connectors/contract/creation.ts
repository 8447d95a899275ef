import { present } from '../../lib/assert.ts'
import { expect } from './expect.ts'
import type { ContractTable } from './harness.ts'
import type { ContractSuite } from './suite.ts'
import {
  customer,
  customers,
  insertOf,
  open,
  readAll,
  recordOf,
  signal,
  uniqueTable,
  write,
} from './support.ts'

export function creationContract({ describe, test, getSystem }: ContractSuite): void {
  describe('creating', () => {
    test('answers with the record as it is after the write', async () => {
      const table = await open(getSystem(), customers())
      const [result] = await write(
        table,
        [insertOf(customer('1', { Balance: 'dec:12.5' }), 'text:1')],
        ['Name', 'E-Mail', 'Balance'],
      )
      expect(result).toEqual({
        status: 'written',
        record: {
          key: 'text:1',
          version: expect.stringMatching(/./),
          modifiedAt: expect.stringMatching(/^\d{4}-/),
          values: { Name: 'text:Customer 1', 'E-Mail': null, Balance: 'dec:12.5' },
        },
      })
      expect(await readAll(table, ['Name', 'E-Mail', 'Balance'])).toEqual([recordOf(result)])
    })

    test('the same key again finds what is there and writes nothing', async () => {
      const table = await open(getSystem(), customers())
      const [first] = await write(table, [insertOf(customer('1'), 'text:1')], ['Name'])
      const [second] = await write(
        table,
        [insertOf(customer('1', { Name: 'text:other' }), 'text:1')],
        ['Name'],
      )
      expect(second).toEqual({ status: 'exists', record: recordOf(first) })
      expect(await readAll(table, ['Name'])).toEqual([recordOf(first)])
    })

    test('the same key twice in one request creates one record', async () => {
      const table = await open(getSystem(), customers())
      const results = await write(table, [
        insertOf(customer('1'), 'text:1', 'a'),
        insertOf(customer('1'), 'text:1', 'b'),
      ])
      expect(results.map((result) => result.status).sort()).toEqual(['exists', 'written'])
      expect(await readAll(table)).toHaveLength(1)
    })

    const givenKeys = [
      ['uuid', 'uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8'],
      ['code', 'text:ÆØÅ-1'],
      ['text', "text:o'|\\brien"],
      ['date', 'date:2024-05-01'],
    ] as const
    for (const [kind, key] of givenKeys) {
      test(`a key of type ${kind} is given by the writer`, ['keys of any type'], async () => {
        const type = kind === 'code' || kind === 'text' ? { kind, maxLength: null } : { kind }
        const definition: ContractTable = {
          table: uniqueTable('Given'),
          fields: [
            { name: 'id', type },
            { name: 'name', type: { kind: 'text', maxLength: null } },
          ],
          keyFields: ['id'],
        }
        const table = await open(getSystem(), definition)
        expect(table.schema.creation).toBe('given')
        const encoded = key.replace(/[\\|]/g, (character) => `\\${character}`)
        const operation = insertOf({ id: key, name: 'text:x' }, encoded)
        const [first] = await write(table, [operation], ['id'])
        expect(first).toMatchObject({ status: 'written', record: { key: encoded, values: { id: key } } })
        const [second] = await write(table, [operation], ['id'])
        expect(second).toEqual({ status: 'exists', record: recordOf(first) })
      })
    }

    test('keys of several fields', ['composite keys'], async () => {
      const definition: ContractTable = {
        table: uniqueTable('Price'),
        fields: [
          { name: 'Item No.', type: { kind: 'code', maxLength: 20 } },
          { name: 'Line No.', type: { kind: 'integer', bits: 64 } },
          { name: 'Price', type: { kind: 'decimal', precision: null, scale: null } },
        ],
        keyFields: ['Item No.', 'Line No.'],
      }
      const table = await open(getSystem(), definition)
      const values = { 'Item No.': 'text:1000', 'Line No.': 'int:10000', Price: 'dec:9.99' } as const
      const [result] = await write(table, [insertOf(values, 'text:1000|int:10000')], ['Price'])
      expect(recordOf(result)).toMatchObject({ key: 'text:1000|int:10000', values: { Price: 'dec:9.99' } })
      const update = {
        kind: 'update',
        key: 'text:1000|int:10000',
        expectedVersion: recordOf(result).version,
        values: { Price: 'dec:10' },
      } as const
      expect(await write(table, [update], ['Price'])).toMatchObject([
        { status: 'written', record: { values: { Price: 'dec:10' } } },
      ])
    })

    const serial = (): ContractTable => ({
      table: uniqueTable('Contact'),
      fields: [
        { name: 'id', type: { kind: 'integer', bits: 64 } },
        { name: 'name', type: { kind: 'text', maxLength: 10 } },
      ],
      keyFields: ['id'],
      keys: 'serial',
    })

    test('a token creates one record where the table makes the key', ['serial keys'], async () => {
      const table = await open(getSystem(), serial())
      const operations = ['a', 'b', 'c'].map((token) =>
        insertOf({ name: `text:${token}` }, null, `${table.schema.table} ${token}`),
      )
      const first = await write(table, operations, ['id', 'name'])
      expect(first.map((result) => result.status)).toEqual(['written', 'written', 'written'])
      expect(first.map((result) => recordOf(result).values['name'])).toEqual(['text:a', 'text:b', 'text:c'])
      for (const result of first) expect(recordOf(result).key).toBe(recordOf(result).values['id'])
      const fourth = insertOf({ name: 'text:d' }, null, `${table.schema.table} d`)
      const second = await write(table, [...operations, fourth], ['id', 'name'])
      expect(second.slice(0, 3)).toEqual(
        first.map((result) => ({ status: 'exists', record: recordOf(result) })),
      )
      expect(second[3]).toMatchObject({ status: 'written', record: { values: { name: 'text:d' } } })
      expect(await readAll(table)).toHaveLength(4)
    })

    test('the same token twice in one request creates one record', ['serial keys'], async () => {
      const table = await open(getSystem(), serial())
      const operation = insertOf({ name: 'text:a' }, null, `${table.schema.table} twice`)
      const results = await write(table, [operation, operation], ['name'])
      expect(results.map((result) => result.status)).toEqual(['written', 'exists'])
      expect(recordOf(results[1])).toEqual(recordOf(results[0]))
      expect(await readAll(table)).toHaveLength(1)
    })

    test('a token whose record was removed does not create it again', ['serial keys'], async () => {
      const definition = serial()
      const table = await open(getSystem(), definition)
      const operation = insertOf({ name: 'text:a' }, null, `${table.schema.table} removed`)
      const [first] = await write(table, [operation])
      await getSystem().remove(definition.table, recordOf(first).key)
      expect(await write(table, [operation])).toEqual([{ status: 'missing' }])
      expect(await readAll(table)).toEqual([])
    })

    test('the records created with some tokens are found by them', ['serial keys'], async () => {
      const table = await open(getSystem(), serial())
      const tokens = ['one', 'two', 'none'].map((name) => `${table.schema.table} ${name}`)
      const find = () => present(table.findCreated, 'receipts').call(table, tokens, signal)
      expect(await find()).toEqual(new Map())
      const operations = tokens.slice(0, 2).map((token) => insertOf({ name: 'text:a' }, null, token))
      const results = await write(table, operations)
      expect(await find()).toEqual(
        new Map(results.map((result, index) => [tokens[index], recordOf(result).key] as const)),
      )
    })

    test('a rejected creation uses no token up', ['serial keys'], async () => {
      const table = await open(getSystem(), serial())
      const token = `${table.schema.table} rejected`
      const results = await write(table, [
        insertOf({ name: 'text:far too long for it' }, null, token),
        insertOf({ name: 'text:ok' }, null, `${token} ok`),
      ])
      expect(results).toMatchObject([
        { status: 'rejected', problem: { code: 'VALUE_TRUNCATED', field: 'name' } },
        { status: 'written' },
      ])
      expect(await write(table, [insertOf({ name: 'text:short' }, null, token)])).toMatchObject([
        { status: 'written' },
      ])
    })

    test('bad records stand alone, wherever they are in the batch', async () => {
      const table = await open(getSystem(), customers())
      const bad = new Set([0, 13, 14, 39])
      const long = 'x'.repeat(300)
      const operations = Array.from({ length: 40 }, (_, index) =>
        insertOf(customer(`${index}`, bad.has(index) ? { Name: `text:${long}` } : {}), `text:${index}`),
      )
      const results = await write(table, operations)
      // Where an answer is lost on the way, what was written is found in place.
      results.forEach((result, index) => {
        expect(bad.has(index) ? ['rejected'] : ['written', 'exists']).toContain(result.status)
      })
      expect(present(results[13], 'result')).toMatchObject({
        problem: {
          code: 'VALUE_TRUNCATED',
          kind: 'permanent',
          field: 'Name',
          value: expect.stringMatching(/^x{150,199}…?/),
        },
      })
      expect(await readAll(table)).toHaveLength(36)
    })

    test('fields left out stay empty; batches may mix sets of fields', async () => {
      const table = await open(getSystem(), customers())
      const results = await write(
        table,
        [
          insertOf({ 'No.': 'text:1' }, 'text:1'),
          insertOf({ 'No.': 'text:2', Name: 'text:two' }, 'text:2'),
          insertOf({ 'No.': 'text:3', 'E-Mail': 'text:three' }, 'text:3'),
          insertOf({ 'No.': 'text:4', Name: 'text:four' }, 'text:4'),
        ],
        ['Name', 'E-Mail'],
      )
      expect(results.map((result) => recordOf(result).values)).toEqual([
        { Name: null, 'E-Mail': null },
        { Name: 'text:two', 'E-Mail': null },
        { Name: null, 'E-Mail': 'text:three' },
        { Name: 'text:four', 'E-Mail': null },
      ])
    })

    test(
      'a value the table needs and does not get is a problem of the record',
      ['required fields'],
      async () => {
        const definition = customers()
        const fields = definition.fields.map((field) =>
          field.name === 'Name' ? { ...field, nullable: false } : field,
        )
        const table = await open(getSystem(), { ...definition, fields })
        const results = await write(table, [
          insertOf({ 'No.': 'text:1', Name: null }, 'text:1'),
          insertOf(customer('2'), 'text:2'),
        ])
        expect(results).toMatchObject([
          { status: 'rejected', problem: { code: 'VALUE_MISSING', field: 'Name' } },
          { status: 'written' },
        ])
      },
    )

    test('an empty request is answered by nothing; unknown fields fail it as a whole', async () => {
      const table = await open(getSystem(), customers())
      expect(await write(table, [])).toEqual([])
      const operations = [
        insertOf(customer('1'), 'text:1'),
        insertOf(customer('2', { Nothing: 'text:x' }), 'text:2'),
      ]
      await expect(write(table, operations)).rejects.toMatchObject({ code: 'FIELD_NOT_FOUND' })
      expect(await readAll(table)).toEqual([])
    })

    test('a writer that may not write any more writes nothing', async () => {
      const table = await open(getSystem(), customers())
      const lost = new Error('lease lost')
      const request = { operations: [insertOf(customer('1'), 'text:1')], returning: [], signal }
      await expect(
        (async () =>
          table.write({
            ...request,
            assertMaySend: () => {
              throw lost
            },
          }))(),
      ).rejects.toThrow('lease lost')
      expect(await readAll(table)).toEqual([])
    })
  })
}
