import { request as httpRequest } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AdminSite } from '../../../../src/simulators/kit/admin.ts'
import { Fault } from '../../../../src/simulators/kit/faults.ts'
import { emptyAnswer, HttpProblem, jsonAnswer, preferencesOf } from '../../../../src/simulators/kit/http.ts'
import { isJsonObject, NumberText, parseJsonObject } from '../../../../src/simulators/kit/json.ts'
import {
  answerOf,
  type RunningServer,
  refusal,
  type Site,
  serve,
} from '../../../../src/simulators/kit/server.ts'
import { createSignIn } from '../../../../src/simulators/kit/sign-in.ts'
import { createSimulation, type Simulation } from '../../../../src/simulators/kit/simulation.ts'
import { isWriting } from '../../../../src/simulators/kit/writing.ts'
import { manualTime } from '../../../support/manual-time.ts'

const application = { clientId: 'app-1', clientSecret: 'open sesame' }
const scope = 'https://example.test/.default'

/** A system with one number that every POST raises. */
function counterSite(simulation: Simulation) {
  const signIn = createSignIn(
    { tenant: 'acme', applications: [application], scope, tokenLifetimeMs: 3_600_000 },
    simulation.time,
  )
  const state = { count: 0 }
  const admin: AdminSite = {
    tables: () => [{ name: 'counters', records: 1, kept: 1 }],
    records: () => [{ count: state.count }],
    record: () => ({ count: state.count }),
    edit(edit) {
      if (edit.table !== 'counters') throw new HttpProblem(404, 'NoTable', `no table ${edit.table}`)
      state.count = Number(edit.values['count'] ?? 0)
      return { count: state.count }
    },
    reset() {
      state.count = 0
    },
    extra: (name) => (name === 'hello' ? { hello: true } : null),
  }
  const site: Site = {
    userOf: (request) => signIn.userOf(request),
    revokeTokens: () => signIn.revokeAll(),
    problem: ({ status, code, message, headers }) =>
      jsonAnswer(status, { error: { code, message } }, headers),
    async handle(request) {
      if (signIn.isTokenPath(request.path)) return signIn.token(request)
      if (site.userOf(request) === null) throw new HttpProblem(401, 'NoToken', 'Sign in first.')
      if (request.path === '/bug') throw new Error('a bug')
      if (request.method === 'DELETE') return emptyAnswer(204)
      if (request.method === 'POST') state.count += 1
      return jsonAnswer(200, { count: state.count, filler: 'x'.repeat(2_000) })
    },
    admin,
  }
  return { site, state }
}

let simulation: Simulation
let server: RunningServer
let state: { count: number }
let authorization: string

beforeEach(async () => {
  simulation = createSimulation(manualTime())
  const made = counterSite(simulation)
  state = made.state
  server = await serve(made.site, simulation, {
    port: 0,
    host: '127.0.0.1',
    largestBodyBytes: 10_000,
  })
  authorization = `Bearer ${await signIn()}`
})
afterEach(() => server.close())

async function tokenAnswer(form: Record<string, string>, tenant = 'acme'): Promise<Response> {
  const all = {
    grant_type: 'client_credentials',
    client_id: application.clientId,
    client_secret: application.clientSecret,
    scope,
    ...form,
  }
  return fetch(`${server.url}/${tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams(all),
  })
}

async function signIn(): Promise<string> {
  return ((await (await tokenAnswer({})).json()) as { access_token: string }).access_token
}

const call = (init: RequestInit = {}, path = '/counter') =>
  fetch(`${server.url}${path}`, { ...init, headers: { authorization, ...init.headers } })
const admin = async (path: string, method = 'GET', body?: unknown) => {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) }
  const answer = await fetch(`${server.url}/_admin/${path}`, init)
  return { status: answer.status, body: (await answer.json()) as unknown }
}
const inject = (fault: unknown) => simulation.faults.add(Fault.parse(fault))

describe('sign-in', () => {
  it.each([
    [{ client_secret: 'wrong' }, 'invalid_client'],
    [{ client_id: 'nobody' }, 'unauthorized_client'],
    [{ grant_type: 'password' }, 'unsupported_grant_type'],
    [{ scope: 'https://other.test/.default' }, 'invalid_scope'],
  ])('refuses %j', async (form, error) => {
    const answer = await tokenAnswer(form)
    expect([answer.status, await answer.json()]).toMatchObject([400, { error }])
  })

  it('refuses another tenant', async () => {
    expect((await tokenAnswer({}, 'other')).status).toBe(400)
  })

  it('a token ends by the clock, and only the next one works', async () => {
    expect((await call()).status).toBe(200)
    simulation.time.advance(3_600_000)
    expect((await call()).status).toBe(401)
    authorization = `Bearer ${await signIn()}`
    expect((await call()).status).toBe(200)
    inject({ kind: 'expire-tokens' })
    expect((await call()).status).toBe(401)
  })
})

describe('faults', () => {
  it('a refusal comes with its status, code and pause, as often as it was asked for', async () => {
    inject({ kind: 'status', status: 429, retryAfter: 7, code: '0x80072322', times: 2 })
    const answers = [await call(), await call(), await call()]
    expect(answers.map((each) => each.status)).toEqual([429, 429, 200])
    expect(answers[0]?.headers.get('retry-after')).toBe('7')
    expect(await answers[1]?.json()).toMatchObject({ error: { code: '0x80072322' } })
  })

  it('may hit certain requests only, after some, and every second', async () => {
    const match = { method: 'POST', url: '/counter\\?n=' }
    inject({ kind: 'status', status: 503, match, skip: 1, every: 2, times: null })
    const statuses = [(await call({ method: 'POST' })).status]
    for (let n = 0; n < 5; n += 1) statuses.push((await call({ method: 'POST' }, `/counter?n=${n}`)).status)
    expect(statuses).toEqual([200, 200, 503, 200, 503, 200])
  })

  it('may be asked for by a request itself', async () => {
    const header = { 'x-simulate-fault': JSON.stringify({ kind: 'html', status: 502 }) }
    const answer = await call({ headers: header })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([502, 'text/html; charset=utf-8'])
    expect(await answer.text()).toContain('<html>')
  })

  it('a refusal may come after the work was done', async () => {
    inject({ kind: 'status', status: 504, before: false })
    expect((await call({ method: 'POST' })).status).toBe(504)
    expect(state.count).toBe(1)
  })

  it('the body may be empty, or half a document', async () => {
    inject({ kind: 'empty' })
    inject({ kind: 'truncated' })
    expect(await (await call()).text()).toBe('')
    await expect((await call()).json()).rejects.toThrow(SyntaxError)
  })

  it.each([
    ['before', 0],
    ['after', 1],
  ])('the connection may be cut %s the write', async (when, count) => {
    inject({ kind: 'reset', when })
    await expect(call({ method: 'POST' })).rejects.toThrow('fetch failed')
    expect(state.count).toBe(count)
    expect(simulation.recorder.requests().at(-1)).toMatchObject({ status: null, fault: 'reset' })
  })

  it('a write may arrive late, long after its sender has given it up', async () => {
    inject({ kind: 'late', match: { writes: true } })
    expect((await call()).status).toBe(200)
    await expect(call({ method: 'POST' })).rejects.toThrow('fetch failed')
    expect(state.count).toBe(0)
    await admin('faults/release', 'POST')
    expect(state.count).toBe(1)
    await admin('faults/release', 'POST')
    expect(state.count).toBe(1)
  })

  it.each([false, true])(
    'the connection may be cut in the middle of an answer (chunked: %s)',
    async (chunked) => {
      inject({ kind: 'reset', when: 'middle', chunked })
      const answer = await call()
      expect(answer.status).toBe(200)
      await expect(answer.text()).rejects.toThrow('terminated')
    },
  )

  it('a body may stand still until the client gives up', async () => {
    inject({ kind: 'stall' })
    const stop = new AbortController()
    const answer = await call({ signal: stop.signal })
    const reader = answer.body?.getReader()
    expect((await reader?.read())?.value?.length).toBeGreaterThan(500)
    const next = reader?.read()
    stop.abort()
    await expect(next).rejects.toThrow()
  })

  it('an answer may be late, with the work done before or after', async () => {
    inject({ kind: 'slow-first-byte', ms: 1 })
    inject({ kind: 'latency', ms: 1 })
    expect([(await call()).status, (await call()).status]).toEqual([200, 200])
  })

  it('a kept connection may be closed between two requests', async () => {
    inject({ kind: 'close-idle' })
    const closed = new Promise<void>((resolve, reject) => {
      const sent = httpRequest(`${server.url}/counter`, {
        headers: { authorization, connection: 'keep-alive' },
      })
      sent.on('socket', (socket) => socket.on('close', () => resolve()))
      sent
        .on('response', (answer) => answer.resume())
        .on('error', reject)
        .end()
    })
    await closed
    expect((await call()).status).toBe(200)
  })

  it('somebody may edit a record right before a request', async () => {
    inject({ kind: 'edit', edits: [{ action: 'patch', table: 'counters', key: '1', values: { count: 41 } }] })
    expect(await (await call({ method: 'POST' })).json()).toMatchObject({ count: 42 })
  })
})

describe('parts of a batch', () => {
  const part = {
    method: 'GET',
    path: '/counter',
    query: '',
    headers: {},
    body: Buffer.alloc(0),
    isTooLarge: false,
    origin: '',
  }

  it('are answered, and hit by faults of their own, like requests', async () => {
    const { site } = counterSite(simulation)
    expect(await answerOf(part, site)).toMatchObject({ status: 401 })
    inject({ kind: 'status', status: 429, match: { part: true } })
    expect((await call()).status).toBe(200)
    const fault = simulation.faults.take(part, { user: null, part: true })
    expect(fault && refusal(fault, site)).toMatchObject({ status: 429 })
  })
})

describe('the server', () => {
  it('answers without a body', async () => {
    const answer = await call({ method: 'DELETE' })
    expect([answer.status, await answer.text(), answer.headers.get('content-length')]).toEqual([
      204,
      '',
      null,
    ])
  })

  it('refuses bodies that are too large, and says when it is itself at fault', async () => {
    expect((await call({ method: 'POST', body: 'x'.repeat(10_001) })).status).toBe(413)
    expect(state.count).toBe(0)
    const answer = await call({}, '/bug')
    expect([answer.status, await answer.json()]).toMatchObject([500, { error: { code: 'SimulatorFault' } }])
  })

  it('refuses a port that is taken', async () => {
    const { site } = counterSite(simulation)
    const port = Number(new URL(server.url).port)
    const options = { port, host: '127.0.0.1', largestBodyBytes: 1 }
    await expect(serve(site, simulation, options)).rejects.toThrow('EADDRINUSE')
  })
})

describe('the admin interface', () => {
  it('shows and edits records', async () => {
    expect((await admin('tables')).body).toEqual([{ name: 'counters', records: 1, kept: 1 }])
    expect((await admin('tables/counters/1', 'PATCH', { count: 5 })).body).toEqual({ count: 5 })
    expect((await admin('tables/counters?top=1')).body).toEqual([{ count: 5 }])
    expect((await admin('tables/counters', 'POST', { count: 6 })).body).toEqual({ count: 6 })
    expect((await admin('tables/counters/1')).body).toEqual({ count: 6 })
    expect((await admin('tables/counters/1', 'DELETE')).body).toEqual({ deleted: '1' })
    expect((await admin('tables/others/1', 'PATCH', {})).status).toBe(404)
    expect((await admin('hello')).body).toEqual({ hello: true })
    expect((await admin('nothing')).status).toBe(404)
  })

  it('takes faults, moves the clock, counts, and puts everything back', async () => {
    expect((await admin('faults', 'POST', [{ kind: 'latency', ms: 1 }])).body).toHaveLength(1)
    expect((await admin('faults', 'POST', { kind: 'unknown' })).status).toBe(400)
    await admin('clock', 'POST', { advanceMs: 60_000, skewMs: -1_000 })
    expect((await admin('clock')).body).toMatchObject({ advancedMs: 60_000, skewMs: -1_000 })
    expect((await admin('counters')).body).toMatchObject({ requests: 1 })
    expect((await admin('requests')).body).toMatchObject([{ method: 'POST', status: 200 }])
    state.count = 9
    await admin('reset', 'POST')
    expect((await admin('faults')).body).toEqual([])
    expect((await admin('counters', 'DELETE')).body).toMatchObject({ requests: 0 })
    expect([state.count, simulation.time.state().advancedMs]).toEqual([0, 0])
  })
})

it.each([
  ['GET', '/counter', '', false],
  ['POST', '/counter', '', true],
  ['POST', '/v1/$batch', '{"requests":[{"id":"1","method":"GET","url":"POST "}]}', false],
  ['POST', '/v1/$batch', '{"requests":[{"method":"GET"},{"method":"PATCH"}]}', true],
  ['POST', '/v1/$batch', '--b\r\n\r\nGET /counter HTTP/1.1\r\n\r\n', false],
  ['POST', '/v1/$batch', '--b\r\n\r\nDELETE /counter HTTP/1.1\r\n\r\n', true],
])('%s %s %s writes: %s', (method, path, body, expected) => {
  expect(isWriting({ method, path, body: Buffer.from(body) })).toBe(expected)
})

it('preferences are read from one header, with and without values', () => {
  const prefer =
    'odata.maxpagesize=2, return=representation;odata.include-annotations="a,b",odata.track-changes'
  expect([...preferencesOf({ headers: { prefer } })]).toEqual([
    ['odata.maxpagesize', '2'],
    ['return', 'representation'],
    ['odata.include-annotations', 'a,b'],
    ['odata.track-changes', ''],
  ])
})

it('numbers in a body are read as they stand there', () => {
  expect(parseJsonObject('{"a":922337203685477.5807}', 'x')).toEqual({
    a: new NumberText('922337203685477.5807'),
  })
  expect([isJsonObject({}), isJsonObject([]), isJsonObject(new NumberText('1'))]).toEqual([
    true,
    false,
    false,
  ])
  expect(() => parseJsonObject('[1]', 'x')).toThrow('must be a JSON object')
  expect(() => parseJsonObject('{"a":', 'x')).toThrow('not valid JSON')
})
