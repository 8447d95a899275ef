import { describe, expect, it } from 'vitest'
import { judgeFailure, recordProblem } from '../../../../src/connectors/business-central/judge-failure.ts'
import type { TableSchema } from '../../../../src/core/mapping/schema.ts'

const failure = (status: number, code: string, message = '') => ({
  status,
  code,
  message,
  retryAfterMs: null,
  facet: null,
})

describe('a write that is refused', () => {
  it.each([
    [400, 'Internal_EntityWithSameKeyExists', 'insert', 'duplicate'],
    [409, 'Internal_EntityWithSameKeyExists', 'insert', 'duplicate'],
    [409, 'Request_EntityChanged', 'update', 'changed'],
    [412, '', 'delete', 'changed'],
    [404, 'Internal_RecordNotFound', 'update', 'missing'],
    [404, 'Internal_DataNotFoundFilter', 'delete', 'missing'],
    [404, 'Internal_RecordNotFound', 'insert', 'record'],
    [400, 'Application_DialogException', 'update', 'record'],
    [500, 'Internal_ServerError', 'insert', 'record'],
    [429, 'Application_TooManyRequests', 'insert', 'throttled'],
    [503, 'Internal_TenantUnavailable', 'update', 'whole'],
    [408, '', 'insert', 'whole'],
    [403, 'Authorization_RequestDenied', 'insert', 'whole'],
    [400, 'BadRequest_InvalidToken', 'update', 'whole'],
  ] as const)('%i %s of an %s is about: %s %s', (status, code, kind, verdict) => {
    expect(judgeFailure(failure(status, code), kind)).toBe(verdict)
  })

  it.each(['update', 'delete', 'insert'] as const)(
    'P9: 404 without a code of the service is no proof that a record has gone (%s)',
    (kind) => {
      expect(judgeFailure(failure(404, ''), kind)).toBe('whole')
      expect(judgeFailure(failure(404, 'BadRequest_NotFound'), kind)).toBe('whole')
    },
  )

  it('P6: names record, field and value, and says what the service said', () => {
    const schema = { table: 'customers' } as TableSchema
    const values = { displayName: 'text:', currencyId: 'uuid:1' } as const
    const refused = failure(
      400,
      'Application_DialogException',
      'The "currencyId" does not match to a Currency.',
    )
    expect(recordProblem({ schema }, refused, 'insert', values)).toMatchObject({
      code: 'INSERT_FAILED',
      field: 'currencyId',
      value: '1',
      message:
        'customers: status 400, Application_DialogException, The "currencyId" does not match to a Currency.',
    })
    expect(recordProblem({ schema }, failure(500, 'Internal_ServerError'), 'insert', {})).toMatchObject({
      code: 'SERVICE_FAILED',
      kind: 'transient',
    })
  })
})
