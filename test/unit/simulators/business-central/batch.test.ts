import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RunningBusinessCentral } from '../../../../src/simulators/business-central/simulator.ts'
import { type Answer, type Client, signIn, startCronus } from '../../../support/business-central.ts'

let server: RunningBusinessCentral
let client: Client
let company: string

beforeAll(async () => {
  server = await startCronus()
  client = await signIn(server)
  company = `companies(${server.companies[0]?.id})`
})
beforeEach(async () => {
  await client.admin('reset', { method: 'POST' })
})
afterAll(() => server.close())

const json = (requests: readonly unknown[], headers: Readonly<Record<string, string>> = {}) =>
  client.api('$batch', { body: { requests }, headers })
const create = (id: string, body: unknown) => ({ id, method: 'POST', url: `${company}/vendors`, body })
const responses = ({ json: { responses } }: Answer): { id: string; status: number }[] => responses
const statuses = (answer: Answer): number[] => responses(answer).map(({ status }) => status)
const vendors = async (): Promise<string> => (await client.company('vendors/$count')).text

const good = { displayName: 'Good' }
const bad = { displayName: '' }

describe('connectors.md C.13: JSON batches', () => {
  it('answer every request by its id, and stop behind the first failure', async () => {
    const answer = await json([create('a', good), create('b', bad), create('c', good)])
    expect(answer.status).toBe(200)
    expect(responses(answer).map(({ id, status }) => [id, status])).toEqual([
      ['a', 201],
      ['b', 400],
    ])
    expect(await vendors()).toBe('4')
  })

  it('go on behind a failure when asked to', async () => {
    const headers = { prefer: 'odata.continue-on-error' }
    const answer = await json([create('a', good), create('b', bad), create('c', good)], headers)
    expect(statuses(answer)).toEqual([201, 400, 201])
    expect(await vendors()).toBe('5')
  })

  it('with Isolation: snapshot the answers before the failure say 201 although nothing was written', async () => {
    const headers = { isolation: 'snapshot' }
    const answer = await json([create('a', good), create('b', bad), create('c', good)], headers)
    expect(statuses(answer)).toEqual([201, 400])
    const [lying] = answer.json.responses
    expect(lying.body.displayName).toBe('Good')
    expect(await vendors()).toBe('3')
    expect((await client.company(`vendors(${lying.body.id})`)).status).toBe(404)
    expect(statuses(await json([create('a', bad), create('b', good)], headers))).toEqual([400])
    expect(statuses(await json([create('a', good), create('b', good)], headers))).toEqual([201, 201])
    expect(await vendors()).toBe('5')
  })

  it('what a failed transaction has changed is as before, its side effects included', async () => {
    const [customer] = (await client.custom('customers?$top=1')).json.value
    const url = `${company}/customers(${customer.id})`
    const change = { method: 'PATCH', url, headers: { 'If-Match': '*' }, body: { displayName: 'Never' } }
    await json([{ id: '1', ...change }, create('2', bad)], { isolation: 'snapshot' })
    const [after] = (await client.custom('customers?$top=1')).json.value
    expect(after).toEqual(customer)
    const contacts = await client.custom(`contacts?$filter=number eq '${customer.companyContactNumber}'`)
    expect(contacts.json.value[0].displayName).toBe(customer.displayName)
  })

  it('each request needs its own precondition, and reads see what was written before', async () => {
    const url = `${company}/paymentTerms`
    const answer = await json([
      { id: '1', method: 'POST', url, body: { code: 'NEW' } },
      { id: '2', method: 'GET', url: `${url}?$filter=code eq 'NEW'` },
      { id: '3', method: 'PATCH', url: `${url}(00000000-0000-4000-8000-00000000abcd)`, body: {} },
    ])
    expect(statuses(answer)).toEqual([201, 200, 404])
    expect(answer.json.responses[1].body.value).toHaveLength(1)
  })

  it('numbers keep all their digits', async () => {
    const body = `{"requests":[{"id":"1","method":"POST","url":"${company}/customers","body":{"displayName":"Rich","creditLimit":922337203685477.5807}}]}`
    const answer = await client.api('$batch', { body })
    expect(answer.text).toContain('"creditLimit":922337203685477.5807')
  })

  it('100 requests are the most', async () => {
    const reads = (count: number) =>
      Array.from({ length: count }, (_, id) => ({ id: `${id}`, method: 'GET', url: `${company}/currencies` }))
    expect(statuses(await json(reads(100)))).toHaveLength(100)
    const refused = await json(reads(101))
    expect([refused.status, refused.json.error.message]).toEqual([
      500,
      expect.stringContaining("A maximum number of '100' query operations"),
    ])
  })

  it('a fault can hit one request of a batch', async () => {
    await client.admin('faults', {
      body: { kind: 'status', status: 429, skip: 1, match: { part: true } },
    })
    const headers = { prefer: 'odata.continue-on-error' }
    const answer = await json([create('a', good), create('b', good), create('c', good)], headers)
    expect(statuses(answer)).toEqual([201, 429, 201])
  })

  it('the company can stand in a header of the request', async () => {
    const [, other] = server.companies
    const answer = await json([
      { id: '1', method: 'GET', url: 'customers?$top=1', headers: { Company: other?.name } },
    ])
    expect(answer.json.responses[0].body['@odata.context']).toContain(other?.id)
  })
})

describe('connectors.md C.13: multipart batches', () => {
  const lines = (...texts: string[]): string => texts.join('\r\n')
  const part = (id: string, name: string): string =>
    lines(
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      `Content-ID: ${id}`,
      '',
      `POST ${company}/vendors HTTP/1.1`,
      'Content-Type: application/json',
      '',
      JSON.stringify({ displayName: name }),
    )
  const send = (body: string) =>
    client.api('$batch', { body, headers: { 'content-type': 'multipart/mixed; boundary=b' } })

  it('answer part by part with a boundary of their own', async () => {
    const read = lines('Content-Type: application/http', '', `GET ${company}/vendors?$top=1 HTTP/1.1`, '', '')
    const answer = await send(lines('--b', part('1', 'One'), '--b', read, '--b--', ''))
    expect(answer.headers.get('content-type')).toMatch(/^multipart\/mixed; boundary=batchresponse_/)
    expect(answer.text.match(/HTTP\/1\.1 \d+ \w+/g)).toEqual(['HTTP/1.1 201 Created', 'HTTP/1.1 200 OK'])
    expect(answer.text).toContain('Content-ID: 1')
  })

  it('a change set that fails has one answer and leaves nothing', async () => {
    const inner = lines('--c', part('1', 'One'), '--c', part('2', ''), '--c--', '')
    const answer = await send(
      lines('--b', 'Content-Type: multipart/mixed; boundary=c', '', inner, '--b--', ''),
    )
    expect(answer.text.match(/HTTP\/1\.1 \d+ [\w ]+/g)).toEqual(['HTTP/1.1 400 Bad Request'])
    expect(await vendors()).toBe('3')
  })

  it('lines must end with CR and LF', async () => {
    expect((await send(`--b\n${part('1', 'One')}\n--b--\n`)).status).toBe(400)
  })
})
