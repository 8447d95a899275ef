import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mayHaveRun } from '../../src/connectors/http/failures.ts'
import type { ConnectedTable, RecordSnapshot, WriteResult } from '../../src/core/ports/connector.ts'
import { ids, unitGroupIdOf, unitIdOf } from '../../src/simulators/dataverse/seed-masters.ts'
import {
  idOf,
  insertOf,
  keyOf,
  openPlace,
  type Place,
  read,
  signal,
  write,
} from '../support/dataverse-tables.ts'

let place: Place
beforeEach(async () => {
  place = await openPlace()
})
afterEach(() => place.close())

const recordOf = (result: WriteResult | undefined): RecordSnapshot => {
  if (result && 'record' in result) return result.record
  throw new Error(`No record: ${JSON.stringify(result)}`)
}
const updateOf = (
  record: RecordSnapshot,
  values: Record<string, `${'text' | 'int' | 'uuid' | 'dec'}:${string}` | null>,
) => ({ kind: 'update', key: record.key, expectedVersion: record.version, values }) as const

describe('creating', () => {
  it('sends many records in one bulk request and reads them in another', async () => {
    const accounts = await place.open('account')
    await place.requests()
    const operations = Array.from({ length: 40 }, (_, index) =>
      insertOf(index, { name: `text:Account ${index}` }),
    )
    const results = await write(accounts, operations, ['name'])
    expect(results.every(({ status }) => status === 'written')).toBe(true)
    expect(recordOf(results[7])).toMatchObject({ key: keyOf(7), values: { name: 'text:Account 7' } })
    expect(await place.requests()).toEqual([
      'POST accounts/Microsoft.Dynamics.CRM.CreateMultiple',
      'GET accounts',
    ])
  })

  it('creates one by one where one of them is refused, and names the bad one', async () => {
    const accounts = await place.open('account')
    const operations = Array.from({ length: 30 }, (_, index) =>
      insertOf(index, {
        name: index === 11 ? null : `text:Account ${index}`,
        accountnumber: `text:N${index}`,
      }),
    )
    const results = await write(accounts, operations)
    expect(results.filter(({ status }) => status === 'written')).toHaveLength(29)
    expect(results[11]).toMatchObject({
      status: 'rejected',
      problem: { code: 'VALUE_MISSING', kind: 'permanent', field: 'name' },
    })
  })

  it('uses no bulk message where the table has none', async () => {
    const units = await place.open('uom')
    await place.requests()
    const group = unitGroupIdOf('PCS')
    const operations = Array.from({ length: 25 }, (_, index) =>
      insertOf(index, { name: `text:Unit ${index}`, quantity: 'dec:12', uomscheduleid: `uuid:${group}` }),
    )
    const results = await write(units, operations, ['uomscheduleid', 'quantity'])
    expect(recordOf(results[24]).values).toEqual({ uomscheduleid: `uuid:${group}`, quantity: 'dec:12' })
    expect([...new Set(await place.requests())].sort()).toEqual(['GET EntityDefinitions', 'POST $batch'])
  })

  it('uses none either where the user may not see what messages there are', async () => {
    place.dataverse.inject({ kind: 'status', status: 403, match: { part: true, url: 'sdkmessagefilters' } })
    const accounts = await place.open('account')
    await place.requests()
    await write(
      accounts,
      [1, 2, 3, 4].map((number) => insertOf(number, { name: `text:${number}` })),
    )
    expect(await place.requests()).toEqual(['POST $batch'])
  })

  it('is not done twice when the answer was lost: the record found is told', async () => {
    const accounts = await place.open('account')
    const operations = [insertOf(1, { name: 'text:One' }), insertOf(2, { name: 'text:Two' })]
    place.dataverse.inject({ kind: 'reset', when: 'after', match: { url: 'batch' } })
    const error = await write(accounts, operations).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'CONNECTION_INTERRUPTED' })
    expect(mayHaveRun(error)).toBe(true)
    const again = await write(accounts, [...operations, insertOf(3, { name: 'text:Three' })], ['name'])
    expect(again.map(({ status }) => status)).toEqual(['exists', 'exists', 'written'])
    expect(recordOf(again[1]).values).toEqual({ name: 'text:Two' })
  })

  it('tells a taken alternate key from a taken id', async () => {
    const accounts = await place.open('account')
    await write(accounts, [insertOf(1, { name: 'text:One', accountnumber: 'text:SAME' })])
    const results = await write(accounts, [
      insertOf(2, { name: 'text:Two', accountnumber: 'text:SAME' }),
      insertOf(1, { name: 'text:One again' }),
    ])
    expect(results).toMatchObject([
      { status: 'rejected', problem: { code: 'POSSIBLE_DUPLICATE', field: 'accountnumber', value: 'SAME' } },
      { status: 'exists' },
    ])
  })

  it('brings a record into its state afterwards, since it begins in the first one', async () => {
    const products = await place.open('product')
    const values = {
      name: 'text:Bicycle',
      productnumber: 'text:B-1',
      quantitydecimal: 'int:2',
      defaultuomid: `uuid:${unitIdOf('PCS')}`,
      defaultuomscheduleid: `uuid:${unitGroupIdOf('PCS')}`,
      price: 'dec:922337203685.4775',
      statecode: 'int:0',
    } as const
    const [result] = await write(products, [insertOf(1, values)], ['statecode', 'statuscode', 'price'])
    expect(recordOf(result).values).toEqual({
      statecode: 'int:0',
      statuscode: 'int:1',
      price: 'dec:922337203685.4775',
    })
    expect(await read(products, keyOf(1), ['statecode'])).toMatchObject({
      version: recordOf(result).version,
      values: { statecode: 'int:0' },
    })
  })

  it('does not take for its own deed what somebody changes before the records are read', async () => {
    const accounts = await place.open('account')
    place.dataverse.inject({
      kind: 'edit',
      edits: [{ action: 'patch', table: 'account', key: idOf(2), values: { name: 'Theirs' } }],
      match: { method: 'GET', url: 'accounts' },
    })
    const operations = [1, 2, 3].map((number) => insertOf(number, { name: `text:Account ${number}` }))
    const results = await write(accounts, operations, ['name'])
    const now = await read(accounts, keyOf(2), ['name'])
    expect(now.values).toEqual({ name: 'text:Theirs' })
    expect(recordOf(results[1]).values).toEqual({ name: 'text:Account 2' })
    expect(recordOf(results[1]).version).not.toBe(now.version)
  })

  it.each([null, 'text:'] as const)('nor what somebody fills in where %j was sent', async (blank) => {
    const accounts = await place.open('account')
    place.dataverse.inject({
      kind: 'edit',
      edits: [{ action: 'patch', table: 'account', key: idOf(2), values: { address1_city: 'Theirs' } }],
      match: { method: 'GET', url: 'accounts' },
    })
    const operations = [1, 2, 3].map((number) =>
      insertOf(number, { name: `text:Account ${number}`, address1_city: blank }),
    )
    const results = await write(accounts, operations, ['address1_city'])
    const now = await read(accounts, keyOf(2), ['address1_city'])
    expect(now.values).toEqual({ address1_city: 'text:Theirs' })
    expect(results.map((result) => recordOf(result).values)).toEqual(
      operations.map(() => ({ address1_city: null })),
    )
    expect(recordOf(results[0]).version).toBe((await read(accounts, keyOf(1), ['address1_city'])).version)
    expect(recordOf(results[1]).version).not.toBe(now.version)
  })
})

describe('lookups', () => {
  it('are bound by the navigation property of the table they lead to, and emptied', async () => {
    const accounts = await place.open('account')
    const contacts = await place.open('contact')
    await write(accounts, [insertOf(1, { name: 'text:One' }), insertOf(2, { name: 'text:Two' })])
    const fields = ['parentcustomerid', 'parentcustomeridtype', 'ownerid', 'owneridtype']
    const [created] = await write(
      contacts,
      [
        insertOf(9, {
          lastname: 'text:Berg',
          parentcustomerid: keyOf(1) as `uuid:${string}`,
          parentcustomeridtype: 'text:account',
          owneridtype: 'text:systemuser',
        }),
      ],
      fields,
    )
    expect(recordOf(created).values).toEqual({
      parentcustomerid: keyOf(1),
      parentcustomeridtype: 'text:account',
      ownerid: `uuid:${ids.integrationUser}`,
      owneridtype: 'text:systemuser',
    })
    // The table stays the same, so only the record is sent.
    const [moved] = await write(
      contacts,
      [updateOf(recordOf(created), { parentcustomerid: `uuid:${idOf(2)}` })],
      fields,
    )
    expect(recordOf(moved).values).toMatchObject({
      parentcustomerid: keyOf(2),
      parentcustomeridtype: 'text:account',
    })
    const [emptied] = await write(contacts, [updateOf(recordOf(moved), { parentcustomerid: null })], fields)
    expect(recordOf(emptied).values).toMatchObject({ parentcustomerid: null, parentcustomeridtype: null })
  })

  it('that lead nowhere, to a table unknown or unsaid, are a problem of their record alone', async () => {
    const contacts = await place.open('contact')
    const nowhere = `uuid:${idOf(77)}` as const
    const results = await write(contacts, [
      insertOf(1, { lastname: 'text:A', parentcustomerid: nowhere, parentcustomeridtype: 'text:account' }),
      insertOf(2, { lastname: 'text:B', parentcustomerid: nowhere }),
      insertOf(3, { lastname: 'text:C', parentcustomerid: nowhere, parentcustomeridtype: 'text:product' }),
      insertOf(4, { lastname: 'text:D' }),
    ])
    expect(results).toMatchObject([
      { status: 'rejected', problem: { code: 'VALUE_REFUSED', field: 'parentcustomerid', value: idOf(77) } },
      { status: 'rejected', problem: { code: 'VALUE_MISSING', field: 'parentcustomeridtype' } },
      { status: 'rejected', problem: { code: 'VALUE_REFUSED', field: 'parentcustomeridtype' } },
      { status: 'written' },
    ])
    const d = recordOf(results[3])
    expect(
      await write(contacts, [
        updateOf(d, { parentcustomerid: nowhere, parentcustomeridtype: 'text:account' }),
      ]),
    ).toMatchObject([{ status: 'rejected', problem: { code: 'VALUE_REFUSED', field: 'parentcustomerid' } }])
  })
})

describe('changing', () => {
  let accounts: ConnectedTable
  let record: RecordSnapshot
  beforeEach(async () => {
    accounts = await place.open('account')
    const [created] = await write(
      accounts,
      [insertOf(1, { name: 'text:One', creditlimit: 'dec:1.5' })],
      ['name'],
    )
    record = recordOf(created)
  })

  it('takes state and status together', async () => {
    const [inactive] = await write(
      accounts,
      [updateOf(record, { statecode: 'int:1' })],
      ['statecode', 'statuscode'],
    )
    expect(recordOf(inactive).values).toEqual({ statecode: 'int:1', statuscode: 'int:2' })
    const [active] = await write(
      accounts,
      [updateOf(recordOf(inactive), { statuscode: 'int:1' })],
      ['statecode'],
    )
    expect(recordOf(active).values).toEqual({ statecode: 'int:0' })
  })

  it('never brings a deleted record back to life', async () => {
    await place.dataverse.admin(`tables/account/${idOf(1)}`, {}, 'DELETE')
    expect(await write(accounts, [updateOf(record, { name: 'text:x' })])).toEqual([{ status: 'missing' }])
    expect((await accounts.readByKeys([keyOf(1)], [], signal)).size).toBe(0)
  })

  it('names what a business rule says, and the field it is about', async () => {
    await place.dataverse.admin('plug-ins', [
      {
        entity: 'account',
        on: 'both',
        column: 'name',
        contains: 'bad',
        error: 'The name is not allowed here.',
      },
    ])
    expect(await write(accounts, [updateOf(record, { name: 'text:bad' })])).toMatchObject([
      { status: 'rejected', problem: { code: 'MODIFY_FAILED', kind: 'permanent', field: 'name' } },
    ])
    expect(await write(accounts, [insertOf(5, { name: 'text:bad', telephone1: 'text:1' })])).toMatchObject([
      { status: 'rejected', problem: { code: 'INSERT_FAILED' } },
    ])
  })

  it('puts a record off that the service throttles inside of a batch, and no other', async () => {
    place.dataverse.inject({
      kind: 'status',
      status: 429,
      retryAfter: 9,
      match: { part: true, method: 'PATCH' },
    })
    const results = await write(accounts, [
      updateOf(record, { name: 'text:x' }),
      insertOf(2, { name: 'text:Two' }),
    ])
    expect(results).toMatchObject([
      { status: 'rejected', problem: { code: 'THROTTLED', kind: 'transient', retryAfterMs: 9_000 } },
      { status: 'written' },
    ])
  })

  it('fails as a whole where the user may not write to the table at all', async () => {
    await place.dataverse.admin('rights', [{ entity: 'account', privilege: 'Write' }])
    await expect(write(accounts, [updateOf(record, { name: 'text:x' })])).rejects.toMatchObject({
      code: 'PRIVILEGE_MISSING',
    })
  })

  it('sends less at once when a body is too large; a record too large by itself stands alone', async () => {
    place.dataverse.inject({ kind: 'status', status: 413, match: { url: 'batch' }, times: 2 })
    const operations = [2, 3].map((number) => insertOf(number, { name: `text:${number}` }))
    const results = await write(accounts, [updateOf(record, { name: 'text:x' }), ...operations])
    expect(results.map(({ status }) => status).sort()).toEqual(['rejected', 'written', 'written'])
  })

  it('begins no further request after one that has failed, and waits for those under way', async () => {
    const other = await openPlace({ batchSize: 1, largestBatch: 1, parallelism: 2, bulkSize: 0 })
    const table = await other.open('account')
    other.dataverse.inject({ kind: 'status', status: 503, match: { url: 'batch' }, skip: 3 })
    const operations = Array.from({ length: 30 }, (_, index) => insertOf(index, { name: `text:${index}` }))
    await other.requests()
    await expect(write(table, operations)).rejects.toMatchObject({ code: 'SERVICE_FAILED' })
    const sent = (await other.requests()).length
    expect(sent).toBeLessThan(8)
    expect(await other.requests()).toEqual([])
    await other.close()
  })
})

describe('deleting', () => {
  it('tells why a record that others need stays', async () => {
    const currencies = await place.open('transactioncurrency')
    const base = await read(currencies, `uuid:${ids.baseCurrency}`, [])
    const operation = { kind: 'delete', key: base.key, expectedVersion: base.version } as const
    expect(await write(currencies, [operation])).toMatchObject([
      { status: 'rejected', problem: { code: 'DELETE_FAILED' } },
    ])
  })
})
