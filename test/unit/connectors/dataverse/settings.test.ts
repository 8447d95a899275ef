import { describe, expect, it } from 'vitest'
import { readSettings } from '../../../../src/connectors/dataverse/settings.ts'

const url = 'https://contoso.crm.dynamics.com'

describe('the settings of a Dataverse connection', () => {
  it('need an address only; what the service grants is its documented limits', () => {
    const settings = readSettings('crm', {
      url,
      tenant: 't',
      clientId: 'a',
      clientSecret: 'env:A',
      'clientId.2': 'b',
    })
    expect(settings.root.href).toBe('https://contoso.crm.dynamics.com/api/data/v9.2/')
    expect(settings.scope).toBe('https://contoso.crm.dynamics.com/.default')
    expect(settings.limits).toEqual({
      windowMs: 300_000,
      requests: 6_000,
      executionMs: 1_200_000,
      concurrency: 51,
    })
    expect(settings).toMatchObject({ detectsDuplicates: false, overlapSeconds: 300, bulkSize: 250 })
  })

  it.each([
    [{}, 'url: is missing'],
    [{ url: 'ftp://x/' }, 'url begins with ftp:'],
    [{ url: 'http://crm.example/' }, 'url would send credentials unencrypted'],
    [{ url, batchSize: 'many' }, "batchSize = 'many': is no whole number"],
    [{ url, batchSize: '1001' }, "batchSize = '1001': is more than 1000"],
    [{ url, overlapSeconds: '60' }, "overlapSeconds = '60': is less than 120"],
    [{ url, detectDuplicates: 'on' }, "detectDuplicates = 'on': is neither yes nor no"],
    [{ url, bypassBusinessLogic: 'All' }, "bypassBusinessLogic = 'All': is not CustomSync"],
    [{ url, colour: 'red' }, 'colour: no such setting'],
  ])('%o is refused with its reason', (stored, reason) => {
    expect(() => readSettings('crm', stored)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(reason) }),
    )
  })

  it('are all named that are wrong, and none that may hold a secret is repeated', () => {
    const stored = { url, certificateAuthorities: 'hunter2', parallelism: '0' }
    expect(() => readSettings('crm', stored)).toThrow(/certificateAuthorities: must refer.*parallelism = '0'/)
    expect(() => readSettings('crm', stored)).not.toThrow(/hunter2/)
  })
})
