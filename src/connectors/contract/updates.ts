import type { WriteOperation } from '../../core/ports/connector.ts'
import type { Values } from '../../core/values/value.ts'
import { expect } from './expect.ts'
import type { ContractSuite } from './suite.ts'
import { customer, customers, insertOf, numbers, open, readAll, recordOf, sorted, write } from './support.ts'

function updateOf(key: string, expectedVersion: string, values: Values): WriteOperation {
  return { kind: 'update', key, expectedVersion, values }
}

export function updatesContract({ describe, test, getSystem }: ContractSuite): void {
  describe('updating', () => {
    async function setUp(count = 3) {
      const definition = customers()
      const table = await open(getSystem(), definition)
      await getSystem().insert(definition.table, ...numbers(count).map((number) => customer(number)))
      const records = await readAll(table)
      const versions = new Map(records.map((record) => [record.key, record.version]))
      const update = (key: string, values: Values) => updateOf(key, versions.get(key) ?? '', values)
      return { table, name: definition.table, update }
    }

    test('writes only the fields given and answers with the record and its new version', async () => {
      const { table, update } = await setUp()
      const before = await readAll(table)
      const [result] = await write(
        table,
        [update('text:001', { 'E-Mail': 'text:a@b.c' })],
        ['Name', 'E-Mail'],
      )
      expect(recordOf(result).values).toEqual({ Name: 'text:Customer 001', 'E-Mail': 'text:a@b.c' })
      expect(recordOf(result).version).not.toBe(before[0]?.version)
      expect((await readAll(table, ['Name', 'E-Mail']))[0]).toEqual(recordOf(result))
    })

    test('a record changed since it was read is left alone', async () => {
      const { table, name, update } = await setUp()
      const stale = update('text:001', { Name: 'text:ours' })
      await getSystem().edit(name, 'text:001', { Name: 'text:theirs' })
      const results = await write(table, [stale, update('text:002', { Name: 'text:ours' })])
      expect(results.map((result) => result.status)).toEqual(['version-mismatch', 'written'])
      expect((await readAll(table, ['Name'])).map((record) => record.values['Name'])).toEqual([
        'text:theirs',
        'text:ours',
        'text:Customer 003',
      ])
    })

    test('a record deleted between read and write is missing, and so is a key no record can have', async () => {
      const { table, name, update } = await setUp()
      const operation = update('text:001', { Name: 'text:ours' })
      await getSystem().remove(name, 'text:001')
      const results = await write(table, [
        operation,
        updateOf('int:1', 'x', { Name: 'text:x' }),
        update('text:003', { Name: 'text:ours' }),
      ])
      expect(results.map((result) => result.status)).toEqual(['missing', 'missing', 'written'])
    })

    test('the same update again finds another version', async () => {
      const { table, update } = await setUp()
      const operation = update('text:001', { Name: 'text:ours' })
      await write(table, [operation])
      expect(await write(table, [operation])).toEqual([{ status: 'version-mismatch' }])
    })

    test('the version in the answer serves for the next update', async () => {
      const { table, update } = await setUp()
      const [first] = await write(table, [update('text:001', { Name: 'text:one' })])
      const [second] = await write(
        table,
        [updateOf('text:001', recordOf(first).version, { Name: 'text:two' })],
        ['Name'],
      )
      expect(recordOf(second).values).toEqual({ Name: 'text:two' })
    })

    test('what a trigger makes of a value is in the answer', ['normalising'], async () => {
      const definition = { ...customers(), normalise: { upperCase: ['Name'], wholeNumbers: ['Balance'] } }
      const table = await open(getSystem(), definition)
      const [inserted] = await write(
        table,
        [insertOf(customer('1', { Balance: 'dec:1.6' }), 'text:1')],
        ['Name', 'Balance'],
      )
      expect(recordOf(inserted).values).toEqual({ Name: 'text:CUSTOMER 1', Balance: 'dec:2' })
      const [updated] = await write(
        table,
        [updateOf('text:1', recordOf(inserted).version, { Name: 'text:new' })],
        ['Name', 'Balance'],
      )
      expect(recordOf(updated).values).toEqual({ Name: 'text:NEW', Balance: 'dec:2' })
    })

    test(
      'a trigger that changes keys: every answer belongs to its operation',
      ['normalising', 'changing keys'],
      async () => {
        const definition = { ...customers(), normalise: { upperCase: ['No.'], wholeNumbers: [] } }
        const table = await open(getSystem(), definition)
        const operations = ['a', 'b', 'B', 'c'].map((number) => insertOf(customer(number), `text:${number}`))
        const results = await write(table, operations, ['Name'])
        expect(
          results.map((result) => [result.status, recordOf(result).key, recordOf(result).values['Name']]),
        ).toEqual([
          ['written', 'text:A', 'text:Customer a'],
          ['written', 'text:B', 'text:Customer b'],
          ['exists', 'text:B', 'text:Customer b'],
          ['written', 'text:C', 'text:Customer c'],
        ])
        const again = await write(table, operations, ['Name'])
        expect(again.map((result) => [result.status, recordOf(result).key])).toEqual([
          ['exists', 'text:A'],
          ['exists', 'text:B'],
          ['exists', 'text:B'],
          ['exists', 'text:C'],
        ])
        expect(await readAll(table)).toHaveLength(3)
      },
    )

    test(
      'a record that is given another key is answered, and found, under that key alone',
      ['changing keys'],
      async () => {
        const { table, update } = await setUp(3)
        const moved = await write(table, [update('text:001', { 'No.': 'text:009' })], ['No.', 'Name'])
        expect(recordOf(moved[0])).toMatchObject({
          key: 'text:009',
          values: { 'No.': 'text:009', Name: 'text:Customer 001' },
        })
        const taken = await write(table, [update('text:002', { 'No.': 'text:009' })])
        expect(taken).toMatchObject([
          { status: 'rejected', problem: { code: 'POSSIBLE_DUPLICATE', field: 'No.' } },
        ])
        expect(sorted((await readAll(table)).map((record) => record.key))).toEqual([
          'text:002',
          'text:003',
          'text:009',
        ])
      },
    )

    test(
      'a trigger that makes two keys of one request the same creates one record, the first',
      ['normalising', 'changing keys'],
      async () => {
        const definition = { ...customers(), normalise: { upperCase: ['No.'], wholeNumbers: [] } }
        const table = await open(getSystem(), definition)
        const operations = ['b', 'B'].map((number) => insertOf(customer(number), `text:${number}`))
        const results = await write(table, operations, ['Name'])
        expect(results.map((result) => [result.status, recordOf(result).values['Name']])).toEqual([
          ['written', 'text:Customer b'],
          ['exists', 'text:Customer b'],
        ])
      },
    )

    test('bad records stand alone among updates and creations of one request', async () => {
      const { table, update } = await setUp(20)
      const long = `text:${'x'.repeat(40)}` as const
      const updates = numbers(20).map((number, index) =>
        update(`text:${number}`, { Name: index % 7 ? 'text:fine' : long }),
      )
      const results = await write(table, [...updates, insertOf(customer('new'), 'text:new')])
      results.forEach((result, index) => {
        expect(result.status).toBe(index < 20 && index % 7 === 0 ? 'rejected' : 'written')
      })
      const names = (await readAll(table, ['Name'])).map((record) => record.values['Name'])
      expect(names.filter((value) => value === 'text:fine')).toHaveLength(17)
      expect(names).not.toContain(long)
    })

    test('different fields of different records in one request', async () => {
      const { table, update } = await setUp()
      const results = await write(
        table,
        [
          update('text:001', { Name: 'text:n' }),
          update('text:002', { 'E-Mail': 'text:e', Balance: 'dec:2' }),
          update('text:003', { Name: null }),
        ],
        ['Name', 'E-Mail'],
      )
      expect(results.map((result) => recordOf(result).values)).toEqual([
        { Name: 'text:n', 'E-Mail': null },
        { Name: 'text:Customer 002', 'E-Mail': 'text:e' },
        { Name: null, 'E-Mail': null },
      ])
    })

    test('a number is emptied', ['empty numbers'], async () => {
      const { table, update } = await setUp()
      const [written] = await write(table, [update('text:001', { Balance: 'dec:2' })])
      const emptied = updateOf('text:001', recordOf(written).version, { Balance: null })
      const [result] = await write(table, [emptied], ['Balance'])
      expect(recordOf(result).values).toEqual({ Balance: null })
    })

    test('an update without fields only checks the version', async () => {
      const { table, update } = await setUp()
      const [same, other] = await write(
        table,
        [update('text:001', {}), updateOf('text:002', 'other', {})],
        ['Name'],
      )
      expect(recordOf(same).values).toEqual({ Name: 'text:Customer 001' })
      expect(other).toEqual({ status: 'version-mismatch' })
    })
  })
}
