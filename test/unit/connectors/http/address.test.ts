import { describe, expect, it } from 'vitest'
import { parseServiceRoot, resolveLink } from '../../../../src/connectors/http/address.ts'

const rules = { connection: 'crm', setting: 'url', allowHttp: false }

describe('the address of a service', () => {
  it.each([
    ['https://contoso.crm.example/api/data/v9.2', 'https://contoso.crm.example/api/data/v9.2/'],
    ['https://contoso.crm.example', 'https://contoso.crm.example/'],
    ['http://127.0.0.1:8080/api/', 'http://127.0.0.1:8080/api/'],
    ['http://localhost/', 'http://localhost/'],
    ['http://[::1]:81/x', 'http://[::1]:81/x/'],
  ])('%s is taken', (text, href) => {
    expect(parseServiceRoot(text, rules).href).toBe(href)
  })

  it.each([
    ['contoso', 'no address'],
    ['ftp://contoso.example/', 'ftp:'],
    ['file:///etc/passwd', 'file:'],
    ['http://contoso.example/', 'unencrypted'],
    ['http://127.0.0.1.contoso.example/', 'unencrypted'],
    ['https://ada:geheim@contoso.example/', 'user name or password'],
    ['https://contoso.example/?key=geheim', 'query'],
    ['https://contoso.example/#geheim', 'fragment'],
  ])('%s is refused, without repeating it', (text, reason) => {
    const error = expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(reason),
    })
    expect(() => parseServiceRoot(text, rules)).toThrow(error)
    expect(() => parseServiceRoot(text, rules)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('geheim') }),
    )
  })

  it('may be plain http elsewhere only where the connection allows it', () => {
    expect(parseServiceRoot('http://nav.example/', { ...rules, allowHttp: true }).href).toBe(
      'http://nav.example/',
    )
  })
})

describe('a link that a service gives', () => {
  const root = new URL('https://nav.example/api/v2.0/')
  it.each([
    ['companies?$skiptoken=1', 'https://nav.example/api/v2.0/companies?$skiptoken=1'],
    ['/api/v2.0/items', 'https://nav.example/api/v2.0/items'],
    ['https://NAV.example:443/api/v2.0/x', 'https://nav.example/api/v2.0/x'],
  ])('%s stays below the root', (link, href) => {
    expect(resolveLink(link, root, root, 'erp').href).toBe(href)
  })

  it.each([
    'https://nav.example:444/api/v2.0/x',
    'https://nav.example.evil.example/api/v2.0/x',
    'https://nav.example/api/v2.0x/',
    'https://nav.example/api/v2.0/../v3.0/x',
    '\\\\evil.example\\api\\v2.0\\x',
    'javascript:alert(1)',
  ])('%s does not', (link) => {
    expect(() => resolveLink(link, root, root, 'erp')).toThrow(
      expect.objectContaining({ code: 'LINK_REFUSED' }),
    )
  })
})
