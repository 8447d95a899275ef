import { describe, expect, it } from 'vitest'
import type { BatchRequest } from '../../../../src/connectors/odata/batch.ts'
import { jsonBatchBody, readJsonBatch } from '../../../../src/connectors/odata/batch-json.ts'
import { multipartBody, readMultipart } from '../../../../src/connectors/odata/batch-multipart.ts'
import { type Json, jsonNumber, parseJson } from '../../../../src/connectors/odata/json.ts'

const reader = {
  facts: { connection: 'crm', origin: 'https://contoso.example' },
  hide: (text: string) => text,
}
const root = new URL('https://contoso.example/api/data/v9.2/')
const request = (
  id: string,
  group: string | null = null,
  more: Partial<BatchRequest> = {},
): BatchRequest => ({
  id,
  method: 'PATCH',
  path: `accounts(${id})`,
  headers: { 'If-Match': 'W/"1"' },
  body: { name: id },
  group,
  ...more,
})

const crlf = (text: string) => text.replaceAll('\n', '\r\n')
const part = (status: string, body = '', head = 'Content-Type: application/http') =>
  `${head}\n\nHTTP/1.1 ${status}\ncontent-type: application/json\n\n${body}\n`
const failed = '400 Bad Request'
const error = '{"error":{"code":"0x80044331","message":"too long"}}'
const answer = (parts: readonly string[], boundary = 'batchresponse_1') => ({
  headers: { 'content-type': `multipart/mixed; boundary=${boundary}` },
  text: crlf(`${parts.map((each) => `--${boundary}\n${each}`).join('')}--${boundary}--\n`),
})
const group = (parts: readonly string[]) =>
  `Content-Type: multipart/mixed; boundary="cs"\n\n${parts.map((each) => `--cs\n${each}`).join('')}--cs--\n`
const kinds = (results: ReadonlyMap<string, { readonly kind: string }>) =>
  Object.fromEntries([...results].map(([id, { kind }]) => [id, kind]))

describe('a multipart batch', () => {
  it('is written with CR LF everywhere, its own headers in each part, and change sets', () => {
    const requests = [
      request('1', 'a', {
        method: 'POST',
        path: 'accounts',
        headers: {},
        body: { limit: jsonNumber('922337203685477.5807') },
      }),
      request('2', 'a', { method: 'POST', path: '$1/contacts', headers: {}, body: {} }),
      request('3', null, { method: 'GET', path: 'accounts?$top=1', headers: { Prefer: 'x' }, body: null }),
    ]
    expect(multipartBody(requests, { root, boundary: 'b', addresses: 'of-host' })).toBe(
      crlf(`--b
Content-Type: multipart/mixed; boundary=changeset_1_b

--changeset_1_b
Content-Type: application/http
Content-Transfer-Encoding: binary
Content-ID: 1

POST /api/data/v9.2/accounts HTTP/1.1
Accept: application/json
Content-Type: application/json

{"limit":922337203685477.5807}
--changeset_1_b
Content-Type: application/http
Content-Transfer-Encoding: binary
Content-ID: 2

POST $1/contacts HTTP/1.1
Accept: application/json
Content-Type: application/json

{}
--changeset_1_b--

--b
Content-Type: application/http
Content-Transfer-Encoding: binary
Content-ID: 3

GET /api/data/v9.2/accounts?$top=1 HTTP/1.1
Accept: application/json
Prefer: x


--b--
`),
    )
  })

  it('is answered in order, change sets by Content-ID, whatever the case of the headers', () => {
    const requests = [request('1'), request('2', 'a'), request('3', 'a'), request('4')]
    const named = (id: string) => `content-type: application/http\ncontent-id: ${id}`
    const results = readMultipart(
      requests,
      answer([
        part('204 No Content'),
        group([part('200 OK', '{"id":3}', named('3')), part('200 OK', '{"id":2}', named('2'))]),
        part('200 OK', '{"big":9007199254740993}'),
      ]),
      reader,
    )
    expect(results.get('1')).toEqual({
      kind: 'done',
      status: 204,
      headers: { 'content-type': 'application/json' },
      body: null,
    })
    expect(results.get('2')).toMatchObject({ kind: 'done', body: { id: 2 } })
    expect(results.get('3')).toMatchObject({ kind: 'done', body: { id: 3 } })
    expect(results.get('4')).toMatchObject({ body: parseJson('{"big":9007199254740993}') })
  })

  it('names resources below the service where it is to', () => {
    const frame = { root, boundary: 'b', addresses: 'of-service' } as const
    expect(multipartBody([request('1')], frame)).toContain('\r\nPATCH accounts(1) HTTP/1.1\r\n')
  })

  it('whose answers all name their requests may answer in any order and without change sets', () => {
    const named = (id: string, status: string) =>
      part(status, status === failed ? error : '{}', `content-type: application/http\ncontent-id: ${id}`)
    const requests = [request('1', 'a'), request('2', 'a'), request('3')]
    const text = answer([named('3', '200 OK'), named('2', failed), named('1', '201 Created')])
    expect(kinds(readMultipart(requests, text, reader))).toEqual({
      '1': 'rolled-back',
      '2': 'failed',
      '3': 'done',
    })
  })

  it('that has stopped at an error did not run the rest', () => {
    const results = readMultipart(
      [request('1'), request('2'), request('3')],
      answer([part('204 No Content'), part(failed, error)]),
      reader,
    )
    expect(kinds(results)).toEqual({ '1': 'done', '2': 'failed', '3': 'not-run' })
    expect(results.get('2')).toMatchObject({
      failure: { status: 400, code: '0x80044331', message: 'too long' },
    })
  })

  it.each<readonly [string, string]>([
    ['by one part', part(failed, error)],
    ['by a part in a group', group([part(failed, error)])],
    ['by lies about the others', group([part('201 Created', '{}'), part(failed, error)])],
  ])('a change set that has failed, answered %s, wrote nothing', (_how, text) => {
    const results = readMultipart(
      [request('1', 'a'), request('2', 'a'), request('3')],
      answer([text]),
      reader,
    )
    expect(Object.values(kinds(results)).sort()).toEqual(['failed', 'not-run', 'rolled-back'])
    expect(results.get('3')).toEqual({ kind: 'not-run' })
  })

  it('one part may be throttled by itself', () => {
    const text =
      'Content-Type: application/http\n\nHTTP/1.1 429 Too Many\nRetry-After: 7\n\n{"error":{"code":"0x80072326","message":""}}\n'
    expect(readMultipart([request('1')], answer([text]), reader).get('1')).toMatchObject({
      failure: { status: 429, retryAfterMs: 7_000, facet: 'concurrency' },
    })
  })

  it('knows its boundary from the answer alone, in quotes or not, and no text that merely looks like it', () => {
    const text = answer([part('200 OK', '{"name":"--x--"}')], 'x')
    const quoted = { ...text, headers: { 'content-type': 'multipart/mixed;charset=utf-8; boundary="x"' } }
    expect(readMultipart([request('1')], quoted, reader).get('1')).toMatchObject({ body: { name: '--x--' } })
    const plain = { ...text, text: text.text.replaceAll('\r\n', '\n') }
    expect(kinds(readMultipart([request('1')], plain, reader))).toEqual({ '1': 'done' })
  })

  const whole = answer([part('204 No Content')])
  it.each<readonly [string, { headers: Record<string, string>; text: string }]>([
    ['cut off', { ...whole, text: whole.text.slice(0, -20) }],
    ['without a boundary', { ...whole, headers: { 'content-type': 'multipart/mixed' } }],
    ['with another boundary', { ...whole, headers: { 'content-type': 'multipart/mixed; boundary=y' } }],
    ['with more parts than were sent', answer([part('204 No Content'), part('204 No Content')])],
    ['with a part that is no answer', answer(['Content-Type: application/http\n\nhello\n'])],
    ['with a part that is no JSON', answer([part('200 OK', '{')])],
    ['with half a group', answer([part('200 OK', '{}')])],
  ])('%s is no answer', (what, text) => {
    const requests = what.includes('group') ? [request('1', 'a'), request('2', 'a')] : [request('1')]
    expect(() => readMultipart(requests, text, reader)).toThrow(
      expect.objectContaining({ code: 'ANSWER_INVALID' }),
    )
  })
})

describe('a JSON batch', () => {
  const responses = (...list: readonly Json[]): Json => ({ responses: list })
  const bad = {
    id: '2',
    status: 400,
    body: { error: { code: 'Application_DialogException', message: 'no' } },
  }

  it('is written with an address below the root', () => {
    expect(
      jsonBatchBody([request('1', 'a'), request('2', null, { method: 'GET', headers: {}, body: null })]),
    ).toEqual({
      requests: [
        {
          id: '1',
          method: 'PATCH',
          url: 'accounts(1)',
          headers: { accept: 'application/json', 'content-type': 'application/json', 'If-Match': 'W/"1"' },
          body: { name: '1' },
          atomicityGroup: 'a',
        },
        { id: '2', method: 'GET', url: 'accounts(2)', headers: { accept: 'application/json' } },
      ],
    })
  })

  it('is answered by id, never by position, whether ids are texts or numbers', () => {
    const results = readJsonBatch(
      [request('1'), request('2')],
      responses(bad, { id: 1, status: 200, headers: { ETag: 'x' }, body: { name: 'A' } }),
      false,
      reader,
    )
    expect(results.get('1')).toEqual({
      kind: 'done',
      status: 200,
      headers: { etag: 'x' },
      body: { name: 'A' },
    })
    expect(results.get('2')).toMatchObject({
      kind: 'failed',
      failure: { code: 'Application_DialogException' },
    })
  })

  it('that is one transaction wrote nothing when one part has failed, whatever the others say', () => {
    const requests = [request('1'), request('2'), request('3')]
    const lying = responses({ id: '1', status: 201, body: {} }, bad)
    expect(kinds(readJsonBatch(requests, lying, true, reader))).toEqual({
      '1': 'rolled-back',
      '2': 'failed',
      '3': 'rolled-back',
    })
    expect(kinds(readJsonBatch(requests, lying, false, reader))).toEqual({
      '1': 'done',
      '2': 'failed',
      '3': 'not-run',
    })
  })

  it('names the failure that caused the others of its group', () => {
    const results = readJsonBatch(
      [request('1', 'g'), request('2', 'g')],
      responses({ id: '1', status: 424, body: { error: { code: '424', message: 'dependency' } } }, bad),
      false,
      reader,
    )
    expect(kinds(results)).toEqual({ '1': 'rolled-back', '2': 'failed' })
    expect(results.get('1')).toMatchObject({ failure: { code: 'Application_DialogException' } })
  })

  it.each<readonly [string, Json]>([
    ['nothing', null],
    ['no list', { responses: {} }],
    ['another request', responses({ id: '9', status: 200 })],
    ['one request twice', responses({ id: '1', status: 200 }, { id: '1', status: 400 })],
    ['no status', responses({ id: '1' })],
  ])('that answers %s is no answer', (_what, body) => {
    expect(() => readJsonBatch([request('1')], body, false, reader)).toThrow(
      expect.objectContaining({ code: 'ANSWER_INVALID' }),
    )
  })
})
