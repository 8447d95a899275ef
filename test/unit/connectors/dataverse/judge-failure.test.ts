import { describe, expect, it } from 'vitest'
import { judgeAfterLook, judgeFailure } from '../../../../src/connectors/dataverse/judge-failure.ts'
import type { TableDescription } from '../../../../src/connectors/dataverse/metadata.ts'
import { asWritten } from '../../../../src/connectors/dataverse/reread.ts'
import { buildShape } from '../../../../src/connectors/dataverse/shape.ts'
import type { ODataFailure } from '../../../../src/connectors/odata/failure.ts'
import type { WriteOperation } from '../../../../src/core/ports/connector.ts'

const id = '6ba7b810-9dad-11d1-80b4-00c04fd430c8'
const description: TableDescription = {
  logicalName: 'account',
  entitySet: 'accounts',
  primaryId: 'accountid',
  hasChangeTracking: true,
  hasVersions: true,
  attributes: [
    { LogicalName: 'accountid', AttributeType: 'Uniqueidentifier' },
    {
      LogicalName: 'name',
      AttributeType: 'String',
      MaxLength: 10,
      RequiredLevel: { Value: 'SystemRequired' },
    },
    { LogicalName: 'accountnumber', AttributeType: 'String', MaxLength: 5 },
    { LogicalName: 'primarycontactid', AttributeType: 'Lookup' },
    { LogicalName: 'since', AttributeType: 'DateTime' },
    { LogicalName: 'parent', AttributeType: 'Customer' },
  ],
  options: new Map(),
  alternateKeys: [['accountnumber']],
  navigation: new Map([
    ['primarycontactid', new Map([['contact', 'primarycontactid']])],
    [
      'parent',
      new Map([
        ['account', 'parent_account'],
        ['contact', 'parent_contact'],
      ]),
    ],
  ]),
  hasCreateMultiple: true,
  readPrivilege: null,
}
const shape = buildShape(
  description,
  { table: 'account' },
  {
    facts: { connection: 'crm', origin: 'https://crm.example' },
    maxServerRunMs: 1,
  },
)

const values = {
  name: 'text:Far too long a name',
  accountnumber: 'text:1',
  primarycontactid: `uuid:${id}`,
} as const
const insert: WriteOperation = { kind: 'insert', token: 't', key: `uuid:${id}`, values }
const update: WriteOperation = { kind: 'update', key: `uuid:${id}`, expectedVersion: 'W/"1"', values }
const remove: WriteOperation = { kind: 'delete', key: `uuid:${id}`, expectedVersion: 'W/"1"' }
const failure = (status: number, code = '', message = 'No.'): ODataFailure => ({
  status,
  code,
  message,
  retryAfterMs: status === 429 ? 5_000 : null,
  facet: null,
})
const judged = (operation: WriteOperation, ...told: Parameters<typeof failure>) => {
  const verdict = judgeFailure(shape, operation, failure(...told))
  return verdict.status === 'rejected' ? [verdict.problem.code, verdict.problem.field] : verdict.status
}

describe('a refused write', () => {
  it.each([
    ['a stale version', update, 412, '0x80060882', 'version-mismatch'],
    ['a stale version, told by a proxy', remove, 412, '', 'version-mismatch'],
    ['a taken id', insert, 412, '0x80040237', 'look'],
    ['a taken alternate key', insert, 412, '0x80060892', ['POSSIBLE_DUPLICATE', 'accountnumber']],
    [
      'a taken alternate key of an update',
      update,
      412,
      '0x80060892',
      ['POSSIBLE_DUPLICATE', 'accountnumber'],
    ],
    ['a duplicate rule', insert, 412, '0x80040333', ['POSSIBLE_DUPLICATE', 'accountnumber']],
    [
      'a duplicate rule with another status',
      insert,
      500,
      '0x80040333',
      ['POSSIBLE_DUPLICATE', 'accountnumber'],
    ],
    ['a record or a lookup that is not there', update, 404, '0x80040217', 'look'],
    ['a lookup that is not there', insert, 404, '0x80040217', ['VALUE_REFUSED', null]],
    ['a text too long', insert, 400, '0x80044331', ['VALUE_TRUNCATED', 'name']],
    ['throttling', update, 429, '0x80072322', ['THROTTLED', null]],
    ['a failure of the service', update, 503, '', ['SERVICE_FAILED', null]],
    ['a plug-in', remove, 400, '0x80040265', ['DELETE_FAILED', null]],
    ['a record in use', remove, 405, '0x80040227', ['DELETE_FAILED', null]],
    ['a missing right', update, 403, '0x80040220', ['PRIVILEGE_MISSING', null]],
    ['anything else', update, 400, '0x80048d19', ['MODIFY_FAILED', null]],
    ['capital letters in a code', insert, 412, '0X80060892', ['POSSIBLE_DUPLICATE', 'accountnumber']],
  ] as const)('%s', (_, operation, status, code, expected) => {
    expect(judged(operation, status, code)).toEqual(expected)
  })

  it('names the field that the message names, or the lookup whose id it holds', () => {
    expect(judged(update, 400, '0x0', "Something about 'accountnumber'.")).toEqual([
      'MODIFY_FAILED',
      'accountnumber',
    ])
    const message = `Entity 'contact' With Id = ${id.toUpperCase()} Does Not Exist`
    expect(judged(insert, 404, '0x80040217', message)).toEqual(['VALUE_REFUSED', 'primarycontactid'])
    const missing: WriteOperation = { ...insert, values: { accountnumber: 'text:1' } }
    expect(judged(missing, 400, '0x80040203')).toEqual(['VALUE_MISSING', 'name'])
  })

  it('of a record that was looked at', () => {
    const looked = (operation: WriteOperation, exists: boolean) => {
      const result = judgeAfterLook(shape, operation, failure(404, '0x80040217'), exists)
      return result.status === 'rejected' ? result.problem.code : result.status
    }
    expect([looked(update, false), looked(remove, false)]).toEqual(['missing', 'missing'])
    expect([looked(update, true), looked(remove, true)]).toEqual(['VALUE_REFUSED', 'DELETE_FAILED'])
    expect(looked(insert, false)).toBe('POSSIBLE_DUPLICATE')
  })

  it('says when to come again', () => {
    expect(judgeFailure(shape, update, failure(429))).toMatchObject({
      problem: { kind: 'transient', retryAfterMs: 5_000 },
    })
  })
})

describe('a record that had to be read again', () => {
  const record = (now: Record<string, `text:${string}` | `instant:${string}` | null>) => ({
    key: `uuid:${id}`,
    version: 'W/"2"',
    modifiedAt: null,
    values: now,
  })

  it('is our own deed where it holds what was sent, as the service keeps it', () => {
    const sent = {
      name: 'text:A',
      accountnumber: 'text:',
      since: 'instant:2024-05-01T08:00:00.700000Z',
    } as const
    const found = record({
      name: 'text:A',
      accountnumber: null,
      since: 'instant:2024-05-01T08:00:00.000000Z',
    })
    expect(asWritten(shape, sent, found)).toBe(found)
  })

  it('keeps what was sent where it holds something else, under a version that is none', () => {
    const found = record({ name: 'text:Theirs', accountnumber: 'text:1' })
    const seen = asWritten(shape, { name: 'text:Ours', accountnumber: 'text:1' }, found)
    expect(seen.values).toEqual({ name: 'text:Ours', accountnumber: 'text:1' })
    expect(seen.version).not.toBe(found.version)
  })

  it('says nothing of the table of a lookup that was sent nowhere', () => {
    const found = record({ parenttype: null })
    expect(asWritten(shape, { parenttype: 'text:account' }, found)).toBe(found)
  })
})
