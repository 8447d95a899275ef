import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningBusinessCentral } from '../../../../src/simulators/business-central/simulator.ts'
import { type Ask, type Client, signIn, startCronus } from '../../../support/business-central.ts'

let server: RunningBusinessCentral
let client: Client

beforeAll(async () => {
  server = await startCronus()
  client = await signIn(server)
})
afterAll(() => server.close())

const anyVersion = { 'if-match': '*' }
const patch = (body: unknown, headers: Ask['headers'] = anyVersion): Ask => ({
  method: 'PATCH',
  body,
  headers,
})

async function customer(number: string) {
  const answer = await client.company(`customers?$filter=number eq '${number}'`)
  return answer.json.value[0]
}
const currencyId = async (code: string): Promise<string> =>
  (await client.company(`currencies?$filter=code eq '${code}'`)).json.value[0].id

describe('connectors.md C.5, C.6: versions and preconditions', () => {
  it('a change gives the record another version; writing what is there already does not', async () => {
    const before = await customer('C00003')
    expect(before['@odata.etag']).toMatch(/^W\/"[A-Za-z0-9+/=]+"$/)
    const path = `customers(${before.id})`
    const changed = await client.company(path, patch({ displayName: 'Another Name' }))
    expect([changed.status, changed.json.displayName]).toEqual([200, 'Another Name'])
    expect(changed.json['@odata.etag']).not.toBe(before['@odata.etag'])
    const same = await client.company(path, patch({ displayName: 'Another Name' }))
    expect(same.json['@odata.etag']).toBe(changed.json['@odata.etag'])
    expect(same.json.lastModifiedDateTime).toBe(changed.json.lastModifiedDateTime)
  })

  it('PATCH needs If-Match (400), a stale one is a conflict (409), and the right one or any passes', async () => {
    const { id, ...before } = await customer('C00004')
    const path = `customers(${id})`
    const without = await client.company(path, patch({ city: 'Ribe' }, {}))
    expect([without.status, without.json.error.code]).toEqual([400, 'BadRequest_InvalidToken'])
    await client.company(path, patch({ city: 'Ribe' }, { 'if-match': before['@odata.etag'] }))
    const stale = await client.company(path, patch({ city: 'Vejle' }, { 'if-match': before['@odata.etag'] }))
    expect([stale.status, stale.json.error.code]).toEqual([409, 'Request_EntityChanged'])
    expect((await customer('C00004')).city).toBe('Ribe')
  })

  it('DELETE checks If-Match only when it is sent; a row that is gone is 404', async () => {
    const created = await client.company('items', { body: { displayName: 'Short-lived' } })
    const path = `items(${created.json.id})`
    const stale = await client.company(path, { method: 'DELETE', headers: { 'if-match': 'W/"b2xk"' } })
    expect(stale.status).toBe(409)
    expect((await client.company(path, { method: 'DELETE' })).status).toBe(204)
    expect((await client.company(path, patch({ displayName: 'x' }))).status).toBe(404)
    expect((await client.company(path)).json.error.code).toBe('Internal_RecordNotFound')
  })

  it('there is no upsert, and no alternate key in the URL', async () => {
    const missing = await client.company(
      'customers(00000000-0000-4000-8000-00000000abcd)',
      patch({ city: 'x' }),
    )
    expect(missing.status).toBe(404)
    expect((await client.company("customers('C00001')", patch({ city: 'x' }))).status).toBe(400)
  })
})

describe('creating', () => {
  it('answers 201 with the row and its address; a number that is not sent comes from the series', async () => {
    const first = await client.company('customers', { body: { displayName: 'Series A/S' } })
    expect([first.status, first.json.number]).toEqual([201, 'C00061'])
    expect(first.headers.get('location')).toContain(`/customers(${first.json.id})`)
    await client.company('customers', { body: { displayName: 'By Hand', number: 'c00062' } })
    const next = await client.company('customers', { body: { displayName: 'Series B' } })
    expect(next.json.number).toBe('C00063')
    expect((await client.custom('salespeople', { body: { displayName: 'New Person' } })).json.code).toBe(
      'SP NO. 00011',
    )
  })

  it('the same POST twice makes two records; the same number is refused', async () => {
    const body = { displayName: 'Twice', number: 'TWICE' }
    expect((await client.company('vendors', { body })).status).toBe(201)
    const again = await client.company('vendors', { body })
    expect([again.status, again.json.error.code]).toEqual([400, 'Internal_EntityWithSameKeyExists'])
    expect(again.json.error.message).toContain(
      "The Vendor already exists. Identification fields and values: No.='TWICE'",
    )
    const unnumbered = { displayName: 'No number' }
    const [one, two] = [
      await client.company('vendors', { body: unnumbered }),
      await client.company('vendors', { body: unnumbered }),
    ]
    expect(one.json.number).not.toBe(two.json.number)
  })

  it('a taken key can be answered with 409, too', async () => {
    const other = await startCronus({ duplicateStatus: 409 })
    const answer = await (await signIn(other)).company('currencies', { body: { code: 'EUR' } })
    expect([answer.status, answer.json.error.code]).toEqual([409, 'Internal_EntityWithSameKeyExists'])
    await other.close()
  })

  it('a code without a series must be sent', async () => {
    const answer = await client.company('unitsOfMeasure', { body: { displayName: 'Nameless' } })
    expect([answer.status, answer.json.error.message]).toEqual([400, expect.stringContaining('"code"')])
  })

  it('page web services create, change and delete by the primary key', async () => {
    const created = await client.pages('Shipping_Agent', { body: { Code: 'gls', Name: 'GLS' } })
    expect([created.status, created.json.Code]).toEqual([201, 'GLS'])
    expect((await client.pages("Shipping_Agent('GLS')", patch({ Name: 'GLS Denmark' }, {}))).status).toBe(400)
    expect((await client.pages("Shipping_Agent('GLS')", patch({ Name: 'GLS Denmark' }))).json.Name).toBe(
      'GLS Denmark',
    )
    expect((await client.pages("Shipping_Agent('GLS')", { method: 'DELETE' })).status).toBe(204)
    expect((await client.pages("Shipping_Agent('GLS')")).status).toBe(404)
  })
})

describe('connectors.md C.10: ids and codes of related records', () => {
  it('are kept in step, whichever was sent', async () => {
    const eur = await currencyId('EUR')
    const byId = await client.company('customers', { body: { displayName: 'By id', currencyId: eur } })
    expect(byId.json.currencyCode).toBe('EUR')
    const byCode = await client.company('customers', {
      body: { displayName: 'By code', currencyCode: 'eur' },
    })
    expect(byCode.json.currencyId).toBe(eur)
    const blank = { currencyId: '00000000-0000-0000-0000-000000000000' }
    const cleared = await client.company(`customers(${byId.json.id})`, patch(blank))
    expect(cleared.json.currencyCode).toBe('')
  })

  it.each([
    [
      { currencyId: '00000000-0000-4000-8000-00000000abcd' },
      'The "currencyId" does not match to a Currency.',
    ],
    [{ currencyId: 'EUR', currencyCode: 'USD' }, 'The currency values do not match to a specific Currency.'],
    [{ currencyCode: 'XBT' }, 'contains a value (XBT) that cannot be found in the related table (Currency)'],
    [{ salespersonCode: 'NOBODY' }, 'related table (Salesperson/Purchaser)'],
  ])('%o is refused', async (sent: Record<string, string>, message) => {
    const id = sent['currencyId'] === 'EUR' ? { currencyId: await currencyId('EUR') } : {}
    const answer = await client.company('customers', { body: { displayName: 'X', ...sent, ...id } })
    expect(answer.status).toBe(400)
    expect(answer.json.error.message).toContain(message)
  })
})

describe('connectors.md C.17: what is refused', () => {
  it.each([
    [{ displayName: '' }, 'Application_DialogException', 'A "displayName" must be provided.'],
    [{}, 'Application_DialogException', 'A "displayName" must be provided.'],
    [{ displayName: 'x'.repeat(101) }, 'Application_StringExceededLength', 'The length of the string is 101'],
    [
      { displayName: 'X', country: 'ELEVENCHARS' },
      'Application_StringExceededLength',
      'equal to 10 characters',
    ],
    [{ displayName: 'X', blocked: 'Nonsense' }, 'Unknown', 'is not an option'],
    [{ displayName: 'X', nothing: 1 }, 'BadRequest', "The property 'nothing' does not exist"],
    [{ displayName: 'X', 'currency@odata.bind': 'currencies(1)' }, 'BadRequest', 'does not exist'],
    [{ displayName: 'X', balanceDue: 1 }, 'BadRequest_InvalidOperation', 'read-only'],
    [{ displayName: 'X', creditLimit: '12' }, 'BadRequest', 'Edm.Decimal'],
    [{ displayName: 'X', taxLiable: 'yes' }, 'BadRequest', 'Edm.Boolean'],
    [{ displayName: null }, 'BadRequest', 'Edm.String'],
  ])('%o', async (body, code, message) => {
    const answer = await client.company('customers', { body })
    expect([answer.status, answer.json.error.code]).toEqual([400, code])
    expect(answer.json.error.message).toContain(message)
  })

  it('a body that is no JSON object', async () => {
    for (const body of ['{"displayName":', '[]']) {
      expect((await client.company('customers', { body })).status).toBe(400)
    }
  })

  it('connectors.md C.18: sets that are read-only answer 405, and rights that are missing 403', async () => {
    expect((await client.api('companies', { body: { name: 'x' } })).status).toBe(405)
    const orders = await client.company('salesOrders?$top=1')
    const path = `salesOrders(${orders.json.value[0].id})/salesOrderLines`
    expect((await client.company(path, { body: { quantity: 1 } })).status).toBe(405)
    await client.admin('faults', { body: { kind: 'status', status: 403, match: { url: '/vendors' } } })
    const denied = await client.company('vendors')
    expect([denied.status, denied.json.error.code]).toEqual([403, 'Authorization_RequestDenied'])
  })

  it('values keep all their digits, codes are capitals, umlauts and signs stay', async () => {
    const body =
      '{"displayName":"Müller & Søn + \\"O\'Neill\\" 🎈","creditLimit":922337203685477.5807,"country":" dk "}'
    const answer = await client.company('customers', { body })
    expect(answer.text).toContain('"creditLimit":922337203685477.5807')
    expect(answer.json).toMatchObject({ displayName: 'Müller & Søn + "O\'Neill" 🎈', country: 'DK' })
  })
})

describe('business logic', () => {
  it('a post code brings its city, unless the request names one', async () => {
    const filled = await client.company('customers', { body: { displayName: 'A', postalCode: '0150' } })
    expect(filled.json).toMatchObject({ city: 'Oslo', state: 'Oslo', country: 'NO' })
    const body = { displayName: 'B', postalCode: '0150', city: 'Christiania' }
    expect((await client.company('customers', { body })).json.city).toBe('Christiania')
  })

  it('a new customer gets a company contact, which follows its name and address', async () => {
    const body = { displayName: 'Followed Ltd.', addressLine1: 'First Street' }
    const { json } = await client.custom('customers', { body })
    const contact = async () =>
      (await client.custom(`contacts?$filter=number eq '${json.companyContactNumber}'`)).json.value[0]
    expect(await contact()).toMatchObject({
      type: 'Company',
      displayName: 'Followed Ltd.',
      customerNumber: json.number,
    })
    await client.custom(`customers(${json.id})`, patch({ displayName: 'Renamed Ltd.' }))
    expect(await contact()).toMatchObject({ displayName: 'Renamed Ltd.', addressLine1: 'First Street' })
  })

  it('no contact is made where the setup does not say so', async () => {
    const other = await startCronus({ createsContacts: false })
    const own = await signIn(other)
    expect(
      (await own.custom('customers', { body: { displayName: 'Alone' } })).json.companyContactNumber,
    ).toBe('')
    await other.close()
  })

  it('the company of a person and the customer it stands for are kept in step', async () => {
    const body = { type: 'Person', firstName: 'Åse', surname: 'Holm', customerNumber: 'C00005' }
    const { json } = await client.custom('contacts', { body })
    expect(json).toMatchObject({
      displayName: 'Åse Holm',
      companyName: (await customer('C00005')).displayName,
    })
    const other = (await client.custom("contacts?$filter=type eq 'Company' and customerNumber eq 'C00006'"))
      .json
    const moved = await client.custom(`contacts(${json.id})`, patch({ companyNumber: other.value[0].number }))
    expect(moved.json.customerNumber).toBe('C00006')
  })

  it('a change of price changes the profit, which nobody has sent', async () => {
    const { json } = await client.custom('items', { body: { unitPrice: 200, unitCost: 150 } })
    expect(json.profitPercent).toBe(25)
    const changed = await client.custom(`items(${json.id})`, patch({ unitCost: 50 }))
    expect(changed.json.profitPercent).toBe(75)
  })

  it('a new exchange rate changes the currency', async () => {
    const currency = async () => (await client.custom("currencies?$filter=code eq 'MXN'")).json.value[0]
    const before = await currency()
    expect(before.currentExchangeRate).toBe(0)
    const body = {
      currencyCode: 'MXN',
      startingDate: '2024-05-01',
      exchangeRateAmount: 100,
      relationalExchangeRateAmount: 40,
    }
    const entered = await client.custom('currencyExchangeRates', { body })
    expect(entered.status).toBe(201)
    const after = await currency()
    expect(after.currentExchangeRate).toBe(2.5)
    expect(after['@odata.etag']).not.toBe(before['@odata.etag'])
    const older = { ...body, startingDate: '2023-05-01', relationalExchangeRateAmount: 50 }
    await client.custom('currencyExchangeRates', { body: older })
    expect((await currency())['@odata.etag']).toBe(after['@odata.etag'])
    const path = `currencyExchangeRates(${entered.json.id})`
    await client.custom(path, patch({ relationalExchangeRateAmount: 80 }))
    expect((await currency()).currentExchangeRate).toBe(1.25)
    await client.custom(path, { method: 'DELETE' })
    expect((await currency()).currentExchangeRate).toBe(2)
  })

  it('connectors.md C.19: nothing is sold to a blocked customer, and one with orders cannot be deleted', async () => {
    const blocked = await client.company('salesOrders', { body: { customerNumber: 'C00020' } })
    expect(blocked.json.error.message).toContain('when Customer C00020 is blocked with type All')
    const sold = await client.company('salesOrders', { body: { customerNumber: 'C00030' } })
    expect(sold.json).toMatchObject({ status: 'Draft', customerName: (await customer('C00030')).displayName })
    const { id } = await customer('C00030')
    const refused = await client.company(`customers(${id})`, { method: 'DELETE' })
    expect(refused.json.error.message).toContain('at least one outstanding Sales Order')
    await client.company(`salesOrders(${sold.json.id})`, { method: 'DELETE' })
    expect((await client.company(`customers(${id})`, { method: 'DELETE' })).status).toBe(204)
  })

  it('a new number of a customer goes along to whoever refers to it', async () => {
    const { id } = await customer('C00002')
    await client.company(`customers(${id})`, patch({ number: 'RENAMED' }))
    const contacts = await client.custom("contacts?$filter=customerNumber eq 'RENAMED'")
    expect(contacts.json.value.length).toBeGreaterThan(1)
    const taken = await client.company(`customers(${id})`, patch({ number: 'C00001' }))
    expect(taken.json.error.code).toBe('Internal_EntityWithSameKeyExists')
    const unit = (await client.company("unitsOfMeasure?$filter=code eq 'PCS'")).json.value[0]
    expect((await client.company(`unitsOfMeasure(${unit.id})`, patch({ code: 'PIECE' }))).status).toBe(400)
  })
})
