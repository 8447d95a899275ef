import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningBusinessCentral } from '../../../../src/simulators/business-central/simulator.ts'
import { type Answer, type Client, signIn, startCronus } from '../../../support/business-central.ts'

let server: RunningBusinessCentral
let client: Client

beforeAll(async () => {
  server = await startCronus()
  client = await signIn(server)
})
afterAll(() => server.close())

const numbers = ({ json }: Answer): string[] => json.value.map((row: { number: string }) => row.number)

/** All rows of a set, page by page, as links lead. */
async function readAll(path: string, size: number, onPage: (page: number) => Promise<void> = async () => {}) {
  const headers = { prefer: `odata.maxpagesize=${size}` }
  const rows: { id: string; number: string }[] = []
  let [next, page] = [path, 0]
  while (next !== '') {
    const { json } = await client.company(next, { headers })
    rows.push(...json.value)
    page += 1
    await onPage(page)
    next = json['@odata.nextLink'] ?? ''
  }
  return rows
}

describe('connectors.md C.3: pages', () => {
  it('have the preferred size, say so, and lead on by an absolute link with the id of the last row', async () => {
    const answer = await client.company('customers?$select=id,number', {
      headers: { prefer: 'odata.maxpagesize=25' },
    })
    expect(answer.json.value).toHaveLength(25)
    expect(answer.headers.get('preference-applied')).toBe('odata.maxpagesize=25')
    const link = answer.json['@odata.nextLink']
    expect(link).toBe(
      `${server.onlineUrl}/api/v2.0/companies(${server.companies[0]?.id})/customers?$select=id,number&aid=FIN&$skiptoken=${answer.json.value[24].id}`,
    )
    expect(await readAll('customers?$select=id,number', 25)).toHaveLength(60)
  })

  it('above the maximum a preferred size has no effect, and without one 20,000 rows are a page', async () => {
    const answer = await client.company('customers', { headers: { prefer: 'odata.maxpagesize=20001' } })
    expect(answer.json.value).toHaveLength(60)
    expect(answer.headers.get('preference-applied')).toBeNull()
    expect(answer.json['@odata.nextLink']).toBeUndefined()
  })

  it('$top is the remainder in the link, and the last page has no link', async () => {
    const headers = { prefer: 'odata.maxpagesize=20' }
    const first = await client.company('customers?$top=45&$select=number', { headers })
    expect(first.json['@odata.nextLink']).toContain('$top=25&')
    const second = await client.company(first.json['@odata.nextLink'], { headers })
    const third = await client.company(second.json['@odata.nextLink'], { headers })
    expect([second, third].map((each) => each.json.value.length)).toEqual([20, 5])
    expect(third.json['@odata.nextLink']).toBeUndefined()
  })

  it('come in any order that is asked for', async () => {
    const byName = await client.company('customers?$orderby=displayName desc&$select=displayName')
    const names = byName.json.value.map((row: { displayName: string }) => row.displayName)
    expect(names).toEqual([...names].sort().reverse())
    const rows = await readAll('customers?$orderby=city,number desc', 7)
    const one = await client.company('customers?$orderby=city,number desc')
    expect(rows.map((row) => row.number)).toEqual(numbers(one))
    // Many share a city: between them the id decides.
    const byCity = await readAll('customers?$orderby=city desc', 7)
    expect(new Set(byCity.map((row) => row.id)).size).toBe(60)
    expect(byCity).toHaveLength(60)
  })

  it('the remaining size is forgotten when the preference is missing on a later page', async () => {
    const first = await client.company('customers', { headers: { prefer: 'odata.maxpagesize=10' } })
    expect((await client.company(first.json['@odata.nextLink'])).json.value).toHaveLength(50)
  })
})

describe('connectors.md C.4: rows that change between pages', () => {
  it('no row is lost or comes twice when rows are inserted, changed and deleted meanwhile', async () => {
    const own = await startCronus()
    client = await signIn(own)
    const before = await readAll('customers?$select=id,number&$orderby=id', 60)
    const doomed = before[40]
    const seen = await readAll('customers?$select=id,number&$orderby=id', 10, async (page) => {
      if (page === 1) await client.company('customers', { body: { displayName: 'Late' } })
      if (page === 2) {
        const body = { displayName: 'Edited' }
        await client.company(`customers(${before[5]?.id})`, {
          method: 'PATCH',
          body,
          headers: { 'if-match': '*' },
        })
      }
      if (page === 3) await client.admin(`tables/customer/${doomed?.number}`, { method: 'DELETE' })
    })
    const counted = seen.filter((row) => row.number !== 'C00061')
    expect(counted.map((row) => row.id)).toEqual(
      before.filter((row) => row.id !== doomed?.id).map((row) => row.id),
    )
    await own.close()
    client = await signIn(server)
  })
})

describe('filters (connectors.md B.3)', () => {
  it.each([
    ["number eq 'c00007'", ['C00007']],
    ["number eq 'C00007' or number eq 'C00009'", ['C00007', 'C00009']],
    ["city eq 'Oslo' and contains(displayName,'no such text')", []],
    ["blocked eq 'All'", ['C00020']],
    ["displayName eq 'andersen furniture a/s'", []],
    ["displayName eq 'Andersen Furniture A/S'", ['C00001']],
    ['id eq 0000006e-0000-4000-806e-000000000000', ['C00001']],
    ["customers/any(c: c/number eq 'x') and number eq 'C00001'", ['C00001']],
    ['lastModifiedDateTime gt 2024-01-01T00:00:14.5Z', ['C00060']],
    ["creditLimit gt 0 and number le 'C00001'", ['C00001']],
  ])('%s', async (filter, expected) => {
    const answer = await client.company(`customers?$filter=${encodeURIComponent(filter)}`)
    expect(numbers(answer)).toEqual(expected)
  })

  it('by time of change, in its order, they go on behind the last row', async () => {
    const path =
      'customers?$filter=lastModifiedDateTime ge 2024-01-01T00:00:10Z&$orderby=lastModifiedDateTime,id'
    const rows = await readAll(path, 6)
    expect(rows.map((row) => row.number)).toEqual(numbers(await client.company(path)))
    expect(rows).toHaveLength(20)
  })

  it.each([
    ["displayName eq 'a' or city eq 'b'", "The 'OR' operator is not supported on distinct fields"],
    ["blocked eq ' '", 'blank option'],
    ["blocked eq '_x0020_'", 'blank option'],
    ["blocked eq 'Nonsense'", 'The existing options are:  ,Ship,Invoice,All'],
    ["nothing eq 'a'", "Could not find a property named 'nothing'"],
    ['email eq null', 'null'],
    ["number in ('C00001')", 'Syntax error'],
  ])('%s is refused', async (filter, message) => {
    const answer = await client.company(`customers?$filter=${encodeURIComponent(filter)}`)
    expect(answer.status).toBe(400)
    expect(answer.json.error.message).toContain(message)
    expect(answer.json.error.message).toMatch(/ {2}CorrelationId: {2}[0-9a-f-]{36}\.$/)
  })

  it('$count gives a number as text, and $count=true one beside the rows', async () => {
    expect((await client.company("customers/$count?$filter=city eq 'Oslo'")).text).toBe('5')
    expect((await client.company('customers?$count=true&$top=1')).json['@odata.count']).toBe(60)
  })
})

describe('what an answer holds', () => {
  it('only the selected columns and the version, and records behind ids and lines when they are asked for', async () => {
    const path =
      'salesOrders?$top=2&$select=number&$expand=customer($select=number),salesOrderLines($select=sequence;$filter=sequence gt 10000),currency'
    const [first, second] = (await client.company(path)).json.value
    expect(Object.keys(first)).toEqual(['@odata.etag', 'number', 'customer', 'salesOrderLines', 'currency'])
    expect(first.customer.number).toBe('C00001')
    expect(second.salesOrderLines.map((line: { sequence: number }) => line.sequence)).toEqual([20_000])
  })

  it('lines stand below their order only', async () => {
    const orders = await client.company('salesOrders?$top=1')
    const { id } = orders.json.value[0]
    const lines = await client.company(`salesOrders(${id})/salesOrderLines`)
    expect(lines.json.value).toHaveLength(2)
    expect(lines.json.value[0]['documentId']).toBe(id)
    const flat = await client.company('salesOrderLines')
    expect([flat.status, flat.json.error.message]).toEqual([
      400,
      expect.stringContaining('You must specify a parent ID'),
    ])
  })

  it('connectors.md C.17, B.11: blanks are values, options are escaped, times have milliseconds', async () => {
    const [customer] = (await client.company('customers?$top=1&$skip=1')).json.value
    expect(customer).toMatchObject({
      blocked: '_x0020_',
      currencyCode: '',
      currencyId: '00000000-0000-0000-0000-000000000000',
      lastModifiedDateTime: '2024-01-01T00:00:00.25Z',
    })
    const [opportunity] = (await client.company('opportunities?$top=1')).json.value
    expect(opportunity).toMatchObject({ status: 'Not_x0020_Started', dateClosed: '0001-01-01' })
  })

  it('connectors.md C.8: change tracking is not known: the preference is ignored and there is no link', async () => {
    const answer = await client.company('customers?$top=1', { headers: { prefer: 'odata.track-changes' } })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('preference-applied')).toBeNull()
    expect(answer.text).not.toContain('deltaLink')
  })
})

describe('addresses (connectors.md B.1, B.10, C.21)', () => {
  it('companies by id, by query and by header; the first one when none is named', async () => {
    const [, other] = server.companies
    const { json } = await client.api('companies')
    expect(json.value.map((each: { name: string }) => each.name)).toEqual([
      'CRONUS International Ltd.',
      `O'Neill & Søn "Møbler" 100%`,
    ])
    const byQuery = await client.api(`customers/$count?company=${other?.id}`)
    const byHeader = await client.api('customers/$count', { headers: { company: other?.id ?? '' } })
    expect([byQuery.text, byHeader.text]).toEqual(['60', '60'])
    expect((await client.api('items?$top=1')).status).toBe(200)
    const none = await client.api('companies(00000000-0000-4000-8000-00000000abcd)/items')
    expect([none.status, none.json.error.code]).toEqual([404, 'Internal_CompanyNotFound'])
  })

  it('a company name with quotes and signs stands in the URL of its pages', async () => {
    const name = encodeURIComponent(`O''Neill & Søn "Møbler" 100%`)
    const answer = await client.pages(`${server.onPremisesUrl}/ODataV4/Company('${name}')/Customer?$top=1`)
    expect(answer.status).toBe(200)
    expect(answer.json.value[0].No).toBe('C00001')
  })

  it('pages have names of their own and tell the day of the last change only', async () => {
    const answer = await client.pages("Customer('C00001')")
    expect(answer.json).toMatchObject({
      No: 'C00001',
      Country_Region_Code: 'DK',
      Credit_Limit_LCY: 182_000,
      Blocked: '_x0020_',
      Last_Date_Modified: '2024-01-01',
    })
    expect(answer.json).not.toHaveProperty('id')
    const named = await client.pages("SalesOrder(Document_Type='Order',No='S-ORD000001')")
    expect(named.text).toContain('"Sell_to_Customer_No":"C00001"')
    const day = await client.pages("Customer?$filter=Last_Date_Modified ge 2024-01-01 and No eq 'C00002'")
    expect(day.json.value).toHaveLength(1)
  })

  it('the custom API has what v2.0 has not', async () => {
    for (const set of ['resources', 'shippingAgents', 'currencyExchangeRates', 'vendors']) {
      expect((await client.custom(`${set}?$top=1`)).json.value, set).toHaveLength(1)
    }
    expect((await client.company('resources')).status).toBe(404)
  })

  it.each(['standard', 'custom', 'pages'] as const)(
    'the metadata of %s describe every set',
    async (service) => {
      const roots = {
        standard: `${server.onlineUrl}/api/v2.0`,
        custom: `${server.onlineUrl}/api/couplet/sync/v1.0`,
        pages: `${server.onPremisesUrl}/ODataV4`,
      }
      const send = service === 'pages' ? client.pages : client.api
      const { text, headers } = await send(`${roots[service]}/$metadata`)
      expect(headers.get('content-type')).toBe('application/xml')
      const { json } = await send(roots[service])
      for (const { name } of json.value) expect(text).toContain(`<EntitySet Name="${name}"`)
      expect(text).toContain(
        service === 'pages'
          ? '<Property Name="No" Type="Edm.String" MaxLength="20" Nullable="false">'
          : '<Property Name="number" Type="Edm.String" MaxLength="20">',
      )
    },
  )

  it.each([
    'nothing',
    'customers(1)',
    'customers(00000000-0000-4000-8000-00000000abcd)',
    'customers?$search=x',
  ])('%s is refused', async (path) => {
    expect((await client.company(path)).status).toBeGreaterThanOrEqual(400)
  })
})
