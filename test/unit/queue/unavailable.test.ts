import { describe, expect, it } from 'vitest'
import { SyncError } from '../../../src/core/errors.ts'
import { toQueueError } from '../../../src/queue/unavailable.ts'

const place = { variable: 'QUEUE_URL', shown: 'cache:6379' }
const withCode = (code: string, message: string) => Object.assign(new Error(message), { code })

describe('an error of a queue driver', () => {
  for (const error of [
    withCode('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:6379'),
    withCode('57P01', 'terminating connection due to administrator command'),
    withCode('53300', 'sorry, too many clients already'),
    new Error('Connection terminated unexpectedly'),
    new Error('Connection is closed.'),
    new Error('Reached the max retries per request limit (which is 1).'),
    new Error('LOADING Redis is loading the dataset in memory'),
    new AggregateError([withCode('ECONNREFUSED', 'connect ECONNREFUSED ::1:6379')], ''),
  ].map((error) =>
    error instanceof AggregateError ? Object.assign(error, { code: 'ECONNREFUSED' }) : error,
  )) {
    it(`means that the queue is away: ${error.message || 'AggregateError'}`, () => {
      const result = toQueueError(error, place)
      expect(result).toBeInstanceOf(SyncError)
      expect(result).toMatchObject({ code: 'QUEUE_UNAVAILABLE', kind: 'transient' })
      expect(String(result)).toMatch(/The queue at cache:6379 \(QUEUE_URL\) cannot be reached: .+/)
    })
  }

  it('is told apart when the server answers and refuses', () => {
    expect(toQueueError(withCode('28P01', 'password authentication failed'), place)).toMatchObject({
      code: 'CONNECTION_SIGN_IN_FAILED',
    })
    expect(toQueueError(new Error('WRONGPASS invalid username-password pair'), place)).toMatchObject({
      code: 'CONNECTION_SIGN_IN_FAILED',
    })
    expect(toQueueError(withCode('3D000', 'database "x" does not exist'), place)).toMatchObject({
      code: 'CONNECTION_NOT_FOUND',
    })
    expect(toQueueError(withCode('42501', 'permission denied for database x'), place)).toMatchObject({
      code: 'PRIVILEGE_MISSING',
    })
  })

  it('stays what it is when it is ours or a bug', () => {
    const ours = new SyncError('QUEUE_PARENT_MISSING', 'x')
    const bug = new TypeError('x is not a function')
    expect(toQueueError(ours, place)).toBe(ours)
    expect(toQueueError(bug, place)).toBe(bug)
  })
})
