import { Readable } from 'node:stream'
import { createGzip, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { redact } from '../../src/app/redaction.ts'
import { LinkTrail, type ODataPage } from '../../src/connectors/odata/page.ts'
import type { SyncError } from '../../src/core/errors.ts'
import { openClient, type TestClient } from '../support/http/odata.ts'
import { type Reply, sendJson, startServer, type TestServer } from '../support/http/server.ts'

const password = 'gpvX7-very-secret-key'
const users = new Map([['sync', { kind: 'basic', user: 'ada', password }]] as const)
const basic = Buffer.from(`ada:${password}`).toString('base64')

let server: TestServer
let elsewhere: TestServer
let opened: TestClient

beforeEach(async () => {
  server = await startServer((_request, response) => sendJson(response, { value: [] }))
  elsewhere = await startServer((_request, response) => sendJson(response, { value: [] }))
  opened = openClient(new URL('api/', server.url), { users })
})
afterEach(async () => {
  await opened.client.close()
  await server.close()
  await elsewhere.close()
})

const request = () => ({ signal: new AbortController().signal })

async function readAll(): Promise<readonly ODataPage[]> {
  const trail = new LinkTrail(opened.client.facts)
  const pages: ODataPage[] = []
  for (let link: string | null = 'accounts'; link !== null; ) {
    const page: ODataPage = await opened.client.page(link, request())
    trail.follow(page)
    pages.push(page)
    link = page.next
  }
  return pages
}

/** The error of a read, and the certainty that nothing about it tells a secret. */
async function refusal(reply: Reply): Promise<SyncError> {
  server.reply = reply
  const error = await readAll().then(
    () => null,
    (thrown: SyncError) => thrown,
  )
  const told = JSON.stringify([
    redact({ error }),
    error?.data,
    error?.message,
    String(error?.cause),
    error?.stack,
  ])
  for (const secret of [password, basic]) expect(told).not.toContain(secret)
  expect(elsewhere.requests).toEqual([])
  return error as SyncError
}

const page = (next: string | null, rows: readonly object[] = [{ accountid: 1 }]) => ({
  value: rows,
  ...(next === null ? {} : { '@odata.nextLink': next }),
})

describe('links', () => {
  it('follows absolute links and links relative to the context', async () => {
    const links = [new URL('api/accounts?p=2', server.url).href, 'accounts?p=3', null]
    server.reply = (_request, response) =>
      sendJson(response, { '@odata.context': '../api/$metadata#accounts', ...page(links.shift() ?? null) })
    expect(await readAll()).toHaveLength(3)
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/api/accounts',
      '/api/accounts?p=2',
      '/api/accounts?p=3',
    ])
  })

  it.each([
    ['another host', () => new URL('api/accounts', elsewhere.url).href],
    ['another host without a scheme', () => `//${elsewhere.url.host}/api/accounts`],
    ['a file', () => 'file:///etc/passwd'],
    ['another user', () => new URL('api/accounts', server.url).href.replace('//', '//eve:pw@')],
    ['a place above the root', () => '../admin/accounts'],
    ['a place above the root, encoded', () => '%2e%2e/admin/accounts'],
    ['another scheme', () => new URL('api/accounts', server.url).href.replace('http:', 'https:')],
    ['nothing', () => 'http://['],
  ])('a link to %s is not followed', async (_place, link) => {
    const error = await refusal((_request, response) => sendJson(response, page(link())))
    expect(error).toMatchObject({ code: 'LINK_REFUSED', kind: 'config' })
    expect(error.message).toContain('crm')
    expect(server.requests).toHaveLength(1)
  })

  it('a context on another host does not lend its address to links', async () => {
    const body = {
      '@odata.context': new URL('api/$metadata#accounts', elsewhere.url).href,
      ...page('accounts?p=2'),
    }
    const error = await refusal((_request, response) => sendJson(response, body))
    expect(error.code).toBe('LINK_REFUSED')
  })

  it.each([1, 2, 7])('pages in a circle of %i come to an end', async (length) => {
    let count = 0
    const error = await refusal((_request, response) => {
      count += 1
      sendJson(response, page(`accounts?p=${count % length}`))
    })
    expect(error).toMatchObject({ code: 'PAGING_ENDLESS', message: expect.stringContaining('twice') })
    expect(server.requests.length).toBeLessThan(4 * length + 4)
  })

  it('ever new links to nothing come to an end', () => {
    const trail = new LinkTrail(opened.client.facts)
    const follow = (count: number) => trail.follow({ rows: [], removed: [], next: `accounts?p=${count}` })
    expect(() => {
      for (let count = 0; count < 2_000; count += 1) follow(count)
    }).toThrow(expect.objectContaining({ code: 'PAGING_ENDLESS', message: expect.stringContaining('empty') }))
  })
})

describe('redirects', () => {
  it.each([301, 302, 303, 307, 308])('status %i is not followed', async (status) => {
    for (const location of ['file:///etc/passwd', elsewhere.url.href]) {
      const error = await refusal((_request, response) => {
        response.writeHead(status, { location })
        response.end()
      })
      expect(error).toMatchObject({ code: 'REDIRECT_REFUSED', data: { status } })
    }
  })
})

const typed = (
  type: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
  status = 200,
): Reply => {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': type, ...headers })
    response.end(body)
  }
}

describe('answers that cannot be read', () => {
  it.each<readonly [string, Reply, string]>([
    ['a web page', typed('text/html; charset=utf-8', '<html>Sign in</html>'), 'text/html'],
    ['no type', typed('', '{"value":[]}'), 'without a type'],
    ['JSON that breaks off', typed('application/json', '{"value":[{"name":"A"},{"na'), 'no valid JSON'],
    ['rubbish in the middle', typed('application/json', '{"value":[{"a":1},oops,{"a":2}]}'), 'no valid JSON'],
    [
      'a long number and rubbish',
      typed('application/json', '{"value":[12345678901234567890,oops]}'),
      'no valid JSON',
    ],
    [
      'JSON too deep to read',
      typed('application/json', `{"a":12345678901234567,"value":${'['.repeat(200_000)}`),
      'no valid JSON',
    ],
    ['nothing at all', typed('application/json', ''), 'no list of records'],
    ['no list', typed('application/json', '{"value":{}}'), 'no list of records'],
    ['a list of something else', typed('application/json', '{"value":[1]}'), 'no record'],
    ['another alphabet', typed('application/json; charset=utf-16', '{}'), 'UTF-8'],
    ['bytes that are no UTF-8', typed('application/json', Buffer.from([0x7b, 0xff, 0x7d])), 'UTF-8'],
    ['another compression', typed('application/json', '{}', { 'content-encoding': 'br' }), 'compressed'],
    ['gzip that is none', typed('application/json', '{"value":[]}', { 'content-encoding': 'gzip' }), 'Z_'],
    [
      'gzip that breaks off',
      typed('application/json', gzipSync(JSON.stringify(page(null))).subarray(0, 30), {
        'content-encoding': 'gzip',
      }),
      'Z_BUF_ERROR',
    ],
  ])('%s', async (_what, reply, part) => {
    const error = await refusal(reply)
    expect(error).toMatchObject({ code: 'ANSWER_INVALID', message: expect.stringContaining(part) })
  })

  it('a failing proxy that answers with a web page is known by its status', async () => {
    const error = await refusal(typed('text/html', `<html>${password} Bad gateway</html>`, {}, 502))
    expect(error).toMatchObject({ code: 'SERVICE_FAILED', data: { status: 502 } })
    expect(error.message).not.toContain('html')
  })

  it('an error that repeats our secrets is told without them', async () => {
    const reply: Reply = ({ headers }, response) =>
      sendJson(
        response,
        { error: { code: 'Odd', message: `you sent ${headers.authorization} (${password})` } },
        400,
      )
    const error = await refusal(reply)
    expect(error).toMatchObject({
      code: 'SERVICE_REFUSED',
      message: expect.stringContaining('you sent Basic *** (***)'),
    })
  })
})

describe('answers that are too large', () => {
  const spaces = Buffer.alloc(65_536, ' ')
  function* gigabyte() {
    for (let sent = 0; sent < 2 ** 30; sent += spaces.length) yield spaces
  }
  const memory = () => process.memoryUsage().arrayBuffers + process.memoryUsage().external

  it('a gigabyte is given up after the megabyte that is allowed', async () => {
    let sent = 0
    const before = memory()
    const error = await refusal((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const body = Readable.from(gigabyte())
      body.on('data', (chunk: Buffer) => {
        sent += chunk.length
      })
      response.on('close', () => body.destroy())
      body.pipe(response)
    })
    expect(error).toMatchObject({ code: 'ANSWER_TOO_LARGE', data: { limit: 1_000_000 } })
    expect(error.remedy).toContain('page size')
    expect(sent).toBeLessThan(100_000_000)
    expect(memory() - before).toBeLessThan(100_000_000)
  })

  it('an answer that says it is too large is not even read', async () => {
    const error = await refusal((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000001' })
      response.write('{')
    })
    expect(error.code).toBe('ANSWER_TOO_LARGE')
  })

  it('a gzip bomb is given up, too', async () => {
    let sent = 0
    const error = await refusal((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      const gzip = createGzip({ level: 9 })
      const body = Readable.from(gigabyte())
      response.on('close', () => {
        body.destroy()
        gzip.destroy()
      })
      gzip.on('data', (chunk: Buffer) => {
        sent += chunk.length
      })
      body.pipe(gzip).pipe(response)
    })
    expect(error.code).toBe('ANSWER_TOO_LARGE')
    // A thousandth of what it unpacks to.
    expect(sent).toBeLessThan(1_000_000)
  })

  it('a head that is too large cannot be read', async () => {
    const error = await refusal(typed('application/json', '{}', { 'x-much': 'x'.repeat(20_000) }))
    expect(error).toMatchObject({ code: 'ANSWER_INVALID', data: { reason: 'UND_ERR_HEADERS_OVERFLOW' } })
  })
})
