import type { ConnectedTable } from '../../core/ports/connector.ts'
import { expect } from './expect.ts'
import type { ContractSuite } from './suite.ts'
import { customer, customers, numbers, signal } from './support.ts'

export function accessContract({ describe, test, getSystem }: ContractSuite): void {
  const setUp = async () => {
    const system = getSystem()
    const definition = customers()
    await system.addTable(definition)
    await system.insert(definition.table, ...numbers(4).map((number) => customer(number)))
    const { connector, hide } = await system.limited()
    const open = () => connector.openTable({ table: definition.table }, signal)
    return { system, name: definition.table, open, hide, table: await open() }
  }
  const pageOfKeys = (table: ConnectedTable, cursor: string | null) =>
    table.listKeys({ cursor, limit: 2, signal })

  describe('what a connection may see of a table', () => {
    test(
      'is the same as long as nobody changes it, whatever happens to the records',
      ['limited views'],
      async () => {
        const { system, name, table, open } = await setUp()
        const before = await table.readAccess(signal)
        await system.insert(name, customer('009'))
        await system.edit(name, 'text:001', { Name: 'text:other' })
        await system.remove(name, 'text:002')
        expect(await table.readAccess(signal)).toBe(before)
        expect(await (await open()).readAccess(signal)).toBe(before)
      },
    )

    test(
      'P9: is another after records were hidden between two pages of keys',
      ['limited views'],
      async () => {
        const { name, table, hide } = await setUp()
        const before = await table.readAccess(signal)
        const first = await pageOfKeys(table, null)
        await hide(name, 'No.', '003')
        const second = await pageOfKeys(table, first.next)
        expect([...first.keys, ...second.keys]).toEqual(['text:001', 'text:002', 'text:004'])
        // A look by key does not see it either: only the access tells that it may still be there.
        expect((await table.readByKeys(['text:003', 'text:004'], [], signal)).size).toBe(1)
        expect(await table.readAccess(signal)).not.toBe(before)
      },
    )
  })
}
