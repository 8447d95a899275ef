import { describe, expect, it } from 'vitest'
import {
  failureError,
  failureMayHaveRun,
  type ODataFailure,
  readFailure,
  readLimits,
} from '../../../../src/connectors/odata/failure.ts'

const read = (status: number, body: unknown, hide = (text: string) => text) =>
  readFailure(status, typeof body === 'string' ? body : JSON.stringify(body), null, hide)
const facts = { connection: 'crm', origin: 'https://contoso.example' }

describe('an answer that says no', () => {
  it('is known by status and code', () => {
    const body = { error: { code: '0x80060882', message: 'The version of the existing record differs.' } }
    expect(read(412, body)).toEqual({
      status: 412,
      code: '0x80060882',
      message: 'The version of the existing record differs.',
      retryAfterMs: null,
      facet: null,
    })
  })

  it.each([
    [
      'Another user has already changed the record.  CorrelationId:  0a1b2c3d-0000-1111-2222-333344445555.',
      'Another user has already changed the record.',
    ],
    ['Failed. Activity ID: {0A1B2C3D-0000-1111-2222-333344445555}', 'Failed.'],
    [
      'Account With Id = 0a1b2c3d-0000-1111-2222-333344445555 Does Not Exist',
      'Account With Id = 0a1b2c3d-0000-1111-2222-333344445555 Does Not Exist',
    ],
    ['two\r\n   lines', 'two lines'],
    ['x'.repeat(600), `${'x'.repeat(499)}…`],
    ['of https://ada:hunter2@crm.example/', 'of https://crm.example/'],
  ])('its message is for people: %s', (message, shown) => {
    expect(read(400, { error: { code: 'A', message } }).message).toBe(shown)
  })

  it.each([
    '',
    '<html>',
    '[]',
    '{"error":"x"}',
    '{"error":{"code":5,"message":{}}}',
    '{"error":{"code":"a b\\n"}}',
  ])('says no more than its status when its body is %s', (body) => {
    expect(read(500, body)).toEqual({ status: 500, code: '', message: '', retryAfterMs: null, facet: null })
  })

  it('may wrap its message in an object, and its secrets are taken out', () => {
    const body = { error: { code: 'A', message: { lang: 'en', value: 'token abc' } } }
    expect(read(400, body, (text) => text.replace('abc', '***')).message).toBe('token ***')
  })

  // Looking for the end of a run of blanks from each of them would take minutes.
  it.each([' ', 'correlation', 'a://'])('may be hundreds of thousands of %j', (piece) => {
    const message = `x${piece.repeat(262_144 / piece.length)}y`
    expect(read(400, { error: { code: 'A', message } }).message.length).toBeLessThanOrEqual(500)
  })

  it('tells no half of a secret where it is cut', () => {
    const message = `${' '.repeat(3_980)}of https://ada:hunter2@crm.example/ or token abc`
    const shown = read(400, { error: { code: 'A', message } }, (text) => text.replace('abc', '***')).message
    expect(shown).toBe('of https://crm.examp')
  })

  it.each([
    ['0x80072322', 'requests'],
    ['0x80072321', 'execution-time'],
    ['0x80072326', 'concurrency'],
    ['Application_TooManyRequests', null],
  ])('%s is the limit %s', (code, facet) => {
    const text = JSON.stringify({ error: { code, message: 'limit' } })
    expect(readLimits({ status: 429, headers: { 'x-ms-dop-hint': '8' }, text })).toEqual({
      parallelismHint: 8,
      facet,
    })
    expect(readLimits({ status: 400, headers: { 'x-ms-dop-hint': 'many' }, text })).toEqual({
      parallelismHint: null,
      facet: null,
    })
  })
})

describe('a failure of a whole request', () => {
  const failure = (status: number): ODataFailure => ({
    status,
    code: 'Code',
    message: 'why',
    retryAfterMs: 5_000,
    facet: null,
  })
  it.each([
    [400, 'SERVICE_REFUSED', 'config', false],
    [401, 'SIGN_IN_REFUSED', 'config', false],
    [403, 'PRIVILEGE_MISSING', 'config', false],
    [404, 'SERVICE_REFUSED', 'config', false],
    [408, 'SERVICE_FAILED', 'transient', true],
    [429, 'THROTTLED', 'transient', false],
    [500, 'SERVICE_FAILED', 'transient', true],
    [503, 'SERVICE_FAILED', 'transient', true],
  ])('%i is %s', (status, code, kind, mayHaveRun) => {
    const error = failureError(failure(status), 'read accounts', facts)
    expect(error).toMatchObject({
      code,
      kind,
      retryAfterMs: 5_000,
      data: { connection: 'crm', status, serviceCode: 'Code', mayHaveRun },
    })
    expect(error.message).toMatch(/^Connection crm: cannot read accounts, .+ \(status \d+, Code, why\)$/)
    expect(failureMayHaveRun(failure(status))).toBe(mayHaveRun)
  })
})
