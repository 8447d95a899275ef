import { describe, expect, it } from 'vitest'
import { type AttemptFacts, judgeAttempt } from '../../../../src/core/webhooks/judge-attempt.ts'

const day = 86_400_000
const refused = (status: number, retryAfterMs: number | null = null) =>
  ({ status, code: null, retryAfterMs }) as const
const judge = (more: Partial<AttemptFacts>) =>
  judgeAttempt({
    type: 'run.finished',
    result: refused(500),
    tries: 1,
    owedMs: 0,
    failingMs: null,
    giveUpDays: 3,
    random: 0,
    ...more,
  })
const pauseOf = (more: Partial<AttemptFacts>) => {
  const { next } = judge(more)
  return typeof next === 'object' ? next.inMs : null
}

describe('an attempt to send a message', () => {
  it.each([200, 202, 204, 299])('with status %i is the last one', (status) => {
    expect(judge({ result: refused(status), owedMs: 9 * day, failingMs: 9 * day })).toEqual({
      next: 'delivered',
      disables: null,
    })
  })

  it.each([
    ['an error of the receiver', refused(500)],
    ['a refusal', refused(401)],
    ['nobody there', { status: null, code: 'CONNECTION_REFUSED' }],
    ['a redirect', { status: null, code: 'REDIRECT_REFUSED' }],
    ['an address that is not allowed', { status: null, code: 'ADDRESS_REFUSED' }],
  ] as const)('that meets %s is repeated', (_what, result) => {
    expect(judge({ result })).toEqual({ next: { inMs: 5_000 }, disables: null })
  })

  it('is repeated later and later, up to six hours, with jitter', () => {
    expect([1, 2, 3, 4].map((tries) => pauseOf({ tries }))).toEqual([5_000, 10_000, 20_000, 40_000])
    expect(pauseOf({ tries: 1, random: 0.999_999 })).toBe(10_000)
    expect(pauseOf({ tries: 500 })).toBe(3 * 3_600_000)
  })

  it('is not repeated before the receiver has said, as far as that is sensible', () => {
    expect(pauseOf({ result: refused(503, 120_000) })).toBe(120_000)
    expect(pauseOf({ result: refused(429, 1_000) })).toBe(5_000)
    expect(pauseOf({ result: refused(429, 365 * day) })).toBe(6 * 3_600_000)
  })

  it('is given up after the days, and so is a receiver that nothing has reached for so long', () => {
    expect(judge({ owedMs: 3 * day - 1, failingMs: 3 * day - 1 }).next).not.toBe('failed')
    expect(judge({ owedMs: 3 * day, failingMs: null })).toEqual({ next: 'failed', disables: null })
    expect(judge({ owedMs: 0, failingMs: 3 * day })).toMatchObject({
      next: { inMs: 5_000 },
      disables: { reason: 'Nothing has reached it for 3 days', failingMs: 3 * day },
    })
  })

  it('that is answered with 410 is the last one for this receiver', () => {
    expect(judge({ result: refused(410) })).toEqual({
      next: 'failed',
      disables: { reason: 'It has answered 410 Gone', failingMs: 0 },
    })
  })

  it('of a test is made once, and disables nobody', () => {
    const facts = { type: 'webhook.test', failingMs: 9 * day } as const
    expect(judge(facts)).toEqual({ next: 'failed', disables: null })
    expect(judge({ ...facts, result: refused(410) })).toEqual({ next: 'failed', disables: null })
    expect(judge({ ...facts, result: refused(200) }).next).toBe('delivered')
  })
})
