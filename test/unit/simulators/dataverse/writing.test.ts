import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CallOptions, type OpenDataverse, openDataverse, refusalOf } from '../../../support/dataverse.ts'

let dataverse: OpenDataverse
beforeAll(async () => {
  dataverse = await openDataverse()
})
afterAll(() => dataverse.close())

const call = (method: string, path: string, options?: CallOptions) => dataverse.call(method, path, options)
const representation = { prefer: 'return=representation' }
const post = (set: string, body: unknown, headers: Record<string, string> = representation) =>
  call('POST', set, { body, headers })
const patch = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  call('PATCH', path, { body, headers })
const newAccount = async (body: object = {}) => (await post('accounts', { name: 'New', ...body })).json

describe('preconditions (row 6)', () => {
  it('POST: 204 with the address, or 201 with the row', async () => {
    const bare = await post('accounts', { name: 'Bare' }, {})
    expect([bare.status, bare.headers.get('odata-entityid')]).toMatchObject([
      204,
      expect.stringMatching(/accounts\([0-9a-f-]{36}\)$/),
    ])
    const full = await call('POST', 'accounts?$select=name', {
      body: { name: 'Full' },
      headers: representation,
    })
    expect([full.status, full.json.name, full.headers.get('odata-entityid')]).toEqual([201, 'Full', null])
    expect(full.headers.get('preference-applied')).toBe('return=representation')
    const chosen = randomUUID()
    expect((await post('accounts', { accountid: chosen, name: 'Chosen' })).json.accountid).toBe(chosen)
    expect(refusalOf(await post('accounts', { accountid: chosen, name: 'Again' }))).toBe('412 0x80040237')
  })

  it('PATCH without a header is an upsert: it brings a deleted record back', async () => {
    const id = randomUUID()
    expect((await patch(`accounts(${id})`, { name: 'A' })).status).toBe(204)
    expect((await patch(`accounts(${id})`, { name: 'B' })).status).toBe(204)
    expect((await call('DELETE', `accounts(${id})`)).status).toBe(204)
    expect((await patch(`accounts(${id})`, { name: 'C' })).status).toBe(204)
    const full = await patch(`accounts(${id})`, { name: 'D' }, representation)
    expect([full.status, full.json.name]).toEqual([200, 'D'])
    expect((await patch(`accounts(${randomUUID()})`, { name: 'E' }, representation)).status).toBe(201)
  })

  it('If-Match on a record that is there, and on one that is not', async () => {
    const account = await newAccount()
    const path = `accounts(${account.accountid})`
    const stale = { 'if-match': account['@odata.etag'] }
    expect((await patch(path, { name: '1' }, stale)).status).toBe(204)
    expect(refusalOf(await patch(path, { name: '2' }, stale))).toBe('412 0x80060882')
    expect((await patch(path, { name: '3' }, { 'if-match': '*' })).status).toBe(204)
    const missing = `accounts(${randomUUID()})`
    expect(refusalOf(await patch(missing, { name: '4' }, { 'if-match': '*' }))).toBe('404 0x80040217')
    expect(refusalOf(await patch(missing, { name: '5' }, stale))).toBe('404 0x80040217')
    expect(refusalOf(await call('DELETE', path, { headers: stale }))).toBe('412 0x80060882')
    expect((await call('DELETE', path)).status).toBe(204)
    expect(refusalOf(await call('DELETE', path))).toBe('404 0x80040217')
  })

  it('If-None-Match: * creates only', async () => {
    const path = `accounts(${randomUUID()})`
    const createOnly = { 'if-none-match': '*' }
    expect((await patch(path, { name: 'A' }, createOnly)).status).toBe(204)
    expect(refusalOf(await patch(path, { name: 'B' }, createOnly))).toBe('412 0x80040237')
    expect((await dataverse.get(`${path}?$select=name`)).json.name).toBe('A')
  })

  it('every write gives a new version (row 5)', async () => {
    const account = await newAccount()
    const again = await patch(`accounts(${account.accountid})`, { name: account.name }, representation)
    expect(again.json['@odata.etag']).not.toBe(account['@odata.etag'])
    expect(again.headers.get('etag')).toBe(again.json['@odata.etag'])
  })

  it('one property is written or emptied alone', async () => {
    const { accountid } = await newAccount({ description: 'text' })
    expect((await call('PUT', `accounts(${accountid})/name`, { body: { value: 'Put' } })).status).toBe(204)
    expect((await call('DELETE', `accounts(${accountid})/description`)).status).toBe(204)
    const { json } = await dataverse.get(`accounts(${accountid})?$select=name,description`)
    expect(json).toMatchObject({ name: 'Put', description: null })
  })
})

it('412 comes in three flavours (row 7)', async () => {
  const first = await newAccount({ accountnumber: 'FLAVOUR' })
  const path = `accounts(${first.accountid})`
  expect(refusalOf(await patch(path, {}, { 'if-match': 'W/"1"' }))).toBe('412 0x80060882')
  expect(refusalOf(await patch(path, {}, { 'if-none-match': '*' }))).toBe('412 0x80040237')
  expect(refusalOf(await post('accounts', { name: 'Second', accountnumber: 'flavour' }))).toBe(
    '412 0x80060892',
  )
})

describe('lookups (row 10)', () => {
  it('are bound by id, by alternate key, by absolute address, and emptied', async () => {
    const contact = (await post('contacts', { lastname: 'Bound' })).json
    const { accountid } = await newAccount({ accountnumber: 'BOUND' })
    const bind = async (value: string | null) => {
      const answer = await patch(
        `accounts(${accountid})`,
        { 'primarycontactid@odata.bind': value },
        representation,
      )
      return answer.json._primarycontactid_value
    }
    expect(await bind(`contacts(${contact.contactid})`)).toBe(contact.contactid)
    expect(await bind(null)).toBeNull()
    expect(await bind(`/contacts(${contact.contactid})`)).toBe(contact.contactid)
    expect(await bind(`${dataverse.root}/contacts(${contact.contactid})`)).toBe(contact.contactid)
    expect((await call('DELETE', `accounts(${accountid})/primarycontactid/$ref`)).status).toBe(204)
    const link = { body: { '@odata.id': `${dataverse.root}/contacts(${contact.contactid})` } }
    expect((await call('PUT', `accounts(${accountid})/primarycontactid/$ref`, link)).status).toBe(204)
    const child = await post('contacts', {
      lastname: 'Child',
      'parentcustomerid_account@odata.bind': "accounts(accountnumber='BOUND')",
    })
    expect(child.json._parentcustomerid_value).toBe(accountid)
  })

  it('with several targets go by one name for each', async () => {
    const parent = (await post('contacts', { lastname: 'Parent' })).json
    const bound = await post(
      'contacts',
      { lastname: 'Child', 'parentcustomerid_contact@odata.bind': `contacts(${parent.contactid})` },
      { prefer: 'return=representation,odata.include-annotations="*"' },
    )
    expect(bound.json['_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname']).toBe('contact')
    const wrong = { lastname: 'X', 'parentcustomerid_account@odata.bind': `contacts(${parent.contactid})` }
    expect(refusalOf(await post('contacts', wrong))).toBe('400 0x80048d19')
    const bare = { lastname: 'X', 'parentcustomerid@odata.bind': `contacts(${parent.contactid})` }
    expect(refusalOf(await post('contacts', bare))).toBe('400 0x80048d19')
  })

  it('owners are users or teams', async () => {
    const [team] = (await dataverse.get('teams?$select=name')).json.value
    const owned = await newAccount({ 'ownerid@odata.bind': `/teams(${team.teamid})` })
    expect(owned._ownerid_value).toBe(team.teamid)
  })

  it('to a record that is not there are refused, by the kind of the key', async () => {
    const by = (address: string) => post('accounts', { name: 'X', 'primarycontactid@odata.bind': address })
    expect(refusalOf(await by(`contacts(${randomUUID()})`))).toBe('404 0x80040217')
    expect(refusalOf(await by("contacts(firstname='No',emailaddress1='no@no.example')"))).toBe(
      '404 0x80060891',
    )
    expect(refusalOf(await by('nowhere(1)'))).toBe('400 0x80048d19')
    expect(refusalOf(await by('$7'))).toBe('400 0x80048d19')
  })

  it('are not written by their read property or as objects', async () => {
    const id = randomUUID()
    expect(refusalOf(await post('accounts', { name: 'X', _primarycontactid_value: id }))).toBe(
      '400 0x80048d19',
    )
    expect(refusalOf(await post('accounts', { name: 'X', primarycontactid: id }))).toBe('400 0x80048d19')
  })
})

describe('alternate keys (row 11)', () => {
  it('upsert: 201 or 200 with the row, 204 with the address as it was sent', async () => {
    const path = "accounts(accountnumber='UPSERT')"
    const created = await patch(path, { name: 'A' }, representation)
    expect([created.status, created.json.accountnumber]).toEqual([201, 'UPSERT'])
    const updated = await patch(path, { name: 'B', accountnumber: 'IGNORED' }, representation)
    expect([updated.status, updated.json.accountid, updated.json.accountnumber]).toEqual([
      200,
      created.json.accountid,
      'UPSERT',
    ])
    const bare = await patch(path, { name: 'C' })
    expect([bare.status, bare.headers.get('odata-entityid')]).toEqual([204, `${dataverse.root}/${path}`])
    const wins = await patch(
      "accounts(accountnumber='URL')",
      { name: 'D', accountnumber: 'BODY' },
      representation,
    )
    expect(wins.json.accountnumber).toBe('BODY')
  })

  it('of several parts, and with a lookup as a part', async () => {
    const key = "contacts(firstname='J',emailaddress1='j@x.example')"
    expect((await patch(key, { lastname: 'K' }, representation)).json).toMatchObject({
      firstname: 'J',
      emailaddress1: 'j@x.example',
    })
    expect((await dataverse.get(`${key}?$select=lastname`)).json.lastname).toBe('K')
    const [unit] = (await dataverse.get('uoms?$select=name,_uomscheduleid_value')).json.value
    const byLookup = await dataverse.get(
      `uoms(_uomscheduleid_value=${unit._uomscheduleid_value},name='${unit.name}')`,
    )
    expect(byLookup.json.uomid).toBe(unit.uomid)
  })

  it('unknown keys and values that cannot be addressed are refused', async () => {
    expect(refusalOf(await dataverse.get("accounts(name='x')"))).toBe('400 0x0')
    expect(refusalOf(await dataverse.get("contacts(firstname='x')"))).toBe('400 0x0')
    expect(refusalOf(await dataverse.get("accounts(accountnumber='A%2FB')"))).toBe('400 0x0')
    expect(refusalOf(await dataverse.get("accounts(accountnumber='NOBODY')"))).toBe('404 0x80060891')
  })

  it('of two requests that create one key at once, one is refused', async () => {
    const answers = await Promise.all(
      [1, 2].map((n) => post('accounts', { name: `Race ${n}`, accountnumber: 'RACE' })),
    )
    expect(answers.map(refusalOf).sort()).toEqual(['201 ', '412 0x80060892'])
  })
})

describe('bulk messages (row 12)', () => {
  const message = (set: string, name: string, targets: unknown[]) =>
    call('POST', `${set}/Microsoft.Dynamics.CRM.${name}`, { body: { Targets: targets } })
  const type = { '@odata.type': 'Microsoft.Dynamics.CRM.account' }

  it('create, update and upsert many records in one request', async () => {
    const made = await message('accounts', 'CreateMultiple', [
      { ...type, name: 'M1' },
      { ...type, name: 'M2' },
    ])
    expect([made.status, made.json.Ids.length]).toEqual([200, 2])
    const [first] = made.json.Ids
    expect(
      (await message('accounts', 'UpdateMultiple', [{ ...type, accountid: first, name: 'M1b' }])).status,
    ).toBe(204)
    const upsert = [
      { ...type, accountid: first, name: 'M1c' },
      { ...type, '@odata.id': "accounts(accountnumber='MULTI')", name: 'M3' },
    ]
    expect((await message('accounts', 'UpsertMultiple', upsert)).status).toBe(204)
    expect((await dataverse.get(`accounts(${first})?$select=name`)).json.name).toBe('M1c')
    expect((await dataverse.get("accounts(accountnumber='MULTI')?$select=name")).json.name).toBe('M3')
  })

  it('write all or nothing', async () => {
    const before = (await dataverse.get('accounts/$count')).text
    const bad = [
      { ...type, name: 'Good' },
      { ...type, name: 'x'.repeat(161) },
    ]
    expect(refusalOf(await message('accounts', 'CreateMultiple', bad))).toBe('400 0x80044331')
    expect((await dataverse.get('accounts/$count')).text).toBe(before)
  })

  it('want their type on each target, and no record twice', async () => {
    expect(refusalOf(await message('accounts', 'CreateMultiple', [{ name: 'No type' }]))).toBe(
      '400 0x80048d19',
    )
    const { accountid } = await newAccount()
    const twice = [
      { ...type, accountid, name: '1' },
      { ...type, accountid, name: '2' },
    ]
    expect(refusalOf(await message('accounts', 'UpdateMultiple', twice))).toBe('400 0x80048d19')
    const nowhere = [{ ...type, accountid: randomUUID(), name: '1' }]
    expect(refusalOf(await message('accounts', 'UpdateMultiple', nowhere))).toBe('404 0x80040217')
    expect(refusalOf(await message('accounts', 'UpsertMultiple', [{ ...type, name: '1' }]))).toBe(
      '400 0x80048d19',
    )
    expect(refusalOf(await message('accounts', 'CreateMultiple', []))).toBe('400 0x80048d19')
  })

  it('are not there for uom, productpricelevel and transactioncurrency', async () => {
    for (const set of ['uoms', 'productpricelevels', 'transactioncurrencies']) {
      expect((await message(set, 'CreateMultiple', [{}])).status).toBe(404)
    }
    const filter = (table: string) =>
      `sdkmessagefilters?$select=sdkmessagefilterid&$filter=sdkmessageid/name eq 'CreateMultiple' and primaryobjecttypecode eq '${table}'`
    expect((await dataverse.get(filter('product'))).json.value).toHaveLength(1)
    expect((await dataverse.get(filter('uom'))).json.value).toHaveLength(0)
  })
})
