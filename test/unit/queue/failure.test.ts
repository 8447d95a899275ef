import { describe, expect, it } from 'vitest'
import { type ErrorKind, SyncError } from '../../../src/core/errors.ts'
import {
  decideFailure,
  type FailureAction,
  type FailureFacts,
  maxFreeStarts,
} from '../../../src/queue/failure.ts'

const facts: FailureFacts = {
  attempt: 2,
  freeStarts: 0,
  isAborted: false,
  backoff: { firstMs: 1_000, maxMs: 60_000 },
  random: 1,
}
const ofKind = (kind: ErrorKind, retryAfterMs?: number) =>
  new SyncError('INTERNAL', 'x', { kind, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })

describe('what the queue does with a job that threw', () => {
  const expected: Record<ErrorKind, FailureAction> = {
    transient: { action: 'retry', delayMs: 2_000 },
    waiting: { action: 'later', delayMs: 1_000 },
    'lost-lease': { action: 'later', delayMs: 1_000 },
    permanent: { action: 'stop' },
    conflict: { action: 'stop' },
    config: { action: 'stop' },
  }
  for (const [kind, action] of Object.entries(expected) as [ErrorKind, FailureAction][]) {
    it(`a ${kind} error means ${action.action}`, () => {
      expect(decideFailure(ofKind(kind), facts)).toEqual(action)
    })
  }

  it('an error nobody threw on purpose spends an attempt', () => {
    expect(decideFailure(new TypeError('bug'), facts)).toEqual({ action: 'retry', delayMs: 2_000 })
    expect(decideFailure('a string', facts)).toEqual({ action: 'retry', delayMs: 2_000 })
  })

  it('the back-off grows with the attempt, has jitter, and ends at its maximum', () => {
    const delay = (attempt: number, random: number) =>
      decideFailure(ofKind('transient'), { ...facts, attempt, random })
    expect(delay(1, 0)).toEqual({ action: 'retry', delayMs: 500 })
    expect(delay(4, 0.5)).toEqual({ action: 'retry', delayMs: 6_000 })
    expect(delay(40, 1)).toEqual({ action: 'retry', delayMs: 60_000 })
  })

  it('a longer wait that the other system asks for wins over the back-off', () => {
    expect(decideFailure(ofKind('transient', 90_000), facts)).toEqual({ action: 'retry', delayMs: 90_000 })
    expect(decideFailure(ofKind('transient', 10), facts)).toEqual({ action: 'retry', delayMs: 2_000 })
    expect(decideFailure(ofKind('waiting', 90_000), facts)).toEqual({ action: 'later', delayMs: 90_000 })
  })

  it('waiting errors come back ever more rarely', () => {
    expect(decideFailure(ofKind('waiting'), { ...facts, freeStarts: 3 })).toEqual({
      action: 'later',
      delayMs: 8_000,
    })
  })

  it('losing the lease again and again spends attempts in the end (P10)', () => {
    expect(decideFailure(ofKind('lost-lease'), { ...facts, freeStarts: maxFreeStarts })).toEqual({
      action: 'retry',
      delayMs: 2_000,
    })
  })

  it('during shutdown nothing spends an attempt, and the next worker may take the job at once', () => {
    for (const error of [
      ofKind('transient'),
      ofKind('waiting'),
      ofKind('lost-lease'),
      new Error('aborted'),
    ]) {
      expect(decideFailure(error, { ...facts, isAborted: true })).toEqual({ action: 'later', delayMs: 0 })
    }
    expect(decideFailure(ofKind('permanent'), { ...facts, isAborted: true })).toEqual({ action: 'stop' })
  })
})
