import { randomUUID } from 'node:crypto'
import { afterEach, expect, it, vi } from 'vitest'
import { createMemorySystem, type MemorySystem } from '../../src/connectors/memory/system.ts'
import { createInstallation, type Installation, jobOf } from '../support/installation.ts'

let couplet: Installation
let system: MemorySystem
afterEach(() => couplet.close())

const table = (name: string) => ({
  table: name,
  fields: [
    { name: 'id', type: { kind: 'uuid' as const } },
    { name: 'name', type: { kind: 'text' as const, maxLength: 50 } },
    { name: 'modified', type: { kind: 'instant' as const } },
  ],
  keyFields: ['id'],
  stampedField: 'modified',
})

async function open(): Promise<void> {
  couplet = await createInstallation({ systemsSql: '' })
  const { deps } = couplet.context
  system = createMemorySystem({ clock: deps.clock, tombstones: true })
  for (const name of ['customer', 'account']) system.addTable(table(name))
  for (let n = 1; n <= 5; n += 1)
    system.insert('customer', { id: `uuid:${randomUUID()}`, name: `text:Customer ${n}` })
  Object.assign(deps, { connect: async () => system.connector })
  await couplet.import({
    name: 'CUSTOMER',
    direction: 'Bidirectional',
    local: { table: 'customer', modifiedField: 'modified' },
    remote: { table: 'account', modifiedField: 'modified' },
    deletionConflict: 'Propagate Deletion',
    fields: [{ local: 'name', remote: 'name' }],
  })
  await couplet.work()
  await couplet.run('full')
}

const firstOf = (name: string) => [...system.records(name).keys()][0] ?? ''
const sizes = () => [system.records('customer').size, system.records('account').size]

it('a run of changes learns of deletions by tombstones, and compares keys only when they have expired', async () => {
  await open()
  const opened = await system.connector.openTable({ table: 'account' }, new AbortController().signal)
  const listKeys = vi.spyOn(Object.getPrototypeOf(opened), 'listKeys')
  system.remove('account', firstOf('account'))
  const preview = await couplet.run('modified', { overrides: { dryRun: true } })
  expect(preview.jobs.map(({ counters }) => counters.deleted)).toEqual([1, 0])
  expect(sizes()).toEqual([5, 4])
  const first = await couplet.run('modified')
  expect(jobOf(first, 'CUSTOMER', 'to').counters).toMatchObject({ deleted: 1 })
  expect([sizes(), listKeys.mock.calls.length]).toEqual([[4, 4], 0])

  system.remove('customer', firstOf('customer'))
  system.forgetTombstones('customer')
  listKeys.mockClear()
  const without = await couplet.run('modified', { overrides: { dryRun: true } })
  expect(without.jobs.map(({ counters }) => counters.deleted)).toEqual([0, 1])
  expect([sizes(), listKeys.mock.calls.length]).toEqual([[3, 4], 0])
  const second = await couplet.run('modified')
  expect(jobOf(second, 'CUSTOMER', 'from').counters).toMatchObject({ deleted: 1 })
  expect(sizes()).toEqual([3, 3])
  expect(listKeys).toHaveBeenCalled()
  listKeys.mockClear()
  const third = await couplet.run('modified')
  expect(third.jobs.map(({ counters }) => counters.deleted)).toEqual([0, 0])
  expect(listKeys).not.toHaveBeenCalled()
})
