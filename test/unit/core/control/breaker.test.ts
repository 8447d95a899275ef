import { describe, expect, it } from 'vitest'
import { type BreakerState, breakerInWords, outageOf, step } from '../../../../src/core/control/breaker.ts'

const failure = { code: 'CONNECTION_REFUSED', kind: 'transient', message: 'nobody answers' } as const
const failed = { event: 'failed', failure, random: 1 } as const
const ask = { event: 'ask', by: 'w1', insists: false } as const
const closed = { state: 'closed' } as const

/** Everything that happens, each with its time in seconds. */
function play(...events: readonly (readonly [number, Parameters<typeof step>[1]])[]) {
  let state: BreakerState = closed
  let answer: ReturnType<typeof step>['answer'] | null = null
  for (const [second, event] of events) ({ state, answer } = step(state, event, second * 1_000))
  return { state, answer }
}

describe('the circuit breaker of a connection', () => {
  it('lets everybody through while it is closed', () => {
    expect(play([0, ask])).toEqual({ state: closed, answer: { answer: 'go', isTrial: false } })
  })

  it('opens with the first failure, and whoever asks is told why and for how long', () => {
    expect(play([10, failed], [12, ask]).answer).toEqual({
      answer: 'no',
      isTried: false,
      inMs: 3_000,
      since: 10_000,
      last: failure,
    })
  })

  it('counts what fails together as one failure', () => {
    expect(play([10, failed], [11, failed], [12, failed]).state).toMatchObject({
      failures: 1,
      retryAt: 15_000,
    })
  })

  it('lets exactly one try when the pause is over, and somebody else when that one is never heard of again', () => {
    const one = { ...ask, by: 'w2' }
    const trial = play([0, failed], [6, ask])
    expect(trial).toMatchObject({ state: { state: 'half-open', trialBy: 'w1' }, answer: { isTrial: true } })
    expect(play([0, failed], [6, ask], [7, one]).answer).toMatchObject({ answer: 'no', inMs: 119_000 })
    expect(play([0, failed], [6, ask], [126, one]).state).toMatchObject({ trialBy: 'w2' })
  })

  it('lets somebody else try at once when the trial is given back, by whoever has it and nobody else', () => {
    const one = { ...ask, by: 'w2' }
    const givenBack = (by: string) => play([0, failed], [6, ask], [7, { event: 'withdrawn', by }], [7, one])
    expect(givenBack('w1').answer).toEqual({ answer: 'go', isTrial: true })
    expect(givenBack('w3').answer).toMatchObject({ answer: 'no', inMs: 119_000 })
    const before = play([0, failed], [6, ask], [7, { event: 'withdrawn', by: 'w1' }]).state
    expect(before).toMatchObject({ state: 'open', since: 0, failures: 1, retryAt: 7_000 })
  })

  it('waits longer after each trial that fails, up to five minutes, and remembers since when', () => {
    const state = play([0, failed], [6, ask], [6, failed], [16, ask], [16, failed]).state
    expect(state).toMatchObject({ state: 'open', failures: 3, since: 0, retryAt: 36_000 })
    let long: BreakerState = closed
    for (let n = 0; n < 40; n += 1) long = step(long, failed, n * 1_000_000).state
    expect(long).toMatchObject({ failures: 40, retryAt: 39_000_000 + 300_000 })
  })

  it('closes with one success, for everybody', () => {
    expect(play([0, failed], [6, ask], [6, { event: 'succeeded' }], [7, ask]).answer).toMatchObject({
      answer: 'go',
    })
  })

  it('keeps no person waiting', () => {
    expect(play([0, failed], [1, { ...ask, insists: true }]).answer).toEqual({ answer: 'go', isTrial: true })
  })

  it('tells what is wrong, since when, and what would help', () => {
    expect(breakerInWords(play([0, failed]).state)).toBe(
      'out of reach since 1970-01-01T00:00:00.000Z, 1 failure; tried again from 1970-01-01T00:00:05.000Z on: nobody answers (CONNECTION_REFUSED). Start the server or correct the address in the named variable.',
    )
  })

  it('does not take the failure of a record or a slow answer for one of the connection', () => {
    const error = { kind: 'transient', message: '' } as const
    expect(outageOf({ ...error, code: 'ANSWER_TIMEOUT' })).toBeNull()
    expect(outageOf({ ...error, code: 'THROTTLED' })).toBeNull()
    expect(outageOf({ ...error, code: 'SIGN_IN_REFUSED', kind: 'config' })).toMatchObject({ kind: 'config' })
  })
})
