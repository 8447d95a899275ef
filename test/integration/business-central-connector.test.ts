import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ConnectedTable, WriteOperation } from '../../src/core/ports/connector.ts'
import type { Values } from '../../src/core/values/value.ts'
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

const insertOf = (number: string, values: Values = {}): WriteOperation => ({
  kind: 'insert',
  token: number,
  key: null,
  values: { number: `text:${number}`, displayName: `text:Customer ${number}`, ...values },
})

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

  test('a blank name is found by a filter although new records must have one', async () => {
    await people.admin('tables/customer', { method: 'POST', body: { number: 'BLANK', displayName: '' } })
    const table = await open('customers')
    const filter = { field: 'displayName', op: 'is null' } as const
    const page = await table.readAll({ fields: ['number'], filter, cursor: null, limit: 1_000, signal })
    expect(page.records.map(({ values }) => values['number'])).toEqual(['text:BLANK'])
    const [blank] = page.records
    await people.admin(`tables/customer/${blank?.key.slice('uuid:'.length)}`, { method: 'DELETE' })
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

  test('match fields are asked for by value, however long the values are', async () => {
    const table = await open('items')
    await people.admin('counters', { method: 'DELETE' })
    const long = Array.from({ length: 40 }, (_, index) => [`text:${index}${'ø'.repeat(99)}`] as const)
    const found = await table.findByMatch({
      fields: ['number'],
      filter: null,
      matchFields: [{ field: 'displayName', caseSensitive: true }],
      candidates: [...long, ['text:Another name']],
      limitPerCandidate: 2,
      signal,
    })
    expect(found.map((records) => records.length)).toEqual([...long.map(() => 0), 1])
    expect(server.simulation.recorder.counters().requests).toBe(1)
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

describe('writing to API v2.0', () => {
  test('P3: a creation whose answer is lost is found by its number, not made again', async () => {
    const table = await open('customers')
    const operations = ['L-1', 'L-2'].map((number) => insertOf(number))
    server.simulation.faults.add({
      kind: 'reset',
      when: 'after',
      chunked: false,
      match: { method: 'POST', url: 'batch', part: false },
      times: 1,
      // The first batch asks whether they are there already.
      skip: 1,
      every: 1,
    })
    await expect(write(table, operations)).rejects.toMatchObject({
      code: 'CONNECTION_INTERRUPTED',
      data: { mayHaveRun: true },
    })
    const again = await write(table, operations, ['number', 'displayName'])
    expect(again).toMatchObject([
      { status: 'exists', record: { values: { number: 'text:L-1', displayName: 'text:Customer L-1' } } },
      { status: 'exists', record: { values: { number: 'text:L-2' } } },
    ])
  })

  test('a record without what it would be found again by is refused, unless its number is drawn', async () => {
    const table = await open('paymentTerms')
    const nameless: WriteOperation = {
      kind: 'insert',
      token: 't',
      key: null,
      values: { displayName: 'text:X' },
    }
    expect(await write(table, [nameless, { ...nameless, values: { code: null } }])).toMatchObject([
      { status: 'rejected', problem: { code: 'CREATE_NOT_IDEMPOTENT' } },
      { status: 'rejected', problem: { code: 'VALUE_MISSING', field: 'code' } },
    ])
    const customers = await open('customers')
    expect(customers.schema.recognisable).toBe(true)
    expect(await write(customers, [nameless], ['number'])).toMatchObject([
      { status: 'written', record: { values: { number: expect.stringMatching(/^text:.+/) } } },
    ])
  })

  test('records are written in as few requests as batches allow, and asked for once', async () => {
    const table = await open('customers')
    const requests = () => server.simulation.recorder.requests().length
    const before = requests()
    const operations = Array.from({ length: 250 }, (_, index) => insertOf(`M-${index}`))
    const results = await write(table, operations)
    expect(results.every(({ status }) => status === 'written')).toBe(true)
    expect(requests() - before).toBe(4)
  })

  test('a batch that is too large for the service is halved', async () => {
    const table = await open('customers')
    const refusal = { kind: 'status', status: 413, before: true, times: 1, skip: 1, every: 1 } as const
    server.simulation.faults.add({ ...refusal, match: { method: 'POST', url: 'batch', part: false } })
    const results = await write(
      table,
      Array.from({ length: 30 }, (_, index) => insertOf(`H-${index}`)),
    )
    expect(results.every(({ status }) => status === 'written')).toBe(true)
  })

  test('P6: what the business logic refuses stands alone, and names field and value', async () => {
    const table = await open('customers')
    const unknown = 'c0a00000-0000-4000-8000-00000000ffff'
    const results = await write(table, [
      insertOf('R-1'),
      insertOf('R-2', { currencyId: `uuid:${unknown}` }),
      insertOf('R-3', { displayName: `text:${'x'.repeat(101)}` }),
      insertOf('R-4', { salespersonCode: 'text:NOBODY' }),
      insertOf('R-5'),
    ])
    expect(results).toMatchObject([
      { status: 'written' },
      { status: 'rejected', problem: { code: 'INSERT_FAILED', field: 'currencyId', value: unknown } },
      { status: 'rejected', problem: { code: 'VALUE_TRUNCATED', field: 'displayName' } },
      { status: 'rejected', problem: { code: 'VALUE_REFUSED' } },
      { status: 'written' },
    ])
  })

  test.each([
    [403, 'Authorization_RequestDenied', 'PRIVILEGE_MISSING'],
    [503, 'Internal_TenantUnavailable', 'SERVICE_FAILED'],
    [408, '', 'SERVICE_FAILED'],
  ])('what concerns the whole service is no trouble of a record: %i %s', async (status, code, expected) => {
    const table = await open('customers')
    const fault = { kind: 'status', status, code, before: true, times: 1, skip: 1, every: 1 } as const
    server.simulation.faults.add({ ...fault, match: { method: 'POST', url: 'customers', part: true } })
    const operations = [insertOf(`W-${status}-1`), insertOf(`W-${status}-2`)]
    await expect(write(table, operations)).rejects.toMatchObject({ code: expected })
    server.simulation.faults.clear()
  })

  test('an option is read and written by its number', async () => {
    const table = await open('customers')
    const [made] = await write(table, [insertOf('O-1')], ['blocked'])
    if (made?.status !== 'written') throw new Error('not written')
    expect(made.record.values).toEqual({ blocked: 'int:0' })
    const { key, version } = made.record
    const [changed] = await write(
      table,
      [{ kind: 'update', key, expectedVersion: version, values: { blocked: 'int:1' } }],
      ['blocked'],
    )
    expect(changed).toMatchObject({ status: 'written', record: { values: { blocked: 'int:1' } } })
  })
})

describe('a custom API', () => {
  test('has what the settings say of its tables', async () => {
    const name = 'couplet/sync/v1.0/resources'
    const plain = await open(name)
    expect(plain.schema).toMatchObject({ keyFields: ['id'], creation: 'unsafe' })
    const tables = { [name]: { codeFields: ['number'], businessKey: ['number'] } }
    const { schema } = await open(name, { tables })
    expect(schema).toMatchObject({ creation: 'business-key', businessKey: ['number'] })
    expect(schema.fields.get('number')?.type.kind).toBe('code')
    await expect(open(name, { tables: { [name]: { codeFields: ['colour'] } } })).rejects.toMatchObject({
      code: 'FIELD_NOT_FOUND',
      message: expect.stringContaining('colour'),
    })
  })
})

describe('page web services of NAV', () => {
  const place = 'on-premises' as const

  test('are addressed by their company, whatever its name, and by their own key', async () => {
    const company = server.companies[1]?.name ?? ''
    expect(company).toMatch(/['"%]/)
    const table = await open('odata:Customer', { place, company })
    expect(table.schema).toMatchObject({
      keyFields: ['No'],
      creation: 'given',
      modifiedField: 'Last_Date_Modified',
    })
    const records = await readAll(table, ['Name'])
    expect(records.length).toBeGreaterThan(10)
    const [first] = records
    expect(first?.key).toMatch(/^text:/)
    const found = await table.readByKeys(
      records.map(({ key }) => key),
      ['Name'],
      signal,
    )
    expect(found.get(first?.key ?? '')).toEqual(first)
  })

  test('tell the day of a change only: the whole last day is read again, and versions tell what is new', async () => {
    const table = await open('odata:Customer', { place, overlapMs: 0 })
    const request = { fields: ['Name'], filter: null, cursor: null, limit: 1_000, signal }
    const first = await table.readChanges({ ...request, watermark: null })
    const [edited] = first.records
    const number = edited?.key.slice('text:'.length) ?? ''
    await people.admin(`tables/customer/${number}`, { method: 'PATCH', body: { displayName: 'Edited once' } })
    const second = await table.readChanges({ ...request, watermark: first.watermark })
    const again = second.records.find(({ key }) => key === edited?.key)
    expect(again?.values).toEqual({ Name: 'text:Edited once' })
    expect(again?.version).not.toBe(edited?.version)
    await people.admin(`tables/customer/${number}`, {
      method: 'PATCH',
      body: { displayName: 'Edited twice' },
    })
    const third = await table.readChanges({ ...request, watermark: second.watermark })
    expect(third.records.find(({ key }) => key === edited?.key)?.values).toEqual({
      Name: 'text:Edited twice',
    })
    expect(third.records.length).toBeLessThan(first.records.length)
  })

  test('are written under the number that is given', async () => {
    const table = await open('odata:Customer', { place })
    const insert: WriteOperation = {
      kind: 'insert',
      token: 't',
      key: "text:P'1",
      values: { No: "text:P'1", Name: 'text:Page' },
    }
    const [made] = await write(table, [insert], ['Name'])
    expect(made).toMatchObject({
      status: 'written',
      record: { key: "text:P'1", values: { Name: 'text:Page' } },
    })
    expect(await write(table, [insert], ['Name'])).toMatchObject([{ status: 'exists' }])
    if (made?.status !== 'written') return
    const { key, version } = made.record
    const update: WriteOperation = {
      kind: 'update',
      key,
      expectedVersion: version,
      values: { Name: 'text:New' },
    }
    expect(await write(table, [update])).toMatchObject([{ status: 'written' }])
    expect(await write(table, [update])).toEqual([{ status: 'version-mismatch' }])
  })
})

describe('a connection', () => {
  test('is checked by its company, whose name or id may be given', async () => {
    await connectTo(server).connector.check(signal)
    const [{ id } = { id: '' }] = server.companies
    await connectTo(server, { company: id.toUpperCase() }).connector.check(signal)
    await expect(connectTo(server, { company: 'Nobody Ltd.' }).connector.check(signal)).rejects.toMatchObject(
      {
        code: 'COMPANY_NOT_FOUND',
        message: expect.stringContaining('CRONUS International Ltd.'),
      },
    )
  })

  test('lists the tables of the APIs it is told of', async () => {
    const { connector } = connectTo(server, { apis: ['v2.0', 'couplet/sync/v1.0'] })
    const tables = await connector.listTables(signal)
    expect(tables).toEqual(expect.arrayContaining(['customers', 'couplet/sync/v1.0/resources']))
    expect(tables).not.toContain('companies')
  })
})
