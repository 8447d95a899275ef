import { expect, it } from 'vitest'
import { statusOf } from '../../../src/api/status.ts'
import { type ErrorCode, errorCodes, SyncError } from '../../../src/core/errors.ts'

const codes = Object.keys(errorCodes) as ErrorCode[]
const status = (code: ErrorCode) => statusOf(new SyncError(code, ''))

it('gives every error a status of its own class: 5xx only where the request itself may be right', () => {
  for (const code of codes) expect(status(code)).toBeGreaterThanOrEqual(400)
  const ours = codes.filter((code) => status(code) >= 500)
  for (const code of codes.filter((each) => errorCodes[each][0] === 'transient')) expect(ours).toContain(code)
  expect(codes.filter((code) => status(code) === 500)).toEqual(['INTERNAL'])
})

it.each([
  ['RUN_UNKNOWN', 404],
  ['RUN_KEY_REUSED', 409],
  ['FULL_SYNC_RUNNING', 409],
  ['REQUEST_INVALID', 400],
  ['API_KEY_INVALID', 401],
  ['CROSS_SITE_REFUSED', 403],
  ['REQUEST_TOO_LARGE', 413],
  ['QUEUE_UNAVAILABLE', 503],
  ['CONNECTION_SIGN_IN_FAILED', 503],
  ['VALUE_REFUSED', 422],
] as const)('%s is %i', (code, expected) => {
  expect(status(code)).toBe(expected)
})

it('follows the kind that an error was given, where the code does not decide', () => {
  expect(statusOf(new SyncError('INSERT_FAILED', '', { kind: 'transient' }))).toBe(503)
})
