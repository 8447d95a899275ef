import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type OpenDataverse,
  openDataverse,
  readAll,
  refusalOf,
  smallSize,
} from '../../../support/dataverse.ts'

let dataverse: OpenDataverse
const accounts = smallSize.customers + smallSize.vendors
beforeAll(async () => {
  dataverse = await openDataverse()
})
afterAll(() => dataverse.close())

const get = (path: string, prefer?: string) => dataverse.get(path, prefer)

describe('paging (row 3)', () => {
  it('gives the page size that is asked for, and an absolute link to the next page', async () => {
    const { pages, records } = await readAll(dataverse, 'accounts?$select=name', 'odata.maxpagesize=10')
    expect(pages.map((page) => page.json.value.length)).toEqual([10, 10, 10, 10, 4])
    expect(new Set(records.map((record) => record.accountid)).size).toBe(accounts)
    expect(pages[0]?.headers.get('preference-applied')).toBe('odata.maxpagesize=10')
    expect(pages[0]?.json['@odata.nextLink']).toContain(
      `${dataverse.root}/accounts?$select=name&$skiptoken=%3Ccookie`,
    )
    expect(pages[0]?.json['@odata.context']).toBe(`${dataverse.root}/$metadata#accounts(name)`)
  })

  it('forgets the page size when a later request does not repeat it', async () => {
    const first = await get('accounts?$select=name', 'odata.maxpagesize=10')
    const second = await get(first.json['@odata.nextLink'])
    expect(second.json.value).toHaveLength(accounts - 10)
    expect(second.headers.get('preference-applied')).toBeNull()
  })

  it('ignores $top beside a page size, and refuses $skip and a made-up link', async () => {
    expect((await get('accounts?$top=3')).json.value).toHaveLength(3)
    const both = await get('accounts?$top=3', 'odata.maxpagesize=10')
    expect(both.json.value).toHaveLength(10)
    expect(both.json['@odata.nextLink']).toBeDefined()
    expect(refusalOf(await get('accounts?$skip=3'))).toBe('400 0x0')
    expect(refusalOf(await get('accounts?$skiptoken=made-up'))).toBe('400 0x0')
  })

  it('never gives more than 5,000 records, and counts no further', async () => {
    const large = await openDataverse({ size: { ...smallSize, customers: 6_000 } })
    const page = await large.get('accounts?$select=accountid&$count=true', 'odata.maxpagesize=20000')
    expect(page.json.value).toHaveLength(5_000)
    expect(page.json['@odata.count']).toBe(5_000)
    expect((await large.get('accounts/$count')).text).toBe('5000')
    await large.close()
  })

  it.each(['modifiedon,accountid', 'versionnumber', 'accountid', 'name desc,accountid', 'creditlimit,name'])(
    'pages by %s without losing or repeating a record',
    async (order) => {
      const { records } = await readAll(
        dataverse,
        `accounts?$select=name&$orderby=${order}`,
        'odata.maxpagesize=7',
      )
      expect(records).toHaveLength(accounts)
      expect(new Set(records.map((record) => record.accountid)).size).toBe(accounts)
    },
  )
})

it('rows that change while they are paged: none that stays is lost (row 4)', async () => {
  const own = await openDataverse()
  const [first, , , , fifth] = (await own.get('accounts?$select=name')).json.value
  own.inject({
    kind: 'edit',
    match: { url: 'skiptoken' },
    edits: [
      { action: 'insert', table: 'account', values: { name: 'Inserted between pages' } },
      { action: 'patch', table: 'account', key: first.accountid, values: { name: 'Changed between pages' } },
      { action: 'delete', table: 'account', key: fifth.accountid },
    ],
  })
  const { records } = await readAll(own, 'accounts?$select=name&$orderby=accountid', 'odata.maxpagesize=3')
  const ids = records.map((record) => record.accountid)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.length).toBeGreaterThanOrEqual(accounts - 1)
  expect(ids).not.toContain(fifth.accountid)
  await own.close()
})

describe('filters', () => {
  it('by key, by several keys, by the function In, by an alternate key', async () => {
    const [a, b] = (await get('accounts?$select=accountnumber&$top=2')).json.value
    const ids = [a.accountid, b.accountid]
    const either = `accountid eq ${ids[0]} or accountid eq ${ids[1]}`
    const inIds = `Microsoft.Dynamics.CRM.In(PropertyName='accountid',PropertyValues=${JSON.stringify(ids)})`
    for (const filter of [either, inIds]) {
      const found = await get(`accounts?$select=name&$filter=${encodeURIComponent(filter)}`)
      expect(found.json.value.map((each: { accountid: string }) => each.accountid).sort()).toEqual(
        [...ids].sort(),
      )
    }
    const byNumber = await get(
      `accounts?$select=name&$filter=accountnumber eq '${a.accountnumber.toLowerCase()}'`,
    )
    expect(byNumber.json.value).toMatchObject([{ accountid: a.accountid }])
  })

  it('by lookups: their value, and the path to the record behind', async () => {
    const [account] = (await get('accounts?$top=1&$expand=primarycontactid($select=fullname)')).json.value
    const { contactid, fullname } = account.primarycontactid
    const byValue = await get(`accounts?$select=name&$filter=_primarycontactid_value eq ${contactid}`)
    const byPath = await get(
      `accounts?$select=name&$filter=primarycontactid/fullname eq '${fullname.replaceAll("'", "''")}' and _ownerid_value ne null`,
    )
    const persons = await get(
      'contacts?$select=fullname&$filter=parentcustomerid_account/accountnumber ne null',
    )
    expect(byValue.json.value).toMatchObject([{ accountid: account.accountid }])
    expect(byPath.json.value.map((each: { accountid: string }) => each.accountid)).toContain(
      account.accountid,
    )
    expect(persons.json.value).toHaveLength(smallSize.contacts)
  })

  it('by time and version, from a second on', async () => {
    const all = (await get('accounts?$select=modifiedon,versionnumber&$orderby=modifiedon')).json.value
    const { modifiedon } = all[20]
    const later = await get(
      `accounts?$select=name&$filter=modifiedon ge ${modifiedon}&$orderby=modifiedon,accountid`,
    )
    const expected = all.filter((each: { modifiedon: string }) => each.modifiedon >= modifiedon)
    expect(later.json.value).toHaveLength(expected.length)
  })

  it('refuses what Dataverse does not know', async () => {
    expect(refusalOf(await get("accounts?$filter=nothing eq 'x'"))).toBe('400 0x0')
    expect(refusalOf(await get("accounts?$filter=name in ('a','b')"))).toBe('400 0x0')
    expect(refusalOf(await get('accounts?$filter=name eq 5'))).toBe('400 0x0')
    expect(refusalOf(await get('accounts?$select=nothing'))).toBe('400 0x0')
    expect(refusalOf(await get('Accounts'))).toBe('404 0x8006088a')
  })
})

it('several records have the same second, and one may come to light late with an older version (row 9)', async () => {
  const own = await openDataverse()
  const rows = (await own.get('accounts?$select=modifiedon')).json.value as { modifiedon: string }[]
  expect(rows[0]?.modifiedon).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  expect(new Set(rows.map((row) => row.modifiedon)).size).toBeLessThan(rows.length / 2)

  await own.admin('hold', [{ action: 'insert', table: 'account', values: { name: 'Late' } }])
  own.simulator.time.advance(60_000)
  await own.call('POST', 'accounts', { body: { name: 'Early' } })
  const seen = async () =>
    (
      await own.get(
        "accounts?$select=name,versionnumber,modifiedon&$filter=name eq 'Late' or name eq 'Early'",
      )
    ).json.value
  expect(await seen()).toHaveLength(1)
  await own.admin('release', {})
  const both = await seen()
  const late = both.find((row: { name: string }) => row.name === 'Late')
  const early = both.find((row: { name: string }) => row.name === 'Early')
  expect(late.modifiedon < early.modifiedon).toBe(true)
  expect(late['@odata.etag'] < early['@odata.etag']).toBe(true)
  await own.close()
})

it('money has four decimals, dates are dates, versions are beyond floats, names hold any sign (row 21)', async () => {
  const name = `O'Neill & "Søn" + 100% / ☕🎈`
  const body = `{"name":${JSON.stringify(name)},"creditlimit":99999999999.1234}`
  const made = await dataverse.call('POST', 'accounts', {
    body,
    headers: { prefer: 'return=representation' },
  })
  expect(made.text).toContain('"creditlimit":99999999999.1234')
  const version = /"versionnumber":(\d+)/.exec(made.text)?.[1] ?? '0'
  expect(BigInt(version)).toBeGreaterThan(2n ** 53n)
  expect(made.json['@odata.etag']).toBe(`W/"${version}"`)
  const found = await get(
    `accounts?$select=name&$filter=name eq '${encodeURIComponent(name.replaceAll("'", "''"))}'`,
  )
  expect(found.json.value).toMatchObject([{ name }])
  const contact = { lastname: 'Born', birthdate: '1990-02-28' }
  const born = await dataverse.call('POST', 'contacts', {
    body: contact,
    headers: { prefer: 'return=representation' },
  })
  expect(born.json.birthdate).toBe('1990-02-28')
  const products = await get('products?$select=price,quantityonhand&$top=1')
  expect(products.text).toMatch(/"price":\d+\.\d{4},"quantityonhand":\d+\.\d{5}/)
})

it('annotations come when they are asked for: labels, tables and navigation properties of lookups', async () => {
  const all = await get(
    'contacts?$select=statecode,_parentcustomerid_value,_ownerid_value&$top=1',
    'odata.include-annotations="*"',
  )
  const [contact] = all.json.value
  expect(contact['statecode@OData.Community.Display.V1.FormattedValue']).toBe('Active')
  expect(contact['_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname']).toBe('account')
  expect(contact['_parentcustomerid_value@Microsoft.Dynamics.CRM.associatednavigationproperty']).toBe(
    'parentcustomerid_account',
  )
  expect(contact['_ownerid_value@OData.Community.Display.V1.FormattedValue']).toBeTypeOf('string')
  const labels = await get(
    'contacts?$select=statecode&$top=1',
    'odata.include-annotations="OData.Community.Display.V1.FormattedValue"',
  )
  expect(Object.keys(labels.json.value[0])).toHaveLength(4)
})

it('selecting money brings its currency, and the key is always there', async () => {
  const [account] = (await get('accounts?$select=creditlimit&$top=1')).json.value
  expect(Object.keys(account)).toEqual([
    '@odata.etag',
    'creditlimit',
    '_transactioncurrencyid_value',
    'accountid',
  ])
})

describe('one record', () => {
  it('is read by id, by alternate key, and property by property', async () => {
    const [account] = (await get('accounts?$select=name,accountnumber,_ownerid_value&$top=1')).json.value
    const byKey = await get(`accounts(accountnumber='${account.accountnumber}')?$select=name`)
    expect(byKey.json).toMatchObject({ accountid: account.accountid, name: account.name })
    const id = `accounts(${account.accountid})`
    expect((await get(`${id}/name`)).json.value).toBe(account.name)
    expect((await get(`${id}/name/$value`)).text).toBe(account.name)
    expect((await get(`${id}/ownerid/$ref`)).json['@odata.id']).toContain(
      `systemusers(${account._ownerid_value})`,
    )
    expect((await get(`${id}/description`)).status).toBe(204)
    expect(refusalOf(await get('accounts(00000000-0000-4000-8000-00000000000f)'))).toBe('404 0x80040217')
    expect(refusalOf(await get(`accounts(name='x')`))).toBe('400 0x0')
  })

  it('is not sent again to a client that has its version, unless it wants more (row 5)', async () => {
    const [account] = (await get('accounts?$select=name&$top=1')).json.value
    const known = { 'if-none-match': account['@odata.etag'] }
    const path = `accounts(${account.accountid})?$select=name`
    expect((await dataverse.call('GET', path, { headers: known })).status).toBe(304)
    const more = { ...known, prefer: 'odata.include-annotations="*"' }
    expect((await dataverse.call('GET', path, { headers: more })).status).toBe(200)
    const expanded = `${path}&$expand=primarycontactid($select=fullname)`
    expect((await dataverse.call('GET', expanded, { headers: known })).status).toBe(200)
  })
})
