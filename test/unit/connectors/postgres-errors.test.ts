import { describe, expect, test } from 'vitest'
import { describeUrl, toConnectionError } from '../../../src/connectors/postgres/connection-errors.ts'
import { isRecordError } from '../../../src/connectors/postgres/record-problems.ts'

const facts = describeUrl('erp', 'ERP_URL', 'postgres://sync:secret@db.example:6543/nav')

function driverError(code: string, message = 'something'): Error {
  return Object.assign(new Error(message), { code })
}

describe('what an error of the driver means', () => {
  test.each([
    ['ECONNREFUSED', 'CONNECTION_REFUSED', 'transient'],
    ['ENOTFOUND', 'HOST_UNKNOWN', 'transient'],
    ['ETIMEDOUT', 'CONNECTION_REFUSED', 'transient'],
    ['53300', 'CONNECTION_REFUSED', 'transient'],
    ['28P01', 'CONNECTION_SIGN_IN_FAILED', 'config'],
    ['3D000', 'CONNECTION_NOT_FOUND', 'config'],
    ['42501', 'PRIVILEGE_MISSING', 'config'],
    ['25006', 'PRIVILEGE_MISSING', 'config'],
    ['ECONNRESET', 'CONNECTION_INTERRUPTED', 'transient'],
    ['EPIPE', 'CONNECTION_INTERRUPTED', 'transient'],
    ['57P01', 'CONNECTION_INTERRUPTED', 'transient'],
    ['57P03', 'CONNECTION_INTERRUPTED', 'transient'],
    ['57014', 'CONNECTION_INTERRUPTED', 'transient'],
    ['40P01', 'CONNECTION_INTERRUPTED', 'transient'],
    ['40001', 'CONNECTION_INTERRUPTED', 'transient'],
    ['55P03', 'CONNECTION_INTERRUPTED', 'transient'],
    ['25P03', 'CONNECTION_INTERRUPTED', 'transient'],
    ['53100', 'CONNECTION_INTERRUPTED', 'transient'],
    ['08006', 'CONNECTION_INTERRUPTED', 'transient'],
    ['0A000', 'TABLE_NOT_USABLE', 'config'],
    ['XX000', 'INTERNAL', 'permanent'],
  ])('%s is %s, %s, and names where', (sqlState, code, kind) => {
    const error = toConnectionError(driverError(sqlState), facts)
    expect(error).toMatchObject({
      code,
      kind,
      data: { host: 'db.example', port: '6543', database: 'nav', setting: 'ERP_URL' },
    })
    expect(error.message).toMatch(/^Connection erp \(ERP_URL\): .*(db\.example|nav)/)
    expect(error.message).not.toContain('secret')
  })

  test('a server that answers nothing at all is tried again', () => {
    expect(toConnectionError(new Error('Query read timeout'), facts)).toMatchObject({
      code: 'CONNECTION_INTERRUPTED',
      kind: 'transient',
    })
  })

  test('of several addresses that were tried the first error counts', () => {
    const error = toConnectionError(
      new AggregateError([driverError('ECONNREFUSED'), driverError('ENETUNREACH')]),
      facts,
    )
    expect(error.code).toBe('CONNECTION_REFUSED')
  })

  test('a missing part of the address has the usual value', () => {
    expect(describeUrl('x', 'X', 'postgresql://me@localhost')).toMatchObject({
      host: 'localhost',
      port: '5432',
      database: 'me',
      user: 'me',
    })
    expect(describeUrl('x', 'X', 'postgres:///nav?host=/run/pg')).toMatchObject({
      host: '/run/pg',
      database: 'nav',
    })
  })
})

describe('whose fault an error is', () => {
  test.each(['22001', '22P02', '23502', '23505', '23514', 'P0001', '44000', '54000', 'C0001'])(
    '%s: the record',
    (code) => {
      expect(isRecordError(driverError(code))).toBe(true)
    },
  )

  test.each(['40P01', '55P03', '57P01', '42703', '42501', '53200', 'ECONNRESET', 'EPIPE', ''])(
    '%s: not the record',
    (code) => {
      expect(isRecordError(driverError(code))).toBe(false)
    },
  )

  test.each([
    ['PL/pgSQL function check() line 3 at RAISE\nSQL statement', true],
    ['PL/pgSQL-Funktion check() Zeile 3 bei RAISE', true],
    ['PL/pgSQL function check() line 3 at SQL statement\nPL/pgSQL function f() line 1 at RAISE', false],
    ['RAISE of PL/pgSQL', false],
  ])('a statement refused in the context %s is the record: %s', (where, isRecord) => {
    expect(isRecordError(Object.assign(driverError('42501'), { where }))).toBe(isRecord)
  })

  // Looking for the second word from each of the first would take minutes.
  test('a context may say the first word of a raised error a hundred thousand times', () => {
    const where = 'PL/pgSQL '.repeat(131_072)
    expect(isRecordError(Object.assign(driverError('42501'), { where }))).toBe(false)
  })

  test('a row refused by a policy is the record, a missing privilege is not', () => {
    expect(
      isRecordError(driverError('42501', 'new row violates row-level security policy for table "t"')),
    ).toBe(true)
  })
})
