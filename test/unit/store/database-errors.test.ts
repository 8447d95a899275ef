import { expect, it } from 'vitest'
import { translateDatabaseError } from '../../../src/store/database-errors.ts'

it.each(['Query read timeout', 'Connection terminated unexpectedly', 'deadlock detected'])(
  'says that the connection was interrupted: %s',
  (message) => {
    const failure = Object.assign(
      new Error(message),
      message === 'deadlock detected' ? { code: '40P01' } : {},
    )
    expect(translateDatabaseError(failure, 'a server')).toMatchObject({ code: 'CONNECTION_INTERRUPTED' })
  },
)
