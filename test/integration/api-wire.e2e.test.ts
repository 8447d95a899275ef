import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashKey, newKey } from '../../src/api/api-key.ts'
import { createServer } from '../../src/api/server.ts'
import type { Server } from '../../src/api/server-type.ts'
import { everything } from '../../src/core/access/api-key.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
let server: Server
let port: number
const key = newKey()
beforeAll(async () => {
  couplet = await createInstallation({ systemsSql: twoTablesSql, env: { COUPLET_PORT: '0' } })
  const stored = {
    name: 'wire',
    hash: hashKey(key),
    role: 'administer',
    expiresAt: null,
    ...everything,
  } as const
  await couplet.context.deps.stores.access.createApiKey(stored, { actor: 'test' })
  server = createServer(couplet.context, 600)
  await server.listen({ host: '127.0.0.1', port: 0 })
  port = (server.server.address() as AddressInfo).port
})
afterAll(async () => {
  await server.close()
  await couplet.close()
})

async function open(): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

/** All that comes back for these bytes until the server ends the connection. */
async function send(...parts: readonly (string | Buffer)[]): Promise<string> {
  const socket = await open()
  for (const part of parts) socket.write(part)
  return text(socket)
}

function request(line: string, headers: readonly string[] = [], body = ''): string {
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]
  return [line, 'Host: couplet', 'Connection: close', ...headers, ...length, '', body].join('\r\n')
}
const signedIn = `Authorization: Bearer ${key}`
const json = 'Content-Type: application/json'
/** Status line and document of an answer. */
function read(answer: string) {
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  const type = /^content-type: ([^;\r]+)/im.exec(head)?.[1]
  return { ...JSON.parse(body || '{}'), status: Number(head.split(' ')[1]), type }
}
const refused = (status: number, code = 'REQUEST_INVALID') => ({
  status,
  code,
  type: 'application/problem+json',
})

describe('what is no request', () => {
  it.each([
    ['no HTTP', 'HELLO\r\n\r\n', 400],
    ['another protocol', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01]), 400],
    ['a NUL in a header', request('GET /healthz HTTP/1.1', ['X-A: a\0b']), 400],
    ['a header without a name', request('GET /healthz HTTP/1.1', [': nothing']), 400],
    ['a second length', request('POST /api/v1/runs HTTP/1.1', [json, 'Content-Length: 1'], '{}'), 400],
    [
      'a length beside chunks',
      request('POST /api/v1/runs HTTP/1.1', [json, 'Transfer-Encoding: chunked'], '{}'),
      400,
    ],
    ['no number as length', request('POST /api/v1/runs HTTP/1.1', [json, 'Content-Length: -1']), 400],
  ])('%s is answered as a problem, and the connection ends', async (_what, bytes, status) => {
    expect(read(await send(bytes))).toMatchObject(refused(status))
  })

  it('headers and addresses beyond all size are refused', async () => {
    const long = 'a'.repeat(40_000)
    expect(read(await send(request(`GET /healthz?${long} HTTP/1.1`)))).toMatchObject(
      refused(431, 'REQUEST_TOO_LARGE'),
    )
    expect(read(await send(request('GET /healthz HTTP/1.1', [`X-A: ${long}`])))).toMatchObject(
      refused(431, 'REQUEST_TOO_LARGE'),
    )
  })
})

describe('a request', () => {
  it('whose body does not come to its end is given up, as is one whose headers do not', async () => {
    const body = request('POST /api/v1/runs HTTP/1.1', [json, signedIn, 'Content-Length: 1000'])
    expect(read(await send(body, '{"kind":'))).toMatchObject(refused(408))
    expect(read(await send('GET /healthz HTTP/1.1\r\nHost: cou'))).toMatchObject(refused(408))
    expect(read(await send(request('GET /healthz HTTP/1.1'))).status).toBe(200)
  })

  it('that says twice who asks, or what it sends, is refused', async () => {
    const who = request('GET /api/v1/runs HTTP/1.1', [signedIn, 'Authorization: Bearer cpl_other'])
    expect(read(await send(who))).toMatchObject({
      ...refused(400),
      detail: expect.stringContaining('authorization'),
    })
    const what = request('POST /api/v1/runs HTTP/1.1', [signedIn, json, 'content-type: text/plain'], '{}')
    expect(read(await send(what))).toMatchObject({
      ...refused(400),
      detail: expect.stringContaining('content-type'),
    })
    const twice = request(
      'POST /api/v1/runs HTTP/1.1',
      [signedIn, json, 'Idempotency-Key: a', 'Idempotency-Key: b'],
      '{"kind":"modified"}',
    )
    expect(read(await send(twice))).toMatchObject(refused(400))
  })

  it('with an address that cannot be read, or leads out of the root, finds nothing', async () => {
    for (const path of ['/%', '/api/v1/mappings/%zz', '/api/v1/runs/%00', '/api/v1/mappings/%c0%ae']) {
      const { status, type } = read(await send(request(`GET ${path} HTTP/1.1`, [signedIn])))
      expect([path, [400, 404].includes(status), type]).toEqual([path, true, 'application/problem+json'])
    }
    for (const path of [
      '/../../etc/passwd',
      '/queues/../../../etc/passwd',
      '/queues/static/..%2f..%2f..%2fetc/passwd',
    ])
      expect(await send(request(`GET ${path} HTTP/1.1`, [signedIn]))).not.toContain('root:')
  })

  it('cannot put a header into an answer', async () => {
    const path = `/api/v1/runs/1/cancel%0d%0aX-Injected:%201`
    const answers = await Promise.all([
      send(request(`GET ${path} HTTP/1.1`, [signedIn])),
      send(request('GET /notices/x?validationToken=%0d%0aX-Injected:1 HTTP/1.1')),
    ])
    for (const answer of answers) expect(answer.split('\r\n\r\n')[0]).not.toMatch(/^x-injected/im)
  })

  it('of JSON is refused where something of it would be lost', async () => {
    const post = (body: string) =>
      send(request('POST /api/v1/runs HTTP/1.1', [signedIn, json], body)).then(read)
    expect(await post('{"kind":"full","kind":"modified"}')).toMatchObject(refused(400))
    expect(await post('{"kind":"full","__proto__":{"dryRun":true}}')).toMatchObject(refused(400))
    expect(await post(`{"kind":"full","reason":${'['.repeat(300)}${']'.repeat(300)}}`)).toMatchObject({
      ...refused(400),
      detail: expect.stringContaining('100 levels'),
    })
    // In a string that never ends, brackets are text; looking for its end from each quote would take hours.
    expect(await post(`"${'\\"'.repeat(524_000)}`)).toMatchObject(refused(400))
    const quoted = `{"kind":"${'['.repeat(300)}\\"${'['.repeat(300)}"}`
    expect((await post(quoted)).detail).not.toContain('100 levels')
    const latin = Buffer.from('{"kind":"full","reason":"caf\xe9"}', 'latin1')
    const head = request('POST /api/v1/runs HTTP/1.1', [signedIn, json, `Content-Length: ${latin.length}`])
    expect(read(await send(head, latin))).toMatchObject({
      ...refused(400),
      detail: expect.stringContaining('UTF-8'),
    })
  })

  it('of anybody with a name as long as a body may be, or as many of them, is refused with a short answer', async () => {
    const post = (body: string) => send(request('POST /session HTTP/1.1', [json], body)).then(read)
    for (const piece of ['a.', 'a://', ' tokentoken']) {
      const name = piece.repeat(1_000_000 / piece.length)
      const answer = await post(JSON.stringify({ name: 'ada', password: 'secret', [name]: 1 }))
      expect(answer).toMatchObject(refused(400))
      expect(answer.problems).toEqual([
        {
          field: `${name.slice(0, 100)}…`,
          value: '1',
          reason: 'there is no such field',
          remedy: 'Remove it.',
        },
      ])
      expect(answer.detail.length).toBeLessThan(300)
    }
    const many = Array.from({ length: 50_000 }, (_, at) => [`field${at}`, 1])
    const answer = await post(JSON.stringify(Object.fromEntries(many)))
    expect(answer).toMatchObject({ ...refused(400), detail: expect.stringMatching(/; and \d+ more$/) })
    expect(answer.problems).toHaveLength(50)
  })
})
