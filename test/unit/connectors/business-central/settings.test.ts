import { describe, expect, it } from 'vitest'
import { readSettings } from '../../../../src/connectors/business-central/settings.ts'
import { parseTableName } from '../../../../src/connectors/business-central/table-name.ts'

const online = {
  tenant: 'contoso.com',
  environment: 'Production',
  company: 'CRONUS',
  clientId: 'a',
  clientSecret: 'env:S',
}
const refusal = (settings: Record<string, string>): string => {
  try {
    readSettings('bc', settings)
  } catch (error) {
    return (error as Error).message
  }
  return 'accepted'
}

describe('settings of a connection to Business Central', () => {
  it('find the service online and on-premises', () => {
    expect(readSettings('bc', online).root.href).toBe(
      'https://api.businesscentral.dynamics.com/v2.0/contoso.com/Production/',
    )
    const { root } = readSettings('bc', { url: 'https://nav.example:7048/BC240', company: 'CRONUS' })
    expect(root.href).toBe('https://nav.example:7048/BC240/')
  })

  it('have defaults that the service can do', () => {
    expect(readSettings('bc', online)).toMatchObject({
      apis: ['v2.0'],
      pageSize: 5_000,
      batchSize: 100,
      maxServerRunMs: 600_000,
      requestsPerFiveMinutes: 6_000,
      requestsAtOnce: 5,
    })
  })

  it('tell what the metadata does not', () => {
    const tables = JSON.stringify({ 'me/sync/v1.0/agents': { codeFields: ['code'], businessKey: ['code'] } })
    expect(readSettings('bc', { ...online, tables }).tables).toEqual({
      'me/sync/v1.0/agents': { codeFields: ['code'], businessKey: ['code'] },
    })
  })

  it.each([
    [{ company: '' }, 'company: is empty'],
    [{ batchSize: '101' }, "batchSize = '101': is more than 100"],
    [{ pageSize: '1.5' }, "pageSize = '1.5': is no whole number"],
    [{ apis: 'v1.0' }, "apis.0 = 'v1.0': names something that is not v2.0, odata or publisher/group/version"],
    [{ tables: '{' }, 'tables: is no JSON'],
    [{ tables: '{"x":{"codes":[]}}' }, 'codes'],
    [{ colour: 'blue' }, 'colour: no such setting'],
    [{ webhookKey: 'hunter2' }, 'webhookKey: must refer to env:NAME or file:/path'],
  ])('name what is wrong: %o', (more, reason) => {
    const message = refusal({ ...online, ...more })
    expect(message).toContain(reason)
    expect(message).not.toContain('hunter2')
  })

  it('name every problem at once, and never send credentials in the clear', () => {
    expect(refusal({ environment: 'x', batchSize: '0' })).toMatch(/company: is missing; .*batchSize/)
    expect(refusal({ ...online, url: 'http://nav.example/' })).toContain('unencrypted')
  })
})

describe('names of tables', () => {
  it.each([
    ['customers', 'api/v2.0/', 'customers'],
    ['couplet/sync/v1.0/resources', 'api/couplet/sync/v1.0/', 'resources'],
    ['odata:Customer_Card', 'ODataV4/', 'Customer_Card'],
  ])('%s', (table, path, entitySet) => {
    expect(parseTableName(table, 'bc')).toEqual({ api: expect.objectContaining({ path }), entitySet })
  })

  it.each([
    '',
    'a/b',
    'a/b/c/d/e',
    'odata:',
    'odata:a b',
    '../v2.0/x/customers',
    'customers?x',
    'x/y/../customers',
  ])('%s is refused', (table) => {
    expect(() => parseTableName(table, 'bc')).toThrow(expect.objectContaining({ code: 'TABLE_NOT_FOUND' }))
  })
})
