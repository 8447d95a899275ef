import { encodeKey } from '../../core/values/key.ts'
import { expect } from './expect.ts'
import type { ContractTable } from './harness.ts'
import type { ContractSuite } from './suite.ts'
import { customer, customers, numbers, open, readAll, signal, sorted, uniqueTable } from './support.ts'

export function readingContract({ describe, test, getSystem }: ContractSuite): void {
  describe('reading', () => {
    for (const limit of [1, 2, 7, 25, 100]) {
      test(`gives every record once, in the same order, in pages of ${limit}`, async () => {
        const definition = customers()
        const table = await open(getSystem(), definition)
        await getSystem().insert(definition.table, ...numbers(25).map((number) => customer(number)))
        const records = await readAll(table, ['Name'], null, limit)
        expect(sorted(records.map((record) => record.key))).toEqual(
          numbers(25).map((number) => `text:${number}`),
        )
        expect(records).toEqual(await readAll(table, ['Name']))
      })
    }

    test('an empty table is one empty page', async () => {
      const table = await open(getSystem(), customers())
      const page = await table.readAll({ fields: ['Name'], filter: null, cursor: null, limit: 10, signal })
      expect(page).toEqual({ records: [], next: null })
      expect(await table.listKeys({ cursor: null, limit: 10, signal })).toEqual({ keys: [], next: null })
    })

    test(
      'a record has exactly the fields asked for, its key, its version and its time',
      ['given times', 'microseconds'],
      async () => {
        const definition = customers()
        const table = await open(getSystem(), definition)
        await getSystem().insert(
          definition.table,
          customer('1', { 'E-Mail': null, modified: 'instant:2024-05-01T10:00:00.000001Z' }),
        )
        const [record] = await readAll(table, ['E-Mail', 'Name'])
        expect(record).toEqual({
          key: 'text:1',
          version: expect.stringMatching(/./),
          modifiedAt: '2024-05-01T10:00:00.000001Z',
          values: { Name: 'text:Customer 1', 'E-Mail': null },
        })
      },
    )

    test('only records that pass the filter are read, and full pages end where the records end', async () => {
      const definition = customers()
      const table = await open(getSystem(), definition)
      await getSystem().insert(
        definition.table,
        ...numbers(20).map((number, index) => customer(number, { Name: index % 3 ? 'text:no' : 'text:yes' })),
      )
      const filter = { field: 'Name', op: '=', value: 'text:yes' } as const
      const records = await readAll(table, [], filter, 2)
      expect(records.map((record) => record.key)).toEqual(
        ['001', '004', '007', '010', '013', '016', '019'].map((number) => `text:${number}`),
      )
    })

    test('the version changes with every change, and only then', async () => {
      const definition = customers()
      const table = await open(getSystem(), definition)
      await getSystem().insert(definition.table, customer('1'), customer('2'))
      const first = await readAll(table)
      expect(await readAll(table, ['Name'])).toMatchObject(
        first.map(({ key, version }) => ({ key, version })),
      )
      await getSystem().edit(definition.table, 'text:1', { Name: 'text:other' })
      const second = await readAll(table)
      expect(second[0]?.version).not.toBe(first[0]?.version)
      expect(second[1]?.version).toBe(first[1]?.version)
    })

    test('reads by keys whatever the filter, and leaves out what does not exist', async () => {
      const definition = customers()
      const table = await open(getSystem(), definition)
      await getSystem().insert(definition.table, ...numbers(10).map((number) => customer(number)))
      const found = await table.readByKeys(
        ['text:003', 'text:009', 'text:x', 'int:3', 'text:a|text:b'],
        ['Name'],
        signal,
      )
      expect(sorted(found.keys())).toEqual(['text:003', 'text:009'])
      expect(found.get('text:003')?.values).toEqual({ Name: 'text:Customer 003' })
      expect((await table.readByKeys([], ['Name'], signal)).size).toBe(0)
    })

    test('lists all keys in pages', async () => {
      const definition = customers()
      const table = await open(getSystem(), definition)
      await getSystem().insert(definition.table, ...numbers(7).map((number) => customer(number)))
      const keys: string[] = []
      for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false) {
        const page: { keys: readonly string[]; next: string | null } = await table.listKeys({
          cursor,
          limit: 3,
          signal,
        })
        keys.push(...page.keys)
        cursor = page.next
      }
      expect(sorted(keys)).toEqual(numbers(7).map((number) => `text:${number}`))
    })

    test(
      'keys of several fields, with every character that means something to somebody',
      ['any names', 'composite keys'],
      async () => {
        const definition: ContractTable = {
          table: uniqueTable(`Unit "of" 'Measure'; DROP TABLE x --`),
          fields: [
            { name: 'Item "No."', type: { kind: 'text', maxLength: null } },
            { name: 'select', type: { kind: 'integer', bits: 64 } },
            { name: `x'; --`, type: { kind: 'text', maxLength: null } },
          ],
          keyFields: ['Item "No."', 'select'],
        }
        const table = await open(getSystem(), definition)
        const parts = [
          'a|b',
          'a\\|b',
          "o'brien",
          '"q"',
          '',
          ' a ',
          'æøå',
          '日本',
          '😀',
          '%_',
          '{a,b}',
          'NULL',
          '$1',
          '\n',
        ]
        const records = parts.map((part, index) => ({
          'Item "No."': `text:${part}` as const,
          select: `int:${9_007_199_254_740_993n + BigInt(index)}` as const,
          [`x'; --`]: `text:${part}` as const,
        }))
        await getSystem().insert(definition.table, ...records)
        const keys = records.map((record) => encodeKey([record['Item "No."'], record.select]))
        const found = await table.readByKeys(keys, [`x'; --`], signal)
        expect(keys.map((key) => found.get(key)?.values[`x'; --`])).toEqual(
          parts.map((part) => `text:${part}`),
        )
        const paged = await readAll(table, [], null, 3)
        expect(sorted(paged.map((record) => record.key))).toEqual(sorted(keys))
      },
    )

    test('what does not exist is named: table, field, key field, modified field', async () => {
      const definition = customers()
      const { table: name } = definition
      const table = await open(getSystem(), definition)
      const { connector } = getSystem()
      await expect(connector.openTable({ table: 'Nothing' }, signal)).rejects.toMatchObject({
        code: 'TABLE_NOT_FOUND',
        message: expect.stringContaining('Nothing'),
      })
      await expect(
        connector.openTable({ table: name, keyFields: ['Nothing'] }, signal),
      ).rejects.toMatchObject({
        code: 'FIELD_NOT_FOUND',
      })
      await expect(connector.openTable({ table: name, keyFields: ['Name'] }, signal)).rejects.toMatchObject({
        code: 'KEY_NOT_FOUND',
      })
      await expect(
        connector.openTable({ table: name, versionField: 'Nothing' }, signal),
      ).rejects.toMatchObject({
        code: 'FIELD_NOT_FOUND',
      })
      await expect(
        connector.openTable({ table: name, modifiedField: 'Nothing' }, signal),
      ).rejects.toMatchObject({
        code: 'MODIFIED_FIELD_MISSING',
        message: expect.stringContaining('Nothing'),
      })
      await expect(readAll(table, ['Nothing'])).rejects.toMatchObject({
        code: 'FIELD_NOT_FOUND',
        message: expect.stringContaining('Nothing'),
      })
      expect(await connector.listTables(signal)).toContain(name)
    })

    test('the schema tells types, keys and how records are created', ['kind:code'], async () => {
      const { schema } = await open(getSystem(), customers())
      expect(schema.fields.get('No.')).toMatchObject({
        type: { kind: 'code', maxLength: 20 },
        nullable: false,
      })
      expect(schema.fields.get('Name')).toMatchObject({
        type: { kind: 'text', maxLength: 30 },
        nullable: true,
      })
      expect(schema).toMatchObject({
        keyFields: ['No.'],
        creation: 'given',
        modifiedField: 'modified',
        exactVersions: true,
      })
    })

    test('the schema tells that a table makes its keys, and keeps receipts', ['serial keys'], async () => {
      const serial = await open(getSystem(), {
        ...customers(),
        fields: [
          { name: 'id', type: { kind: 'integer', bits: 64 } },
          { name: 'modified', type: { kind: 'instant' } },
        ],
        keyFields: ['id'],
        keys: 'serial',
      })
      expect(serial.schema.creation).toBe('receipt')
    })
  })
}
