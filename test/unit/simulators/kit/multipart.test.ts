import { expect, it } from 'vitest'
import {
  boundaryOf,
  parseHttpPart,
  parseMultipart,
  writeMultipart,
} from '../../../../src/simulators/kit/multipart.ts'

const lines = (...text: string[]) => text.join('\r\n')
const get = lines(
  'Content-Type: application/http',
  'Content-Transfer-Encoding: binary',
  '',
  'GET /a HTTP/1.1',
  'Accept: x',
  '',
  '',
)

it('what is written is read again', () => {
  const body = writeMultipart('b', [get, get])
  const parts = parseMultipart(body, 'b')
  expect(parts).toHaveLength(2)
  expect(parts?.map(parseHttpPart)).toEqual([
    { method: 'GET', url: '/a', headers: { accept: 'x' }, body: '' },
    { method: 'GET', url: '/a', headers: { accept: 'x' }, body: '' },
  ])
})

it('a part may carry a body, or end with its headers', () => {
  const post = lines(
    'Content-Type: application/http',
    '',
    'POST /a HTTP/1.1',
    'Content-Type: application/json',
    '',
    '{"a":1}',
  )
  const bare = lines('Content-Type: application/http', '', 'DELETE /a HTTP/1.1', 'If-Match: *', '')
  const [first, second] = (parseMultipart(writeMultipart('b', [post, bare]), 'b') ?? []).map(parseHttpPart)
  expect(first).toMatchObject({ method: 'POST', body: '{"a":1}' })
  expect(second).toMatchObject({ method: 'DELETE', headers: { 'if-match': '*' }, body: '' })
})

it('line ends other than CR and LF are refused, also after the last boundary', () => {
  const body = writeMultipart('b', [get])
  expect(parseMultipart(body.replaceAll('\r\n', '\n'), 'b')).toBeNull()
  expect(parseMultipart(body.trimEnd(), 'b')).toBeNull()
  expect(parseMultipart('nothing', 'b')).toBeNull()
})

it('the boundary is read with and without quotes', () => {
  expect(boundaryOf('multipart/mixed; boundary="batch_1"')).toBe('batch_1')
  expect(boundaryOf('multipart/mixed;boundary=batch_1')).toBe('batch_1')
  expect(boundaryOf('application/json')).toBeNull()
})
