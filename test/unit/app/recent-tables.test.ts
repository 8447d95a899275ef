import { expect, it } from 'vitest'
import { withRecentTables } from '../../../src/app/recent-tables.ts'
import type { ConnectedTable, Connector, TableAddress } from '../../../src/core/ports/connector.ts'
import type { ConnectionRecord } from '../../../src/core/ports/mapping-store.ts'

const connection: ConnectionRecord = { id: 1, name: 'erp', kind: 'postgres', settings: {} }
const { signal } = new AbortController()

function given(open: (address: TableAddress) => Promise<ConnectedTable>) {
  let nowMs = 0
  const asked: string[] = []
  const openTable = (address: TableAddress) => {
    asked.push(address.table)
    return open(address)
  }
  const connector = { openTable } as unknown as Connector
  const lookUp = withRecentTables(async () => connector, { monotonicMs: () => nowMs })
  return {
    asked,
    wait: (ms: number) => {
      nowMs += ms
    },
    open: async (table: string, more: object = {}) =>
      (await lookUp(connection)).openTable({ table, ...more }, signal),
  }
}

const anyTable = async () => ({}) as ConnectedTable

it('describes a table once in ten seconds, each way of reading it by itself', async () => {
  const { asked, wait, open } = given(anyTable)
  const first = await open('customer')
  wait(9_999)
  expect(await open('customer')).toBe(first)
  await open('customer', { keyFields: ['no'] })
  expect(asked).toEqual(['customer', 'customer'])
  wait(1)
  expect(await open('customer')).not.toBe(first)
})

it('tries again what could not be opened', async () => {
  let isThere = false
  const { open } = given(async () => {
    if (!isThere) throw new Error('not there')
    return {} as ConnectedTable
  })
  await expect(open('customer')).rejects.toThrow('not there')
  isThere = true
  await open('customer')
})

it('forgets the oldest of very many', async () => {
  const { asked, open } = given(anyTable)
  for (let n = 0; n <= 200; n += 1) await open(`t${n}`)
  await open('t200')
  await open('t0')
  expect(asked.filter((table) => table === 't0')).toHaveLength(2)
  expect(asked.filter((table) => table === 't200')).toHaveLength(1)
})
