import { describe, expect, it } from 'vitest'
import { type AttemptEnd, decideRetry, retryAfterMs } from '../../../../src/connectors/http/retry.ts'

const policy = { maxAttempts: 4, patienceMs: 30_000, backoff: { firstMs: 500, maxMs: 8_000 } }
const first = { attempt: 1, isRepeatable: false, hasSignedInAgain: false, waitedMs: 0, random: 0 }
const status = (code: number, retryAfterMs: number | null = null): AttemptEnd => ({
  status: code,
  retryAfterMs,
})
const lost = (mayHaveRun: boolean): AttemptEnd => ({ code: 'CONNECTION_INTERRUPTED', mayHaveRun })
const again = (afterMs: number) => ({ again: true, afterMs, signInAgain: false })
const no = { again: false }

describe('whether a request is sent again', () => {
  it.each<readonly [string, AttemptEnd, object, object]>([
    ['200', status(200), {}, no],
    ['412', status(412), { isRepeatable: true }, no],
    ['401, once, signed in anew', status(401), {}, { again: true, afterMs: 0, signInAgain: true }],
    ['401, the second time', status(401), { hasSignedInAgain: true }, no],
    ['429, whatever it is, when the server says', status(429, 7_000), {}, again(7_000)],
    ['429 without a time', status(429), {}, again(250)],
    ['429 for longer than a request waits', status(429, 30_001), {}, no],
    ['429 after having waited for long', status(429, 7_000), { waitedMs: 24_000 }, no],
    ['429 for the fourth time', status(429, 1), { attempt: 4 }, no],
    ['503 for a read', status(503, 2_000), { isRepeatable: true }, again(2_000)],
    ['503 for a write', status(503, 2_000), {}, no],
    ['502 for a read', status(502), { isRepeatable: true, attempt: 3 }, again(1_000)],
    ['500', status(500), { isRepeatable: true }, no],
    ['504', status(504), { isRepeatable: true }, no],
    ['408', status(408), { isRepeatable: true }, no],
    ['a lost write', lost(true), {}, no],
    ['a lost read', lost(true), { isRepeatable: true }, again(250)],
    ['a write that never left', lost(false), {}, again(250)],
    ['a read that took too long', { code: 'ANSWER_TIMEOUT', mayHaveRun: true }, { isRepeatable: true }, no],
    ['an unreadable answer', { code: 'ANSWER_INVALID', mayHaveRun: true }, { isRepeatable: true }, no],
    ['a lost lease', { code: 'LEASE_LOST', mayHaveRun: false }, { isRepeatable: true }, no],
  ])('%s', (_case, end, facts, decision) => {
    expect(decideRetry(end, { ...first, ...facts }, policy)).toEqual(decision)
  })
})

describe('Retry-After', () => {
  const now = new Date('2026-05-01T08:00:00Z')
  it.each([
    [undefined, null],
    ['', null],
    ['soon', null],
    ['-5', null],
    ['7', 7_000],
    [' 0 ', 0],
    ['1.5', 1_500],
    ['Fri, 01 May 2026 08:01:00 GMT', 60_000],
    ['Fri, 01 May 2026 07:00:00 GMT', 0],
  ])('%s is %s ms', (header, ms) => {
    expect(retryAfterMs(header, now)).toBe(ms)
  })
})
