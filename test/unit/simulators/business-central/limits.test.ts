import { afterEach, describe, expect, it, vi } from 'vitest'
import { createRequestGate } from '../../../../src/simulators/business-central/server/request-gate.ts'
import { onlineLimits } from '../../../../src/simulators/business-central/server/site.ts'
import type {
  BusinessCentralOptions,
  RunningBusinessCentral,
} from '../../../../src/simulators/business-central/simulator.ts'
import { type Answer, type Client, signIn, startCronus } from '../../../support/business-central.ts'
import { manualTime } from '../../../support/manual-time.ts'

let server: RunningBusinessCentral
let client: Client

async function start(options: Partial<BusinessCentralOptions>) {
  server = await startCronus(options)
  client = await signIn(server)
}
afterEach(() => server.close())

const count = (answers: readonly Answer[], status: number): number =>
  answers.filter((answer) => answer.status === status).length
const many = (length: number): Promise<Answer[]> =>
  Promise.all(Array.from({ length }, () => client.company('currencies?$top=1')))

/** So many requests that are not answered before the server closes; resolves when all have come in. */
async function hold(length: number): Promise<{ readonly ended: Promise<unknown> }> {
  const requests = Array.from({ length }, () => client.company('currencies').catch(() => null))
  await vi.waitFor(async () => {
    expect((await client.admin('counters')).json.mostAtOnceByUser['sync-app']).toBe(length)
  })
  return { ended: Promise.all(requests) }
}

describe('connectors.md C.1, C.2: sign-in', () => {
  it('a token is asked for with the right secret and scope, and expires by the clock', async () => {
    await start({})
    expect((await client.company('currencies')).status).toBe(200)
    await client.admin('clock', { body: { advanceMs: 3_600_001 } })
    const expired = await client.company('currencies')
    expect([expired.status, expired.json.error.code]).toEqual([401, 'Authentication_InvalidCredentials'])
    expect((await (await signIn(server)).company('currencies')).status).toBe(200)
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: 'sync-app',
      client_secret: 'x',
    })
    const refused = await fetch(server.tokenUrl, { method: 'POST', body: form })
    expect(await refused.json()).toMatchObject({ error: 'invalid_client' })
  })

  it('all tokens can end at once: only the next one works', async () => {
    await start({})
    await client.admin('faults', { body: { kind: 'expire-tokens' } })
    expect((await client.company('currencies')).status).toBe(401)
    expect((await (await signIn(server)).company('currencies')).status).toBe(200)
  })

  it('on-premises a name and a key count, and no token; online it is the other way round', async () => {
    await start({})
    const url = `${server.onPremisesUrl}/api/v2.0/companies`
    expect((await client.pages(url)).status).toBe(200)
    expect((await client.api(url)).status).toBe(401)
    expect((await client.pages(`${server.onlineUrl}/api/v2.0/companies`)).status).toBe(401)
    const wrong = await client.pages(url, { headers: { authorization: `Basic ${btoa('SYNC:wrong')}` } })
    expect(wrong.status).toBe(401)
  })
})

describe('connectors.md C.14: limits of a user', () => {
  it('100 requests may be there, worked on or waiting; the next one is refused without Retry-After', async () => {
    await start({ limits: onlineLimits, serviceTime: { requestMs: 3_600_000, rowMs: 0 } })
    const { ended } = await hold(100)
    const refused = await client.company('currencies')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, null])
    expect(refused.json.error.code).toBe('Application_TooManyRequests')
    expect(refused.json.error.message).toContain('Too many requests reached. Actual (101). Maximum (100).')
    await server.close()
    await ended
    await start({})
  })

  it('five requests of a user are worked on at once, the others one after the other, and users do not wait for each other', async () => {
    await start({})
    const gate = createRequestGate(onlineLimits, manualTime())
    const running: string[] = []
    const enter = (user: string, name: string) =>
      gate.enter(user).then((leave) => {
        running.push(name)
        return leave
      })
    const entered = ['1', '2', '3', '4', '5', '6', '7'].map((name) => enter('A', name))
    const [leave] = await Promise.all(entered.slice(0, 5))
    await enter('B', 'other')
    expect(running).toEqual(['1', '2', '3', '4', '5', 'other'])
    leave?.()
    leave?.()
    const next = await entered[5]
    expect(running).toEqual(['1', '2', '3', '4', '5', 'other', '6'])
    next?.()
    await entered[6]
  })

  it('who waits longer than eight minutes gets 503', async () => {
    // 8 minutes in the queue last 48 ms here.
    const limits = { ...onlineLimits, longestRunMs: Number.MAX_SAFE_INTEGER }
    await start({ limits, timeScale: 10_000, serviceTime: { requestMs: 3_600_000, rowMs: 0 } })
    const { ended } = await hold(5)
    expect((await client.company('currencies')).status).toBe(503)
    await server.close()
    await ended
    await start({})
  })

  it('what would run longer than eight minutes is ended with 408 and leaves nothing: less of it passes', async () => {
    // 8 minutes last 48 ms here; a row takes 10 ms.
    await start({ limits: onlineLimits, timeScale: 10_000, serviceTime: { requestMs: 0, rowMs: 10 } })
    const page = (size: number) =>
      client.company('customers', { headers: { prefer: `odata.maxpagesize=${size}` } })
    expect([(await page(5)).status, (await page(4)).status]).toEqual([408, 200])
    await server.close()
    await start({ limits: onlineLimits, timeScale: 10_000, serviceTime: { requestMs: 0, rowMs: 49 } })
    expect((await client.company('customers', { body: { displayName: 'Late' } })).status).toBe(408)
    expect((await client.custom('customers/$count')).text).toBe('60')
  })

  it('6,000 requests in five minutes are the most, in a window that slides', async () => {
    const limits = { ...onlineLimits, requests: 10 }
    await start({ limits, serviceTime: { requestMs: 0, rowMs: 0 } })
    expect(count(await many(10), 200)).toBe(10)
    const refused = await client.company('currencies')
    expect([refused.status, refused.json.error.message]).toEqual([
      429,
      expect.stringContaining('Maximum (10)'),
    ])
    await client.admin('clock', { body: { advanceMs: limits.windowMs + 1 } })
    expect((await client.company('currencies')).status).toBe(200)
  })
})

describe('connectors.md C.15, C.16: faults', () => {
  it('statuses of servers and gateways, with and without Retry-After', async () => {
    await start({})
    for (const status of [408, 500, 502, 503, 504]) {
      await client.admin('faults', {
        body: [
          { kind: 'status', status },
          { kind: 'status', status, retryAfter: 7 },
        ],
      })
      const [bare, later] = [await client.company('items'), await client.company('items')]
      expect([bare.status, bare.headers.get('retry-after')]).toEqual([status, null])
      expect([later.status, later.headers.get('retry-after')]).toEqual([status, '7'])
    }
    expect((await client.company('items')).status).toBe(200)
  })

  it('bodies that are no JSON, or end early', async () => {
    await start({})
    for (const kind of ['html', 'empty', 'truncated']) {
      await client.admin('faults', { body: { kind } })
      const answer = client.company('items').then(({ headers, json }) => [headers.get('content-type'), json])
      const parsed = await answer.catch((error: Error) => error.name)
      expect(parsed, kind).toEqual(
        {
          html: ['text/html; charset=utf-8', null],
          empty: [null, null],
          truncated: 'SyntaxError',
        }[kind],
      )
    }
  })

  it('a write can be carried out and its answer lost', async () => {
    await start({})
    await client.admin('faults', { body: { kind: 'reset', when: 'after' } })
    const body = { displayName: 'Lost answer' }
    await expect(client.company('customers', { body })).rejects.toThrow()
    const found = await client.company("customers?$filter=displayName eq 'Lost answer'")
    expect(found.json.value).toHaveLength(1)
    await client.admin('faults', { body: { kind: 'reset', when: 'middle' } })
    await expect(client.company('customers')).rejects.toThrow()
  })

  it('somebody edits right before a page is read', async () => {
    await start({})
    const edits = [
      { action: 'patch', table: 'customer', key: 'C00001', values: { displayName: 'Meanwhile' } },
    ]
    await client.admin('faults', { body: { kind: 'edit', edits } })
    expect((await client.company('customers?$top=1')).json.value[0].displayName).toBe('Meanwhile')
  })
})

describe('connectors.md C.22: counting', () => {
  it('every request is recorded: who, what, when, how many at once', async () => {
    await start({})
    await client.admin('counters', { method: 'DELETE' })
    await many(3)
    const { json: counters } = await client.admin('counters')
    expect(counters).toMatchObject({ requests: 3, byStatus: { 200: 3 } })
    const { json: requests } = await client.admin('requests')
    expect(requests[0]).toMatchObject({ user: 'sync-app', method: 'GET', status: 200 })
  })
})

describe('the admin interface', () => {
  it('shows and changes records with the rules of the system, and computed columns as told', async () => {
    await start({})
    const tables = await client.admin('tables')
    expect(tables.json).toContainEqual({ name: 'customer', records: 60, kept: 0 })
    const edited = await client.admin('tables/item/1000', {
      method: 'PATCH',
      body: { displayName: 'Edited', inventory: '12.5' },
    })
    expect(edited.json).toMatchObject({ displayName: 'Edited', inventory: '12.5' })
    const created = await client.admin('tables/customer', { body: { displayName: 'By hand' } })
    expect(created.json.number).toBe('C00061')
    const found = await client.admin(
      `tables/customer?filter=${encodeURIComponent("displayName eq 'By hand'")}`,
    )
    expect(found.json).toHaveLength(1)
    const other = await client.admin(
      `tables/${encodeURIComponent(`${server.companies[1]?.name}:customer`)}/C00001`,
    )
    expect(other.json.number).toBe('C00001')
    expect((await client.admin('tables/nothing')).status).toBe(404)
    const reset = await client.admin('reset', { method: 'POST' })
    expect(reset.json).toContainEqual({ name: 'customer', records: 60, kept: 0 })
  })
})
