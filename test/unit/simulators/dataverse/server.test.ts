import { afterEach, describe, expect, it } from 'vitest'
import { noLimits, realLimits } from '../../../../src/simulators/dataverse/throttle.ts'
import {
  application,
  type OpenDataverse,
  openDataverse,
  refusalOf,
  smallSize,
} from '../../../support/dataverse.ts'

let dataverse: OpenDataverse
const open = async (options: Parameters<typeof openDataverse>[0] = {}) => {
  dataverse = await openDataverse(options)
  return dataverse
}
afterEach(() => dataverse.close())

const tokenOf = (form: Record<string, string>) =>
  fetch(`${dataverse.simulator.url}/contoso/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: application.clientId,
      client_secret: application.clientSecret,
      scope: `${dataverse.simulator.url}/.default`,
      ...form,
    }),
  })

it('the token endpoint checks grant, secret and scope, and tells how long a token lasts (row 1)', async () => {
  await open({ tokenLifetimeMs: 6_000, scale: 10 })
  expect(await (await tokenOf({})).json()).toMatchObject({ token_type: 'Bearer', expires_in: 6 })
  const wrong = await tokenOf({ client_secret: 'wrong' })
  expect([wrong.status, await wrong.json()]).toMatchObject([400, { error: 'invalid_client' }])
  expect((await tokenOf({ grant_type: 'password' })).status).toBe(400)
  expect((await tokenOf({ scope: 'https://elsewhere.example/.default' })).status).toBe(400)
})

it('401 without a token, with an unknown and with an expired one; the next one works (row 2)', async () => {
  await open()
  expect((await dataverse.get('WhoAmI')).json.UserId).toBeTypeOf('string')
  const anonymous = { headers: { authorization: '' } }
  expect((await dataverse.call('GET', 'WhoAmI', anonymous)).status).toBe(401)
  expect((await dataverse.call('GET', 'WhoAmI', { headers: { authorization: 'Bearer x' } })).status).toBe(401)
  dataverse.simulator.time.advance(3_600_000)
  expect((await dataverse.get('WhoAmI')).status).toBe(401)
  await dataverse.signIn()
  expect((await dataverse.get('WhoAmI')).status).toBe(200)
  dataverse.inject({ kind: 'expire-tokens' })
  expect((await dataverse.get('WhoAmI')).status).toBe(401)
})

describe('throttling (row 14)', () => {
  const limits = { ...realLimits, requests: 10 }

  it('by requests: code, seconds to wait, more when it is ignored, and free again after it', async () => {
    await open({ limits, scale: 10 })
    for (let n = 0; n < 10; n += 1) expect((await dataverse.get('WhoAmI')).status).toBe(200)
    const refused = await dataverse.get('WhoAmI')
    expect(refusalOf(refused)).toBe('429 0x80072322')
    expect(refused.headers.get('retry-after')).toBe('30')
    dataverse.simulator.time.advance(10_000)
    const ignored = await dataverse.get('WhoAmI')
    expect(Number(ignored.headers.get('retry-after'))).toBe(30)
    dataverse.simulator.time.advance(30_000)
    expect((await dataverse.get('WhoAmI')).status).toBe(200)
  })

  it('tells what is left, and how many to send at once', async () => {
    await open({ limits })
    const { headers } = await dataverse.get('WhoAmI')
    expect(headers.get('x-ms-dop-hint')).toBe('25')
    expect(headers.get('x-ms-ratelimit-burst-remaining-xrm-requests')).toBe('9')
    expect(headers.get('x-ms-ratelimit-time-remaining-xrm-requests')).toBe('1200.00')
  })

  it('by execution time', async () => {
    let ms = 0
    const time = { now: () => new Date(0), monotonicMs: () => (ms += 40) }
    await open({ time, limits: { ...realLimits, executionMs: 300 } })
    const answers = []
    for (let n = 0; n < 10; n += 1) answers.push(refusalOf(await dataverse.get('WhoAmI')))
    expect(answers[0]).toBe('200 ')
    expect(answers.at(-1)).toBe('429 0x80072321')
  })

  it('by concurrent requests, which are free again as soon as one has ended', async () => {
    await open({
      limits: { ...realLimits, concurrent: 3 },
      serviceTime: { requestMs: 50, readMs: 0, writtenMs: 0 },
    })
    const answers = await Promise.all(Array.from({ length: 8 }, () => dataverse.get('WhoAmI')))
    const refusals = answers.map(refusalOf)
    expect(refusals.filter((each) => each === '200 ').length).toBeGreaterThanOrEqual(3)
    expect(refusals).toContain('429 0x80072326')
    expect((await dataverse.get('WhoAmI')).status).toBe(200)
  })

  it('each user for itself; without limits nobody', async () => {
    await open({ limits: noLimits })
    const answer = await dataverse.get('WhoAmI')
    expect([answer.status, answer.headers.get('x-ms-dop-hint')]).toEqual([200, null])
  })
})

describe('server faults (row 15)', () => {
  it.each([500, 502, 503])('%i with and without Retry-After', async (status) => {
    await open()
    dataverse.inject({ kind: 'status', status, retryAfter: 5 })
    dataverse.inject({ kind: 'status', status })
    const [first, second] = [await dataverse.get('WhoAmI'), await dataverse.get('WhoAmI')]
    expect([first.status, first.headers.get('retry-after')]).toEqual([status, '5'])
    expect([second.status, second.headers.get('retry-after')]).toEqual([status, null])
  })

  it('a page of HTML, no body, half a body', async () => {
    await open()
    dataverse.inject({ kind: 'html' })
    dataverse.inject({ kind: 'empty' })
    dataverse.inject({ kind: 'truncated' })
    expect((await dataverse.get('accounts')).text).toContain('<html>')
    expect((await dataverse.get('accounts')).text).toBe('')
    await expect(dataverse.get('accounts')).rejects.toThrow(SyntaxError)
  })
})

describe('connection faults (row 16)', () => {
  const countAccounts = async () => Number((await dataverse.get('accounts/$count')).text)

  it.each([
    ['before', 0],
    ['after', 1],
  ])('cut %s a create: %i records more', async (when, more) => {
    await open()
    const before = await countAccounts()
    dataverse.inject({ kind: 'reset', when, match: { method: 'POST' } })
    await expect(dataverse.call('POST', 'accounts', { body: { name: 'A' } })).rejects.toThrow()
    expect(await countAccounts()).toBe(before + more)
  })

  it.each([true, false])('cut in the middle of a page (chunked: %s)', async (chunked) => {
    await open()
    dataverse.inject({ kind: 'reset', when: 'middle', chunked })
    await expect(dataverse.get('accounts')).rejects.toThrow('terminated')
  })

  it('a slow first byte, and a connection closed after an answer', async () => {
    await open()
    dataverse.inject({ kind: 'slow-first-byte', ms: 1 })
    dataverse.inject({ kind: 'close-idle' })
    for (let n = 0; n < 3; n += 1) expect((await dataverse.get('WhoAmI')).status).toBe(200)
  })
})

it('records who asked for what, how many at once, and what the answer was (row 22)', async () => {
  await open({ serviceTime: { requestMs: 20, readMs: 0, writtenMs: 0 } })
  await Promise.all([dataverse.get('WhoAmI'), dataverse.get('WhoAmI'), dataverse.get('nowhere')])
  const requests = await dataverse.admin('requests')
  expect(requests).toMatchObject([
    { method: 'POST', user: null, status: 200 },
    { method: 'GET', user: 'app-1', url: '/api/data/v9.2/WhoAmI' },
    { method: 'GET', user: 'app-1' },
    { method: 'GET', user: 'app-1', url: expect.stringContaining('nowhere') },
  ])
  expect((await dataverse.admin('counters')).mostAtOnceByUser['app-1']).toBeGreaterThan(1)
})

it('a clock that is wrong shows in what is written, and nowhere else', async () => {
  await open()
  await dataverse.admin('clock', { skewMs: -3_600_000 })
  const made = await dataverse.call('POST', 'accounts', {
    body: { name: 'A' },
    headers: { prefer: 'return=representation' },
  })
  expect(made.json.modifiedon).toBe('2024-06-01T11:00:00Z')
})

it('a million customers take no memory until they are touched, and pages are read wherever they lie', async () => {
  await open({
    size: { customers: 1_000_000, vendors: 50_000, contacts: 1_600_000, items: 800_000, resources: 60_000 },
  })
  const number = 'C500000'
  const middle = await dataverse.get(
    `accounts(accountnumber='${number}')?$select=name,accountnumber,versionnumber`,
  )
  expect(middle.json.accountnumber).toBe(number)
  const contacts = await dataverse.get(
    `contacts?$select=fullname&$filter=_parentcustomerid_value eq ${middle.json.accountid}`,
  )
  expect(contacts.json.value.length).toBeGreaterThan(0)
  const page = await dataverse.get(
    'accounts?$select=name&$filter=modifiedon ge 2024-01-03T20:00:00Z&$orderby=modifiedon,accountid',
    'odata.maxpagesize=100',
  )
  expect(page.json.value).toHaveLength(100)
  await dataverse.call('PATCH', `accounts(${middle.json.accountid})`, { body: { name: 'Touched' } })
  const tables = await dataverse.admin('tables')
  const account = tables.find((table: { name: string }) => table.name === 'account')
  expect(account).toEqual({ name: 'account', records: 1_050_000, kept: 1 })
  expect(tables.reduce((sum: number, table: { kept: number }) => sum + table.kept, 0)).toBeLessThan(100)
})

it('the records pair with those of the ERP: numbers, names, owners, units', async () => {
  await open()
  const { json } = await dataverse.get(
    "accounts(accountnumber='C00001')?$select=name&$expand=ownerid($select=fullname),primarycontactid($select=fullname)",
  )
  expect(json.ownerid.fullname).toBeTypeOf('string')
  expect(json.primarycontactid.fullname).toBeTypeOf('string')
  const item = await dataverse.get(
    "products(productnumber='1000')?$select=producttypecode&$expand=defaultuomid($select=name)",
  )
  expect(item.json.defaultuomid.name).toBeTypeOf('string')
  const resource = await dataverse.get("products(productnumber='R00001')?$select=producttypecode")
  expect(resource.json.producttypecode).toBe(3)
  expect((await dataverse.get('accounts?$filter=customertypecode eq 11')).json.value).toHaveLength(
    smallSize.vendors,
  )
})
