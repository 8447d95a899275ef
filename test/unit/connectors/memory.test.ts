import { describe, expect, test } from 'vitest'
import {
  insertOf,
  mayWrite,
  readAll,
  readPass,
  signal,
  write,
} from '../../../src/connectors/contract/support.ts'
import { createMemorySystem } from '../../../src/connectors/memory/system.ts'
import { problem } from '../../../src/core/errors.ts'
import { tickingClock } from '../../contract/connector/memory-harness.ts'

async function setUp(receipts = true) {
  const system = createMemorySystem({ clock: tickingClock(), receipts })
  system.addTable({
    table: 'contact',
    fields: [
      { name: 'id', type: { kind: 'integer', bits: 64 } },
      { name: 'name', type: { kind: 'text', maxLength: null } },
      { name: 'modified', type: { kind: 'instant' } },
    ],
    keyFields: ['id'],
    keys: 'serial',
    stampedField: 'modified',
  })
  return {
    system,
    table: await system.connector.openTable({ table: 'contact', modifiedField: 'modified' }, signal),
  }
}

describe('the memory system', () => {
  test('fails as many requests as asked, before they are carried out', async () => {
    const { system, table } = await setUp()
    system.faults.failNext({ requests: 2, when: 'before' })
    await expect(write(table, [insertOf({}, null, 'a')])).rejects.toMatchObject({
      code: 'CONNECTION_INTERRUPTED',
      kind: 'transient',
    })
    await expect(readAll(table)).rejects.toMatchObject({ code: 'CONNECTION_INTERRUPTED' })
    expect(await readAll(table)).toEqual([])
  })

  test('loses the answer of a request it has carried out', async () => {
    const { system, table } = await setUp()
    system.faults.failNext({ requests: 1, when: 'after', only: 'write' })
    expect(await readAll(table)).toEqual([])
    await expect(write(table, [insertOf({}, null, 'a')])).rejects.toMatchObject({
      code: 'CONNECTION_INTERRUPTED',
    })
    expect(await write(table, [insertOf({}, null, 'a')])).toMatchObject([{ status: 'exists' }])
    expect(system.records('contact').size).toBe(1)
  })

  test('lets a write arrive long after its writer was told that it failed', async () => {
    const { system, table } = await setUp()
    const held = system.faults.holdNextWrite()
    expect(held.hasArrived()).toBe(false)
    await expect(write(table, [insertOf({}, null, 'a')])).rejects.toMatchObject({
      code: 'CONNECTION_INTERRUPTED',
    })
    expect(held.hasArrived()).toBe(true)
    expect(await readAll(table)).toEqual([])
    held.release()
    held.release()
    expect(await readAll(table)).toHaveLength(1)
  })

  test('rejects the records a rule names', async () => {
    const { system, table } = await setUp()
    system.faults.rejectWhen((name, operation) =>
      name === 'contact' && operation.kind === 'insert' && operation.values['name'] === 'text:bad'
        ? problem('VALUE_REFUSED', 'no')
        : null,
    )
    const results = await write(table, [
      insertOf({ name: 'text:bad' }, null, 'a'),
      insertOf({ name: 'text:good' }, null, 'b'),
    ])
    expect(results.map((result) => result.status)).toEqual(['rejected', 'written'])
  })

  test('refuses creation where nothing guards against doing it twice', async () => {
    const { table } = await setUp(false)
    expect(table.schema.creation).toBe('unsafe')
    expect(await write(table, [insertOf({}, null, 'a')])).toMatchObject([
      { status: 'rejected', problem: { code: 'CREATE_NOT_IDEMPOTENT' } },
    ])
  })

  test('creates as often as it is asked where the risk was accepted', async () => {
    const { system } = await setUp(false)
    const table = await system.connector.openTable({ table: 'contact', acceptDuplicateRisk: true }, signal)
    for (let time = 1; time <= 2; time += 1) {
      expect(await write(table, [insertOf({}, null, 'a')])).toMatchObject([{ status: 'written' }])
    }
    expect(system.records('contact').size).toBe(2)
  })

  test('shows a transaction only when it commits, stamped with the time it began', async () => {
    const { system, table } = await setUp()
    const [late, dropped] = [system.begin(), system.begin()]
    late.insert('contact', { name: 'text:late' })
    dropped.insert('contact', { name: 'text:dropped' })
    const key = system.insert('contact', { name: 'text:soon' })
    const pass = await readPass(table)
    expect(pass.keys).toEqual([key])
    late.commit()
    dropped.rollback()
    const next = await readPass(table, { watermark: pass.watermark, fields: ['name'] })
    expect(next.pages[0]?.records.map((record) => record.values['name'])).toEqual(['text:late', 'text:soon'])
    const final = await readPass(table, { watermark: next.watermark })
    expect(final.keys).toEqual([])
  })

  test('a record can be removed and its key be changed', async () => {
    const { system, table } = await setUp()
    const key = system.insert('contact', { name: 'text:a' })
    expect(system.edit('contact', key, { id: 'int:77' })).toBe('int:77')
    expect((await readAll(table)).map((record) => record.key)).toEqual(['int:77'])
    system.remove('contact', 'int:77')
    expect(() => system.remove('contact', 'int:77')).toThrow('no record')
    expect(await table.write({ operations: [], returning: [], assertMaySend: mayWrite, signal })).toEqual([])
  })
})
