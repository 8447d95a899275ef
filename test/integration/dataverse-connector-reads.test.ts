import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ConnectedTable } from '../../src/core/ports/connector.ts'
import { smallSize } from '../support/dataverse.ts'
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

const minutes = 60_000
const advance = (ms: number) => place.dataverse.admin('clock', { advanceMs: ms })
const insert = (number: number, values: object) =>
  place.dataverse.admin(`tables/account/${idOf(number)}`, values)

const changesOf = async (table: ConnectedTable, watermark: string | null, limit = 5_000) => {
  const keys: string[] = []
  for (let cursor: string | null = null; ; ) {
    const page = await table.readChanges({ watermark, cursor, limit, fields: [], filter: null, signal })
    keys.push(...page.records.map(({ key }) => key))
    cursor = page.next
    if (cursor === null) return { keys, watermark: page.watermark }
  }
}

describe('the description of a table', () => {
  it('has types, lengths, options with labels, and what can be written', async () => {
    const { fields, keyFields, creation, maxServerRunMs } = (await place.open('account')).schema
    expect(fields.get('accountid')).toMatchObject({ type: { kind: 'uuid' }, nullable: false })
    expect(fields.get('name')).toMatchObject({ type: { kind: 'text', maxLength: 160 }, writable: true })
    expect(fields.get('creditlimit')).toMatchObject({ type: { kind: 'decimal', precision: 16, scale: 4 } })
    expect(fields.get('creditlimit_base')).toMatchObject({ writable: false })
    expect(fields.get('modifiedon')).toMatchObject({ type: { kind: 'instant' }, writable: false })
    expect(fields.get('versionnumber')).toMatchObject({ type: { kind: 'integer', bits: 64 } })
    expect(fields.get('statecode')?.type).toMatchObject({
      kind: 'option',
      values: [0, 1],
      labels: [{ value: 0, name: 'Active', caption: 'Active' }, { value: 1 }],
    })
    expect({ keyFields, creation, maxServerRunMs }).toEqual({
      keyFields: ['accountid'],
      creation: 'given',
      maxServerRunMs: 300_000,
    })
    const contact = (await place.open('contact')).schema.fields
    expect(contact.get('birthdate')).toMatchObject({ type: { kind: 'date' } })
    expect(contact.get('fullname')).toMatchObject({ writable: false })
    expect(contact.get('parentcustomerid')).toMatchObject({ type: { kind: 'uuid' }, writable: true })
    expect(contact.get('parentcustomeridtype')).toMatchObject({ type: { kind: 'text', maxLength: null } })
  })

  it('is read in one request', async () => {
    await place.requests()
    await place.open('product')
    expect(await place.requests()).toEqual(['POST $batch'])
  })

  it('refuses another key than the id', async () => {
    const address = { table: 'account', keyFields: ['accountnumber'] }
    await expect(place.connector.openTable(address, signal)).rejects.toMatchObject({
      code: 'KEY_NOT_FOUND',
      message: expect.stringContaining('accountid'),
    })
  })
})

describe('changes', () => {
  it('of the last minutes come again, older ones do not', async () => {
    const accounts = await place.open('account')
    await insert(1, { name: 'Old' })
    await advance(4 * minutes)
    await insert(2, { name: 'New' })
    await advance(2 * minutes)
    const first = await changesOf(accounts, null, 7)
    expect(first.keys).toHaveLength(smallSize.customers + smallSize.vendors + 2)
    const again = await changesOf(accounts, first.watermark)
    expect(again.keys).toEqual([keyOf(2)])
    await advance(10 * minutes)
    expect((await changesOf(accounts, again.watermark)).keys).toEqual([keyOf(2)])
    const quiet = await changesOf(accounts, (await changesOf(accounts, again.watermark)).watermark)
    expect(quiet.keys).toEqual([])
  })

  it('P4: that become visible late, behind what was read, are read by the next pass', async () => {
    const accounts = await place.open('account')
    await place.dataverse.admin('hold', [
      { action: 'insert', table: 'account', key: idOf(1), values: { name: 'Late' } },
    ])
    await advance(minutes)
    await insert(2, { name: 'Meanwhile' })
    const first = await changesOf(accounts, null)
    expect(first.keys).not.toContain(keyOf(1))
    expect(first.keys).toContain(keyOf(2))
    await place.dataverse.admin('release', [])
    expect((await changesOf(accounts, first.watermark)).keys).toContain(keyOf(1))
  })

  it('since a watermark that was taken by the clock of the service alone, however wrong that is', async () => {
    await place.dataverse.admin('clock', { skewMs: -90 * minutes })
    const accounts = await place.open('account')
    const watermark = await accounts.takeWatermark(signal)
    await insert(1, { name: 'After' })
    expect((await changesOf(accounts, watermark)).keys).toEqual([keyOf(1)])
  })
})

describe('filters', () => {
  it('are asked of the service where it can answer, and tested here where it cannot', async () => {
    await insert(1, { name: 'Exact', telephone1: '1', creditlimit: 5 })
    await insert(2, { name: 'EXACT', telephone1: '2', creditlimit: 5 })
    const accounts = await place.open('account')
    const all = async (filter: Parameters<ConnectedTable['readAll']>[0]['filter']) => {
      const page = await accounts.readAll({ fields: [], filter, cursor: null, limit: 5_000, signal })
      return page.records.map(({ key }) => key)
    }
    expect(await all({ field: 'name', op: '=', value: 'text:Exact' })).toEqual([keyOf(1)])
    const rich = { field: 'creditlimit', op: '=', value: 'dec:5' } as const
    expect((await all({ and: [rich, { field: 'statecode', op: '=', value: 'int:0' }] })).sort()).toEqual([
      keyOf(1),
      keyOf(2),
    ])
    const contacts = await place.open('contact')
    const filter = { field: 'parentcustomeridtype', op: '=', value: 'text:account' } as const
    const page = await contacts.readAll({
      fields: ['parentcustomeridtype'],
      filter,
      cursor: null,
      limit: 9,
      signal,
    })
    expect(page.records.every(({ values }) => values['parentcustomeridtype'] === 'text:account')).toBe(true)
  })
})

describe('many records', () => {
  it('are read by their keys in few requests', async () => {
    const accounts = await place.open('account')
    const numbers = Array.from({ length: 1_200 }, (_, index) => index)
    await write(
      accounts,
      numbers.map((number) => insertOf(number, { name: `text:${number}` })),
    )
    await place.requests()
    const found = await accounts.readByKeys([...numbers.map(keyOf), keyOf(99_999)], ['name'], signal)
    expect(found.size).toBe(1_200)
    expect(await place.requests()).toEqual(['GET accounts', 'GET accounts', 'GET accounts'])
  })
})

describe('deletions', () => {
  it('are not known where the table does not track changes', async () => {
    expect((await place.open('organization')).tombstones).toBeNull()
    expect((await place.open('account')).tombstones).not.toBeNull()
  })

  it('have to be found by comparing when the link has expired, belongs to another table, or is none', async () => {
    const { tombstones } = await place.open('account')
    const other = (await place.open('contact')).tombstones
    const mark = (await tombstones?.takeMark(signal)) ?? ''
    const wrong = ((await other?.takeMark(signal)) ?? '')
      .replace('contacts?', 'accounts?')
      .replace('contactid', 'accountid')
    const readFrom = (from: string) => tombstones?.read({ mark: from, cursor: null, limit: 100, signal })
    expect(await readFrom(wrong)).toBeNull()
    expect(await readFrom('')).toBeNull()
    expect(await readFrom(mark)).toMatchObject({ keys: [], next: null })
    await advance(8 * 24 * 60 * minutes)
    expect(await readFrom(mark)).toBeNull()
  })

  it('are a failure where the service has failed', async () => {
    const { tombstones } = await place.open('account')
    const mark = (await tombstones?.takeMark(signal)) ?? ''
    place.dataverse.inject({ kind: 'status', status: 500, match: { url: 'deltatoken' } })
    await expect(tombstones?.read({ mark, cursor: null, limit: 100, signal })).rejects.toMatchObject({
      code: 'SERVICE_FAILED',
    })
  })
})

describe('the connection', () => {
  it('is checked by asking who it is', async () => {
    await place.connector.check(signal)
    expect(await place.requests()).toContain('GET WhoAmI')
    expect(await place.connector.listTables(signal)).toEqual(
      expect.arrayContaining(['account', 'systemuser']),
    )
  })

  it('gives 64-bit versions and money digit by digit', async () => {
    const accounts = await place.open('account')
    await write(accounts, [insertOf(1, { name: 'text:One', creditlimit: 'dec:99999999999.1234' })])
    const { values } = await read(accounts, keyOf(1), ['versionnumber', 'creditlimit'])
    expect(values['creditlimit']).toBe('dec:99999999999.1234')
    expect(BigInt((values['versionnumber'] ?? '').slice('int:'.length))).toBeGreaterThan(2n ** 53n)
  })
})
