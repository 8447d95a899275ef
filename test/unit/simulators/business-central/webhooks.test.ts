import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RunningBusinessCentral } from '../../../../src/simulators/business-central/simulator.ts'
import {
  afterAnswer,
  type Gathered,
  gather,
  noticesOf,
  pauseMs,
  webhookLimits,
} from '../../../../src/simulators/business-central/webhooks/notices.ts'
import { type Answer, type Client, signIn, startCronus } from '../../../support/business-central.ts'

/** Somebody who is told of changes. */
interface Receiver {
  readonly url: string
  /** Bodies of the notifications that have come, whatever was answered. */
  readonly received: { value: { changeType: string; resource: string; clientState: string }[] }[]
  /** Answers to the next notifications; 200 when there are none left. */
  readonly answers: number[]
  /** What is answered to the handshake: the token itself unless told otherwise. */
  handshake: (token: string) => string
  readonly server: Server
}

async function startReceiver(): Promise<Receiver> {
  const receiver: Omit<Receiver, 'url' | 'server'> = {
    received: [],
    answers: [],
    handshake: (token) => token,
  }
  const server = createServer(async (incoming: IncomingMessage, response) => {
    const token = new URL(incoming.url ?? '', 'http://x').searchParams.get('validationToken')
    const body = await text(incoming)
    if (token !== null) return response.end(receiver.handshake(token))
    receiver.received.push(JSON.parse(body))
    response.statusCode = receiver.answers.shift() ?? 200
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  return Object.assign(receiver, { url, server })
}

let server: RunningBusinessCentral
let client: Client
let receiver: Receiver
let company: string

beforeEach(async () => {
  server = await startCronus()
  client = await signIn(server)
  receiver = await startReceiver()
  company = `companies(${server.companies[0]?.id})`
})
afterEach(async () => {
  await server.close()
  receiver.server.close()
})

const subscribe = (set = 'customers'): Promise<Answer> =>
  client.api('subscriptions', {
    body: {
      notificationUrl: receiver.url,
      resource: `/api/v2.0/${company}/${set}`,
      clientState: 'our secret',
    },
  })
const advance = (advanceMs: number) => client.admin('clock', { body: { advanceMs } })
const create = (displayName: string) => client.company('customers', { body: { displayName } })

describe('connectors.md C.20: webhooks', () => {
  it('tell 30 seconds after the first change of each row what has become of it', async () => {
    const subscribed = await subscribe()
    expect(subscribed.status).toBe(201)
    expect(subscribed.json.subscriptionId).toMatch(/^[0-9a-f]{32}$/)
    const { json: created } = await create('New')
    const { json: doomed } = await create('Doomed')
    await client.company(`customers(${doomed.id})`, { method: 'DELETE' })
    const path = 'customers(0000006e-0000-4000-806e-000000000000)'
    await client.company(path, { method: 'PATCH', body: { city: 'Ribe' }, headers: { 'if-match': '*' } })
    await advance(29_000)
    expect(receiver.received).toEqual([])
    await advance(1_000)
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1))
    const notices = receiver.received[0]?.value ?? []
    const root = `${server.onlineUrl}/api/v2.0/${company}`
    expect(notices.map(({ changeType, resource }) => [changeType, resource])).toEqual([
      ['created', `${root}/customers(${created.id})`],
      ['deleted', `${root}/customers(${doomed.id})`],
      ['updated', `${root}/${path}`],
    ])
    expect(notices[0]).toMatchObject({
      subscriptionId: subscribed.json.subscriptionId,
      clientState: 'our secret',
      expirationDateTime: subscribed.json.expirationDateTime,
    })
  })

  it('are made only with somebody who repeats the token', async () => {
    receiver.handshake = () => 'wrong'
    expect((await subscribe()).status).toBe(400)
    receiver.handshake = (token) => token
    const { json } = await subscribe()
    receiver.handshake = () => 'wrong'
    const path = `subscriptions('${json.subscriptionId}')`
    const headers = { 'if-match': json['@odata.etag'] }
    const renewed = await client.api(path, { method: 'PATCH', body: {}, headers })
    expect(renewed.status).toBe(400)
  })

  it('end after three days unless they are renewed, with If-Match', async () => {
    const { json } = await subscribe()
    const path = `subscriptions('${json.subscriptionId}')`
    await advance(2 * 24 * 3_600_000)
    client = await signIn(server)
    expect((await client.api(path, { method: 'PATCH', body: {} })).status).toBe(400)
    const headers = { 'if-match': json['@odata.etag'] }
    const renewed = await client.api(path, { method: 'PATCH', body: {}, headers })
    expect(renewed.status).toBe(200)
    expect(Date.parse(renewed.json.expirationDateTime)).toBeGreaterThan(Date.parse(json.expirationDateTime))
    expect((await client.api(path, { method: 'PATCH', body: {}, headers })).status).toBe(409)
    await advance(2 * 24 * 3_600_000)
    client = await signIn(server)
    expect((await client.api(path)).status).toBe(200)
    await advance(24 * 3_600_000)
    client = await signIn(server)
    expect((await client.api(path)).status).toBe(404)
    expect((await client.api('subscriptions')).json.value).toEqual([])
  })

  it('are sent again while the receiver answers 5xx, and told of later changes afterwards', async () => {
    receiver.answers.push(503, 429)
    await subscribe()
    await create('A')
    await advance(30_000)
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1))
    await create('B')
    await advance(60_000)
    await vi.waitFor(() => expect(receiver.received).toHaveLength(2))
    expect(receiver.received[1]).toEqual(receiver.received[0])
    await advance(60_000)
    await vi.waitFor(() => expect(receiver.received).toHaveLength(4))
    expect(receiver.received.map(({ value }) => value.length)).toEqual([1, 1, 1, 1])
    expect(receiver.received[3]).not.toEqual(receiver.received[0])
  })

  it('a subscription is deleted when the receiver answers 4xx', async () => {
    receiver.answers.push(404)
    const { json } = await subscribe()
    await create('A')
    await advance(30_000)
    await vi.waitFor(async () => {
      expect((await client.api(`subscriptions('${json.subscriptionId}')`)).status).toBe(404)
    })
  })

  it('more than 1,000 rows are one collection', async () => {
    await subscribe('paymentTerms')
    for (let batch = 0; batch < 11; batch += 1) {
      const requests = Array.from({ length: 100 }, (_, id) => {
        const body = { code: `P${batch}-${id}` }
        return { id: `${id}`, method: 'POST', url: `${company}/paymentTerms`, body }
      })
      await client.api('$batch', { body: { requests } })
    }
    await advance(30_000)
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1))
    expect(receiver.received[0]?.value).toEqual([
      expect.objectContaining({
        changeType: 'collection',
        resource: expect.stringContaining('/paymentTerms?$filter=lastDateTimeModified%20gt%20'),
      }),
    ])
  })

  it('a transaction that is taken back is not told of', async () => {
    await subscribe()
    const post = (id: string, displayName: string) => ({
      id,
      method: 'POST',
      url: `${company}/customers`,
      body: { displayName },
    })
    await client.api('$batch', {
      body: { requests: [post('1', 'Never'), post('2', '')] },
      headers: { isolation: 'snapshot' },
    })
    await create('Real')
    await advance(30_000)
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1))
    expect(receiver.received[0]?.value).toHaveLength(1)
  })

  it.each(['contacts', 'salespeoplePurchasers', 'nothing'])('%s are not announced', async (set) => {
    expect((await subscribe(set)).status).toBe(400)
  })
})

describe('the rules of notices', () => {
  const change = (id: string, changeType: 'created' | 'updated' | 'deleted') => ({
    id,
    changeType,
    at: '2024-05-01T00:00:00Z',
    atMs: 0,
  })
  const head = { subscriptionId: 's', clientState: '', expirationDateTime: '', resource: 'customers' }

  it('changes of one row become one', () => {
    let gathered: Gathered | null = null
    for (const each of ['created', 'updated'] as const) gathered = gather(gathered, change('1', each))
    expect(noticesOf(head, gathered as unknown as Gathered, '')[0]?.changeType).toBe('created')
    gathered = gather(gathered, change('1', 'deleted'))
    expect(noticesOf(head, gathered, '').map(({ changeType }) => changeType)).toEqual(['deleted'])
  })

  it('what is kept is bounded', () => {
    let gathered: Gathered | null = null
    for (let id = 0; id < 5_000; id += 1) gathered = gather(gathered, change(`${id}`, 'updated'))
    expect(gathered?.rows).toBeNull()
  })

  it.each([
    [200, 0, 'delivered'],
    [204, 0, 'delivered'],
    [null, 0, 'again'],
    [408, 0, 'again'],
    [429, 0, 'again'],
    [503, webhookLimits.giveUpMs - 1, 'again'],
    [503, webhookLimits.giveUpMs, 'given up'],
    [302, 0, 'ended'],
    [400, 0, 'ended'],
    [410, 0, 'ended'],
  ] as const)('an answer %s after %d ms: %s', (status, waited, expected) => {
    expect(afterAnswer(status, waited)).toBe(expected)
  })

  it('pauses grow to an hour', () => {
    expect([1, 2, 3, 100].map(pauseMs)).toEqual([10_000, 20_000, 40_000, 3_600_000])
  })
})
