import { describe, expect, it } from 'vitest'
import { connectionUsers } from '../../../src/app/credentials.ts'
import { makeCertificate } from '../../support/http/certificate.ts'

const values: Record<string, string> = { 'env:A': 'secret-a', 'env:B': 'secret-b' }
const resolve = (reference: string) => values[reference] ?? expect.fail(`nobody refers to ${reference}`)
const users = (settings: Record<string, string>) => connectionUsers({ name: 'crm', settings }, resolve)
const application = {
  tenant: 'contoso',
  scope: 'https://org/.default',
  clientId: 'app-1',
  clientSecret: 'env:A',
}

describe('how a connection signs in', () => {
  it('by nobody where it names nobody', () => {
    expect([...users({ url: 'https://open.example/' })]).toEqual([['anonymous', { kind: 'none' }]])
  })

  it('by user and key', () => {
    expect([...users({ user: 'ADA', password: 'env:A' })]).toEqual([
      ['ADA', { kind: 'basic', user: 'ADA', password: 'secret-a' }],
    ])
  })

  it('by several applications, for which the same tenant holds unless they say otherwise', () => {
    const found = users({
      ...application,
      'clientId.2': 'app-2',
      'clientSecret.2': 'env:B',
      'tenant.2': 'other',
    })
    expect(Object.fromEntries(found)).toEqual({
      'app-1': {
        kind: 'client-secret',
        secret: 'secret-a',
        clientId: 'app-1',
        scope: application.scope,
        tokenUrl: new URL('https://login.microsoftonline.com/contoso/oauth2/v2.0/token'),
      },
      'app-2': expect.objectContaining({
        secret: 'secret-b',
        tokenUrl: new URL('https://login.microsoftonline.com/other/oauth2/v2.0/token'),
      }),
    })
  })

  it('by a certificate', async () => {
    const day = 86_400_000
    const { key, cert } = await makeCertificate(
      { notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + day) },
      '127.0.0.1',
    )
    values['file:/pem'] = `${key}\n${cert}`
    const { clientSecret: _, ...rest } = application
    expect(
      users({ ...rest, certificate: 'file:/pem', certificateAlgorithm: 'RS256' }).get('app-1'),
    ).toMatchObject({
      kind: 'client-certificate',
      key: { algorithm: 'RS256' },
    })
    values['file:/pem'] = 'secret nonsense'
    expect(() => users({ ...rest, certificate: 'file:/pem' })).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: 'Connection crm: certificate of app-1: it holds no certificate in PEM form',
      }),
    )
  })

  it.each([
    [{ user: 'ADA' }, 'password is missing'],
    [{ ...application, tenant: '' }, 'tenant is missing'],
    [{ ...application, clientSecret: undefined }, 'needs either clientSecret or certificate for app-1'],
    [{ ...application, certificate: 'env:A' }, 'needs either clientSecret or certificate for app-1'],
    [{ ...application, certificateAlgorithm: 'none' }, 'certificateAlgorithm'],
    [{ ...application, authority: 'http://login.example/' }, 'authority would send credentials unencrypted'],
    [{ ...application, 'clientId.2': 'app-1', 'clientSecret.2': 'env:B' }, 'names user app-1 twice'],
  ])('not by %o', (settings, reason) => {
    const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
    const error = expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(reason),
    })
    expect(() => users(given as Record<string, string>)).toThrow(error)
  })
})
