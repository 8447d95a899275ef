import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ConnectedTable, WriteOperation } from '../../src/core/ports/connector.ts'
import type { RunningBusinessCentral } from '../../src/simulators/business-central/simulator.ts'
import { type Client, signIn, startCronus } from '../support/business-central.ts'
import { connectTo } from '../support/business-central-connector.ts'

const signal = new AbortController().signal
const mayWrite = () => {}

let server: RunningBusinessCentral
let people: Client
beforeAll(async () => {
  server = await startCronus()
  people = await signIn(server)
})
afterAll(() => server.close())

const open = (table: string, options: Parameters<typeof connectTo>[1] = {}): Promise<ConnectedTable> =>
  connectTo(server, options).connector.openTable({ table }, signal)

const write = (
  table: ConnectedTable,
  operations: readonly WriteOperation[],
  returning: readonly string[] = [],
) => table.write({ operations, returning, assertMaySend: mayWrite, signal })

async function readAll(table: ConnectedTable, fields: readonly string[], limit = 25) {
  const records = []
  for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false) {
    const page: Awaited<ReturnType<ConnectedTable['readAll']>> = await table.readAll({
      fields,
      filter: null,
      cursor,
      limit,
      signal,
    })
    expect(page.records.length).toBeLessThanOrEqual(limit)
    records.push(...page.records)
    cursor = page.next
  }
  return records
}

describe('a table of API v2.0', () => {
  test('is described by its metadata and by what is known of the API', async () => {
    const { schema } = await open('customers')
    expect(schema).toMatchObject({
      table: 'customers',
      keyFields: ['id'],
      creation: 'business-key',
      businessKey: ['number'],
      modifiedField: 'lastModifiedDateTime',
      exactVersions: false,
    })
    expect(schema.fields.get('number')).toMatchObject({
      type: { kind: 'code', maxLength: 20 },
      writable: true,
    })
    expect(schema.fields.get('displayName')).toMatchObject({
      type: { kind: 'text', maxLength: 100 },
      nullable: false,
      hasDefault: false,
    })
    expect(schema.fields.get('creditLimit')).toMatchObject({ type: { kind: 'decimal' }, nullable: false })
    expect(schema.fields.get('currencyId')).toMatchObject({ type: { kind: 'uuid' }, nullable: true })
    expect(schema.fields.get('id')).toMatchObject({ nullable: false, writable: false })
    const blocked = schema.fields.get('blocked')?.type
    expect(blocked).toMatchObject({
      kind: 'option',
      labels: expect.arrayContaining([{ value: 0, name: '', caption: '' }]),
    })
  })

  test('gives every record once, in pages', async () => {
    const table = await open('customers')
    const records = await readAll(table, ['number', 'displayName', 'blocked', 'currencyId', 'creditLimit'])
    expect(new Set(records.map(({ key }) => key)).size).toBe(60)
    const [first] = records
    expect(first?.values).toMatchObject({ blocked: 'int:0', creditLimit: expect.stringMatching(/^dec:/) })
    expect(first?.modifiedAt).toMatch(/^\d{4}-.*\d{6}Z$/)
    const found = await table.readByKeys(
      records.slice(0, 55).map(({ key }) => key),
      ['number'],
      signal,
    )
    expect(found.size).toBe(55)
  })

  test('changes are read by time, and a quiet table costs one request', async () => {
    const { connector } = connectTo(server, { overlapMs: 0 })
    const table = await connector.openTable({ table: 'items' }, signal)
    const request = { fields: ['number'], filter: null, cursor: null, limit: 1_000, signal }
    const first = await table.readChanges({ ...request, watermark: null })
    expect(first.next).toBeNull()
    expect(first.records.length).toBeGreaterThan(10)
    await people.admin('counters', { method: 'DELETE' })
    const second = await table.readChanges({ ...request, watermark: first.watermark })
    expect(second.records).toEqual([])
    const edited = first.records[3]
    await people.admin(`tables/item/${edited?.key.slice('uuid:'.length)}`, {
      method: 'PATCH',
      body: { displayName: 'Another name' },
    })
    const third = await table.readChanges({ ...request, watermark: second.watermark })
    expect(third.records.map(({ key }) => key)).toEqual([edited?.key])
  })

  test('a creation is found again by its number', async () => {
    const table = await open('customers')
    const insert: WriteOperation = {
      kind: 'insert',
      token: 't',
      key: null,
      values: { number: 'text:I-1', displayName: 'text:First' },
    }
    const [first] = await write(table, [insert], ['displayName', 'number'])
    expect(first).toMatchObject({ status: 'written', record: { values: { displayName: 'text:First' } } })
    expect(await write(table, [insert, insert], ['displayName'])).toMatchObject([
      { status: 'exists', record: { values: { displayName: 'text:First' } } },
      { status: 'exists' },
    ])
  })
})
