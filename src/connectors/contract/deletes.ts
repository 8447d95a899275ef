import type { ConnectedTable, WriteOperation } from '../../core/ports/connector.ts'
import { expect } from './expect.ts'
import type { ContractSuite } from './suite.ts'
import { customer, customers, numbers, open, readAll, signal, sorted, uniqueTable, write } from './support.ts'

export function deletesContract({ describe, test, getSystem }: ContractSuite): void {
  async function setUp(count = 3) {
    const definition = customers()
    const table = await open(getSystem(), definition)
    await getSystem().insert(definition.table, ...numbers(count).map((number) => customer(number)))
    const versions = new Map((await readAll(table)).map((record) => [record.key, record.version]))
    const remove = (key: string): WriteOperation => ({
      kind: 'delete',
      key,
      expectedVersion: versions.get(key) ?? '',
    })
    return { table, name: definition.table, remove }
  }
  const keysOf = async (table: ConnectedTable) => sorted((await readAll(table)).map((record) => record.key))

  describe('deleting', () => {
    test('removes the records named and no other', async () => {
      const { table, remove } = await setUp()
      expect(await write(table, [remove('text:001'), remove('text:003')])).toEqual([
        { status: 'deleted' },
        { status: 'deleted' },
      ])
      expect(await keysOf(table)).toEqual(['text:002'])
    })

    test('a record changed since it was read stays', async () => {
      const { table, name, remove } = await setUp()
      await getSystem().edit(name, 'text:001', { Name: 'text:theirs' })
      expect(await write(table, [remove('text:001'), remove('text:002')])).toEqual([
        { status: 'version-mismatch' },
        { status: 'deleted' },
      ])
      expect(await keysOf(table)).toEqual(['text:001', 'text:003'])
    })

    test('once more is the same: a record that has gone, or cannot exist, is missing', async () => {
      const { table, remove } = await setUp()
      await write(table, [remove('text:001')])
      const impossible = { ...remove('text:001'), key: 'int:1' }
      expect(await write(table, [remove('text:001'), impossible])).toEqual([
        { status: 'missing' },
        { status: 'missing' },
      ])
    })

    test('stands beside updates and creations in one request', async () => {
      const { table, remove } = await setUp()
      const [second] = (await readAll(table)).filter((record) => record.key === 'text:002')
      const results = await write(table, [
        remove('text:001'),
        {
          kind: 'update',
          key: 'text:002',
          expectedVersion: second?.version ?? '',
          values: { Name: 'text:x' },
        },
        { kind: 'insert', token: 'new', key: 'text:009', values: customer('009') },
      ])
      expect(results.map((result) => result.status)).toEqual(['deleted', 'written', 'written'])
      expect(await keysOf(table)).toEqual(['text:002', 'text:003', 'text:009'])
    })

    test('by a composite key', ['composite keys'], async () => {
      const definition = { ...customers(), table: uniqueTable('Pair'), keyFields: ['No.', 'Name'] }
      const table = await open(getSystem(), definition)
      await getSystem().insert(definition.table, customer('1'), customer('1', { Name: 'text:other' }))
      const [first] = await readAll(table)
      if (!first) throw new Error('No record')
      const operation = { kind: 'delete', key: first.key, expectedVersion: first.version } as const
      expect(await write(table, [operation])).toEqual([{ status: 'deleted' }])
      expect(await readAll(table)).toHaveLength(1)
    })
  })

  describe('tombstones, where there are any', () => {
    test('name every record deleted since the mark, by whomever, in pages', async () => {
      const { table, name, remove } = await setUp(4)
      const { tombstones } = table
      if (!tombstones) return
      await getSystem().remove(name, 'text:001')
      const mark = await tombstones.takeMark(signal)
      await getSystem().remove(name, 'text:002')
      await write(table, [remove('text:003')])
      await getSystem().remove(name, 'text:004')
      const first = await tombstones.read({ mark, cursor: null, limit: 2, signal })
      expect(first?.keys).toEqual(['text:002', 'text:003'])
      const second = await tombstones.read({ mark, cursor: first?.next ?? null, limit: 2, signal })
      expect(second).toMatchObject({ keys: ['text:004'], next: null })
      const later = await tombstones.read({ mark: second?.mark ?? '', cursor: null, limit: 2, signal })
      expect(later).toMatchObject({ keys: [], next: null })
    })
  })
}
