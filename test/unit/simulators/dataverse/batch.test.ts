import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseHttpPart, parseMultipart } from '../../../../src/simulators/kit/multipart.ts'
import { type OpenDataverse, openDataverse, refusalOf } from '../../../support/dataverse.ts'

let dataverse: OpenDataverse
beforeAll(async () => {
  dataverse = await openDataverse()
})
afterAll(() => dataverse.close())

const crlf = '\r\n'
const part = (method: string, path: string, body?: unknown, headers: string[] = [], id?: number) =>
  [
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    ...(id === undefined ? [] : [`Content-ID: ${id}`]),
    '',
    `${method} ${path.startsWith('$') ? path : `/api/data/v9.2/${path}`} HTTP/1.1`,
    ...(body === undefined ? [] : ['Content-Type: application/json']),
    ...headers,
    '',
    body === undefined ? '' : JSON.stringify(body),
  ].join(crlf)
const multipart = (boundary: string, parts: string[]) =>
  `${parts.map((each) => `--${boundary}${crlf}${each}${crlf}`).join('')}--${boundary}--${crlf}`
const changeSet = (...parts: string[]) =>
  `Content-Type: multipart/mixed; boundary="cs"${crlf}${crlf}${multipart('cs', parts)}`

async function send(parts: string[], headers: Record<string, string> = {}, change = (text: string) => text) {
  const body = change(multipart('b', parts))
  const type = { 'content-type': 'multipart/mixed; boundary="b"' }
  const answer = await dataverse.call('POST', '$batch', { body, headers: { ...type, ...headers } })
  return { answer, parts: partsOf(answer.headers.get('content-type'), answer.text) }
}

/** Statuses and bodies; those of change sets in a list. */
function partsOf(contentType: string | null, text: string): unknown[] {
  const boundary = /boundary=(\S+)/.exec(contentType ?? '')?.[1]
  if (boundary === undefined) return []
  return (parseMultipart(text, boundary) ?? []).map((each) => {
    const type = each.headers['content-type'] ?? ''
    if (type.startsWith('multipart')) return partsOf(type, each.body)
    const [, status = ''] = /^HTTP\/1\.1 (\d+)/.exec(each.body) ?? []
    const inner = parseHttpPart({
      headers: {},
      body: each.body.replace(/^HTTP\/1\.1 \d+ .*?\r\n/, 'GET / HTTP/1.1\r\n'),
    })
    const json = inner?.body.startsWith('{') ? JSON.parse(inner.body) : null
    return { status: Number(status), id: each.headers['content-id'] ?? null, headers: inner?.headers, json }
  })
}
const names = async (filter: string) =>
  (await dataverse.get(`accounts?$select=name&$filter=startswith(name,'${filter}')`)).json.value.length

describe('$batch (row 13)', () => {
  it('answers one request after the other, each with its own headers', async () => {
    const { answer, parts } = await send([
      part('GET', 'accounts?$select=name&$top=1'),
      part('POST', 'accounts', { name: 'Batch one' }),
      part('GET', 'accounts?$select=name', undefined, ['Prefer: odata.maxpagesize=2']),
    ])
    expect(answer.headers.get('content-type')).toMatch(/^multipart\/mixed; boundary=batchresponse_/)
    expect(parts).toMatchObject([
      { status: 200 },
      {
        status: 204,
        headers: { location: expect.stringContaining('/accounts('), 'odata-entityid': expect.any(String) },
      },
      { status: 200, json: { value: { length: 2 } } },
    ])
  })

  it('a change set is written as a whole, and refers to what it has made', async () => {
    const { parts } = await send([
      changeSet(
        part('POST', 'accounts', { name: 'Set parent' }, [], 1),
        part(
          'POST',
          'contacts',
          { lastname: 'Set child', 'parentcustomerid_account@odata.bind': '$1' },
          [],
          2,
        ),
        part('PATCH', '$1', { description: 'by reference' }, [], 3),
      ),
    ])
    expect(parts).toMatchObject([
      [
        { status: 204, id: '1' },
        { status: 204, id: '2' },
        { status: 204, id: '3' },
      ],
    ])
    const [account] = (await dataverse.get("accounts?$filter=name eq 'Set parent'")).json.value
    expect(account.description).toBe('by reference')
    expect(await names('Set')).toBe(1)
  })

  it('a change set that fails writes nothing, and is answered by one error', async () => {
    const { answer, parts } = await send([
      changeSet(
        part('POST', 'accounts', { name: 'Rolled back 1' }, [], 1),
        part('POST', 'accounts', { name: 'x'.repeat(161) }, [], 2),
      ),
    ])
    expect(answer.status).toBe(400)
    expect(parts).toMatchObject([{ status: 400, json: { error: { code: '0x80044331' } } }])
    expect(await names('Rolled')).toBe(0)
  })

  it('a change set is taken back whatever makes it fail', async () => {
    const good = part('POST', 'accounts', { name: 'Taken back' }, [], 1)
    await send([changeSet(good, part('POST', 'accounts', { name: 'Taken back' }))])
    dataverse.inject({ kind: 'status', status: 503, match: { part: true }, skip: 1 })
    const { answer } = await send([changeSet(good, part('POST', 'accounts', { name: 'Taken back' }, [], 2))])
    expect([answer.status, await names('Taken')]).toEqual([503, 0])
  })

  it('stops at the first error with its status, or goes on where it is told to', async () => {
    const requests = (name: string) => [
      part('POST', 'accounts', { name: `${name} 1` }),
      part('GET', 'nowhere'),
      part('POST', 'accounts', { name: `${name} 2` }),
    ]
    const stopped = await send(requests('Stopped'))
    expect([stopped.answer.status, stopped.parts.length, await names('Stopped')]).toEqual([404, 2, 1])
    const wentOn = await send(requests('Went on'), { prefer: 'odata.continue-on-error' })
    expect([wentOn.answer.status, wentOn.parts.length, await names('Went on')]).toEqual([200, 3, 2])
  })

  it('checks versions part by part', async () => {
    const made = await dataverse.call('POST', 'accounts', {
      body: { name: 'Versioned' },
      headers: { prefer: 'return=representation' },
    })
    const path = `accounts(${made.json.accountid})`
    const ifMatch = `If-Match: ${made.json['@odata.etag']}`
    const change = [
      part('PATCH', path, { name: 'V2' }, [ifMatch]),
      part('PATCH', path, { name: 'V3' }, [ifMatch]),
    ]
    const { parts } = await send(change, { prefer: 'odata.continue-on-error' })
    expect(parts).toMatchObject([{ status: 204 }, { status: 412, json: { error: { code: '0x80060882' } } }])
  })

  it('wants CR and LF, a Content-ID and no GET in a change set, and references backwards only', async () => {
    const lf = await send([part('GET', 'accounts')], {}, (text) => text.replaceAll(crlf, '\n'))
    expect(refusalOf(lf.answer)).toBe('400 0x80048d19')
    expect(lf.answer.json.error.message).toBe('Stream was not readable.')
    const cut = await send([part('GET', 'accounts')], {}, (text) => text.trimEnd())
    expect(refusalOf(cut.answer)).toBe('400 0x80048d19')
    expect((await send([changeSet(part('GET', 'accounts', undefined, [], 1))])).answer.status).toBe(400)
    expect((await send([changeSet(part('POST', 'accounts', { name: 'No id' }))])).answer.status).toBe(400)
    const forward = changeSet(
      part('PATCH', '$2', { name: 'X' }, [], 1),
      part('POST', 'accounts', { name: 'Y' }, [], 2),
    )
    const { parts } = await send([forward])
    expect(parts).toMatchObject([
      {
        status: 400,
        json: { error: { message: expect.stringContaining("'$2' does not exist in the batch") } },
      },
    ])
  })

  it('takes 1,000 requests and no more, and no batch in a batch', async () => {
    const many = (count: number) => Array.from({ length: count }, () => part('GET', 'WhoAmI'))
    expect((await send(many(1_000))).parts).toHaveLength(1_000)
    expect(refusalOf((await send(many(1_001))).answer)).toBe('400 0x0')
    expect((await send([part('POST', '$batch', {})])).parts).toMatchObject([{ status: 400 }])
  })

  it('takes longer addresses than a request of its own', async () => {
    const path = (length: number) => `accounts?$filter=name eq '${'x'.repeat(length)}'`.replaceAll(' ', '%20')
    expect((await dataverse.get(path(32_000))).status).toBe(200)
    expect((await dataverse.get(path(33_000))).status).toBe(414)
    const { parts } = await send([part('GET', path(60_000)), part('GET', path(66_000))])
    expect(parts).toMatchObject([{ status: 200 }, { status: 414 }])
  })

  it('one part may be throttled alone', async () => {
    dataverse.inject({
      kind: 'status',
      status: 429,
      code: '0x80072322',
      retryAfter: 3,
      match: { part: true },
      skip: 1,
    })
    const { answer, parts } = await send(
      [part('GET', 'WhoAmI'), part('GET', 'WhoAmI'), part('GET', 'WhoAmI')],
      { prefer: 'odata.continue-on-error' },
    )
    expect(answer.status).toBe(200)
    expect(parts).toMatchObject([
      { status: 200 },
      { status: 429, headers: { 'retry-after': '3' } },
      { status: 200 },
    ])
  })
})
