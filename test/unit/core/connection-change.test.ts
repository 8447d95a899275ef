import { describe, expect, it } from 'vitest'
import { judgeConnectionChange } from '../../../src/core/connection-change.ts'

const stored = {
  kind: 'dataverse',
  settings: {
    url: 'https://crm.example/',
    clientId: 'app',
    clientSecret: 'env:CRM_SECRET',
    webhookKey: 'sealed:v1:k:abc',
    pageSize: '100',
  },
}
const judge = (
  settings: Record<string, string>,
  more: { secrets?: string[]; allowed?: string[]; kind?: string; isNew?: boolean } = {},
) =>
  judgeConnectionChange(
    more.isNew ? null : stored,
    { kind: more.kind ?? 'dataverse', settings, secrets: more.secrets ?? [] },
    more.allowed ?? [],
  )
const refused = (...asked: Parameters<typeof judge>) => judge(...asked).problems.map(({ setting }) => setting)
const shown = { ...stored.settings, webhookKey: 'sealed' }

describe('what is stored', () => {
  it('stays where nothing changes but a number, and the sealed secret with it', () => {
    const { settings, problems } = judge({ ...shown, pageSize: '200' })
    expect(problems).toEqual([])
    expect(settings).toEqual({ ...stored.settings, pageSize: '200' })
  })

  it.each([
    ['address', { url: 'https://evil.example/' }],
    ['application', { clientId: 'other' }],
    ['new setting with an address', { authority: 'https://evil.example/' }],
  ])('is not sent elsewhere by another %s', (_what, change) => {
    expect(refused({ ...shown, ...change })).toEqual(['clientSecret', 'webhookKey'])
  })

  it('is not sent elsewhere by another kind, or by an address that is given as a secret', () => {
    expect(refused(shown, { kind: 'module' })).toEqual(['clientSecret', 'webhookKey'])
    const { url: _, ...rest } = shown
    expect(refused(rest, { secrets: ['url'] })).toEqual(['clientSecret', 'webhookKey'])
  })

  it('is not taken as sealed text, which may be from a backup, for any place', () => {
    expect(refused({ url: 'https://evil.example/', password: 'sealed:v1:k:abc' }, { isNew: true })).toEqual([
      'password',
    ])
    expect(refused(stored.settings)).toEqual(['webhookKey'])
  })

  it('may be given anew, beside others that stay', () => {
    const { clientSecret: _, ...rest } = shown
    expect(refused(rest, { secrets: ['clientSecret'] })).toEqual([])
  })

  it('is not found where nothing is stored', () => {
    expect(refused({ ...shown, password: 'sealed' })).toEqual(['password'])
    expect(refused({ clientSecret: 'sealed' }, { isNew: true })).toEqual(['clientSecret'])
  })
})

describe('a new reference', () => {
  it.each(['env:DATABASE_URL', 'file:/etc/shadow', 'embedded:couplet'])('%s is refused', (text) => {
    expect(refused({ url: 'https://a.example/', password: text }, { isNew: true })).toEqual(['password'])
  })

  it('is allowed as it stands, or by its beginning, and never leads out of it', () => {
    const allowed = ['env:CRM_SECRET', 'file:/run/secrets/*']
    const ask = (password: string) => refused({ password }, { isNew: true, allowed })
    expect(ask('env:CRM_SECRET')).toEqual([])
    expect(ask('file:/run/secrets/crm')).toEqual([])
    expect(ask('env:CRM_SECRET_2')).toEqual(['password'])
    expect(ask('file:/run/secrets/../../etc/shadow')).toEqual(['password'])
    expect(ask('file:/run/secretsandmore')).toEqual(['password'])
  })
})

it('the address of a database is never given in clear text, and no secret twice', () => {
  expect(refused({}, { kind: 'postgres', secrets: ['url'], isNew: true })).toEqual(['url'])
  expect(refused({ password: 'env:A' }, { secrets: ['password'], isNew: true, allowed: ['env:A'] })).toEqual([
    'password',
  ])
})

it('no value is repeated in a problem', () => {
  const { problems } = judge({ ...shown, password: 'env:VERY_SECRET_NAME', url: 'https://evil.example' })
  expect(JSON.stringify(problems)).not.toMatch(/VERY_SECRET|evil|abc/)
})
