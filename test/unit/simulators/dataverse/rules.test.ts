import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type OpenDataverse, openDataverse, refusalOf } from '../../../support/dataverse.ts'

let dataverse: OpenDataverse
beforeAll(async () => {
  dataverse = await openDataverse()
})
afterAll(() => dataverse.close())
beforeEach(() => dataverse.admin('reset', {}))

const representation = { prefer: 'return=representation' }
const post = (set: string, body: unknown, headers: Record<string, string> = {}) =>
  dataverse.call('POST', set, { body, headers: { ...representation, ...headers } })
const patch = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  dataverse.call('PATCH', path, { body, headers: { ...representation, ...headers } })
const first = async (path: string) => (await dataverse.get(path)).json.value[0]

async function newProduct(number = 'P-1') {
  const group = await first("uomschedules?$filter=name eq 'NAV PCS'")
  const body = {
    name: 'Bicycle',
    productnumber: number,
    quantitydecimal: 2,
    statecode: 0,
    statuscode: 1,
    'defaultuomscheduleid@odata.bind': `uomschedules(${group.uomscheduleid})`,
  }
  return post('products', body)
}

describe('data faults (row 17)', () => {
  it.each([
    [{ name: 'x'.repeat(161) }, '400 0x80044331'],
    [{}, '400 0x80040203'],
    [{ name: '' }, '400 0x80040203'],
    [{ name: 'A', customertypecode: 99 }, '400 0x8004431a'],
    [{ name: 'A', customertypecode: '3' }, '400 0x80048d19'],
    [{ name: 'A', creditlimit: -1 }, '400 0x80044330'],
    [{ name: 'A', creditlimit: '5' }, '400 0x80048d19'],
    [{ name: 5 }, '400 0x80048d19'],
    [{ name: 'A', nothing: 1 }, '400 0x0'],
    [{ name: 'A', creditonhold: 'yes' }, '400 0x80048d19'],
  ])('account %j is refused: %s', async (body, refusal) => {
    expect(refusalOf(await post('accounts', body))).toBe(refusal)
  })

  it.each([{ birthdate: '2024-05-01T00:00:00Z' }, { birthdate: '2024-13-01' }])(
    'contact %j is refused',
    async (body) => {
      expect(refusalOf(await post('contacts', { lastname: 'A', ...body }))).toBe('400 0x80048d19')
    },
  )

  it('a status must belong to its state', async () => {
    const { accountid } = (await post('accounts', { name: 'A' })).json
    const path = `accounts(${accountid})`
    expect(refusalOf(await patch(path, { statecode: 1, statuscode: 1 }))).toBe('400 0x80048408')
    expect((await patch(path, { statecode: 1, statuscode: 2 })).json).toMatchObject({
      statecode: 1,
      statuscode: 2,
    })
    expect((await patch(path, { statecode: 0 })).json).toMatchObject({ statecode: 0, statuscode: 1 })
  })

  it('a plug-in refuses, or writes fields that nobody sent; it can be bypassed', async () => {
    await dataverse.admin('plug-ins', [
      { entity: 'account', column: 'name', contains: 'REFUSED', error: 'No such customers.' },
      { entity: 'account', column: 'telephone1', set: { fax: 'same', creditlimit: '7.0000' } },
    ])
    const refused = await post('accounts', { name: 'REFUSED' })
    expect([refusalOf(refused), refused.json.error.message]).toEqual(['400 0x80040265', 'No such customers.'])
    const touched = await post('accounts', { name: 'A', telephone1: '1' })
    expect(touched.json).toMatchObject({ fax: 'same', creditlimit: 7 })
    const bypass = { 'mscrm.bypassbusinesslogicexecution': 'CustomSync,CustomAsync' }
    expect((await post('accounts', { name: 'REFUSED' }, bypass)).status).toBe(201)
    const older = { 'mscrm.bypasscustompluginexecution': 'true' }
    expect((await post('accounts', { name: 'B', telephone1: '1' }, older)).json.fax).toBeNull()
  })

  it('a deletion is refused while others need the record', async () => {
    const group = await first("uomschedules?$filter=name eq 'NAV PCS'")
    expect(refusalOf(await dataverse.call('DELETE', `uomschedules(${group.uomscheduleid})`))).toBe(
      '405 0x80040227',
    )
  })

  it('a duplicate rule speaks only when it is asked', async () => {
    const account = { name: 'Twin', emailaddress1: 'twin@twin.example' }
    expect((await post('accounts', account)).status).toBe(201)
    expect((await post('accounts', account)).status).toBe(201)
    const asked = { 'mscrm.suppressduplicatedetection': 'false' }
    expect(refusalOf(await post('accounts', account, asked))).toBe('412 0x80040333')
  })
})

describe('rights (row 18)', () => {
  it('a table or a column may be closed to the user', async () => {
    await dataverse.admin('rights', [
      { entity: 'contact', privilege: 'Read' },
      { entity: 'account', privilege: 'Write', column: 'creditlimit' },
      { entity: 'account', privilege: 'Delete' },
    ])
    expect(refusalOf(await dataverse.get('contacts'))).toBe('403 0x80040220')
    expect(refusalOf(await post('accounts', { name: 'A', creditlimit: 1 }))).toBe('403 0x80040220')
    const { accountid } = (await post('accounts', { name: 'A' })).json
    expect(refusalOf(await dataverse.call('DELETE', `accounts(${accountid})`))).toBe('403 0x80040220')
    await dataverse.admin('rights', [{ entity: 'account', privilege: 'Read', column: 'creditlimit' }])
    expect(refusalOf(await dataverse.get('accounts?$select=creditlimit'))).toBe('403 0x80040220')
    expect((await dataverse.get('accounts?$select=name')).status).toBe(200)
  })
})

describe('states (row 19)', () => {
  it('a won opportunity refuses changes, but may be opened again', async () => {
    const customer = await first('accounts?$top=1')
    const bind = { 'customerid_account@odata.bind': `accounts(${customer.accountid})` }
    const { opportunityid } = (await post('opportunities', { name: 'Deal', ...bind })).json
    const path = `opportunities(${opportunityid})`
    expect((await patch(path, { statecode: 1, statuscode: 3 })).status).toBe(200)
    expect(refusalOf(await patch(path, { name: 'Changed' }))).toBe('400 0x80040244')
    expect((await patch(path, { statecode: 0, statuscode: 1 })).status).toBe(200)
    expect((await patch(path, { name: 'Changed' })).status).toBe(200)
  })

  it('a new product is a draft, whatever is sent; it is activated afterwards', async () => {
    const made = await newProduct()
    expect(made.json).toMatchObject({ statecode: 2, statuscode: 0 })
    const active = await patch(`products(${made.json.productid})`, { statecode: 0, statuscode: 1 })
    expect(active.json).toMatchObject({ statecode: 0, statuscode: 1 })
  })
})

describe('what the system works out itself', () => {
  it('full names, owners, currencies, base amounts', async () => {
    const euro = await first("transactioncurrencies?$filter=isocurrencycode eq 'EUR'")
    const bind = {
      'transactioncurrencyid@odata.bind': `transactioncurrencies(${euro.transactioncurrencyid})`,
    }
    const account = await post('accounts', { name: 'A', creditlimit: 1000.5, ...bind })
    expect(account.json._ownerid_value).toBeTypeOf('string')
    expect(account.json.creditlimit_base).toBeCloseTo(1000.5 / euro.exchangerate, 3)
    expect(account.json.exchangerate).toBe(euro.exchangerate)
    const contact = await post('contacts', { firstname: 'Åse', lastname: 'Holm', fullname: 'ignored' })
    expect(contact.json.fullname).toBe('Åse Holm')
  })

  it('the unit of a unit group, and the unit of a product and of its price', async () => {
    const group = (await post('uomschedules', { name: 'NAV TON', baseuomname: 'TON' })).json
    const units = `uoms?$select=name,isschedulebaseuom&$filter=_uomscheduleid_value eq ${group.uomscheduleid}`
    const unit = await first(units)
    expect(unit).toMatchObject({ name: 'TON', isschedulebaseuom: true })
    await patch(`uomschedules(${group.uomscheduleid})`, { baseuomname: 'TONNE' })
    expect((await first(units)).name).toBe('TONNE')
    const { productid, _defaultuomid_value } = (await newProduct()).json
    const list = await first('pricelevels?$top=1')
    const price = await post('productpricelevels', {
      amount: 10,
      'productid@odata.bind': `products(${productid})`,
      'pricelevelid@odata.bind': `pricelevels(${list.pricelevelid})`,
    })
    expect(price.json).toMatchObject({ _uomid_value: _defaultuomid_value, productnumber: 'P-1' })
    expect((await dataverse.call('DELETE', `products(${productid})`)).status).toBe(204)
    expect((await dataverse.get('productpricelevels')).json.value).toEqual([])
    expect((await dataverse.call('DELETE', `uomschedules(${group.uomscheduleid})`)).status).toBe(204)
    expect(await first(units)).toBeUndefined()
  })

  it('the links to a deleted record, and the version of those who had them', async () => {
    const account = await first('accounts?$select=accountid,_primarycontactid_value&$top=1')
    const person = `contacts(${account._primarycontactid_value})`
    expect((await dataverse.call('DELETE', person)).status).toBe(204)
    const after = await dataverse.get(`accounts(${account.accountid})?$select=_primarycontactid_value`)
    expect(after.json._primarycontactid_value).toBeNull()
    expect(after.json['@odata.etag']).not.toBe(account['@odata.etag'])
  })

  it('options may be added to a choice, and labelled anew', async () => {
    const label = (text: string) => ({ LocalizedLabels: [{ Label: text, LanguageCode: 1033 }] })
    const choice = { EntityLogicalName: 'account', AttributeLogicalName: 'paymenttermscode' }
    const added = await post('InsertOptionValue', { ...choice, Label: label('14 DAYS') })
    const value = added.json.NewOptionValue
    expect(value).toBe(100_000_000)
    expect((await post('accounts', { name: 'A', paymenttermscode: value })).json.paymenttermscode).toBe(value)
    await post('UpdateOptionValue', { ...choice, Value: value, Label: label('Net 14') })
    const account = await first(`accounts?$select=paymenttermscode&$filter=paymenttermscode eq ${value}`)
    const shown = await dataverse.get(
      `accounts(${account.accountid})?$select=paymenttermscode`,
      'odata.include-annotations="*"',
    )
    expect(shown.json['paymenttermscode@OData.Community.Display.V1.FormattedValue']).toBe('Net 14')
    expect((await post('InsertOptionValue', { ...choice, Value: 1, Label: label('X') })).status).toBe(400)
    expect((await post('UpdateOptionValue', { ...choice, Value: 77, Label: label('X') })).status).toBe(400)
    expect(
      (await post('InsertOptionValue', { ...choice, AttributeLogicalName: 'name', Label: label('X') }))
        .status,
    ).toBe(400)
    expect((await post('PublishAllXml', {})).status).toBe(204)
  })
})

it('the edits of a person keep the rules, and set states at once', async () => {
  const inserted = await dataverse.admin('tables/account', { name: 'By hand', statecode: 1, statuscode: 2 })
  expect(inserted).toMatchObject({ statecode: 1, name: 'By hand' })
  const tooLong = await dataverse.admin('tables/account', { name: 'x'.repeat(161) })
  expect(tooLong.code).toBe('0x80044331')
  expect((await dataverse.admin(`tables/account/${randomUUID()}`, {}, 'PATCH')).code).toBe('0x80040217')
  const page = await dataverse.admin('tables/account?top=3&filter=statecode%20eq%200')
  expect(page).toHaveLength(3)
  const next = await dataverse.admin(`tables/account?top=3&after=${page[2].accountid}`)
  expect(next[0].accountid).not.toBe(page[0].accountid)
  expect((await dataverse.admin(`tables/account/${inserted.accountid}`)).name).toBe('By hand')
  expect((await dataverse.admin('tables/nothing')).error).toContain('nothing')
})
