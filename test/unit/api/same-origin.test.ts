import { expect, it } from 'vitest'
import { comesFromOtherSite, isProvenOwn } from '../../../src/api/same-origin.ts'

const host = 'couplet.example:7070'

it.each([
  ['a program', { host }],
  ['our own page', { host, 'sec-fetch-site': 'same-origin', origin: `https://${host}` }],
  [
    'our own page behind a proxy that changes the host',
    { host: 'inside:1', 'sec-fetch-site': 'same-origin' },
  ],
  ['the address bar', { host, 'sec-fetch-site': 'none' }],
  ['our own page in a browser without Sec-Fetch-Site', { host, origin: `http://${host}` }],
])('%s may change something', (_, headers) => {
  expect(comesFromOtherSite(headers, null)).toBe(false)
})

it.each([
  ['another site', { host, 'sec-fetch-site': 'cross-site' }],
  ['another port of this host', { host, 'sec-fetch-site': 'same-site', origin: 'http://couplet.example:1' }],
  ['a word the browser does not send', { host, 'sec-fetch-site': '' }],
  ['another site, seen by its origin', { host, origin: 'https://evil.example' }],
  ['another port, seen by its origin', { host, origin: 'http://couplet.example:1' }],
  ['a host that begins like ours', { host, origin: `http://${host}.evil.example` }],
  ['our host as user name of another one', { host, origin: `http://${host}@evil.example` }],
  ['a page without an origin', { host, origin: 'null' }],
])('%s may not', (_, headers) => {
  expect(comesFromOtherSite(headers, null)).toBe(true)
})

it('a cookie alone proves nothing: the browser must say that the page is ours, or a header that others cannot add', () => {
  expect(isProvenOwn({ host }, null)).toBe(false)
  expect(isProvenOwn({ host, 'sec-fetch-site': 'none' }, null)).toBe(false)
  expect(isProvenOwn({ host, 'sec-fetch-site': 'same-origin' }, null)).toBe(true)
  expect(isProvenOwn({ host, origin: `https://${host}` }, null)).toBe(true)
  expect(isProvenOwn({ host: 'inside:1', origin: `https://${host}` }, host)).toBe(true)
  expect(isProvenOwn({ host, 'x-couplet': '1' }, null)).toBe(true)
  expect(isProvenOwn({ host, 'x-couplet': '1', origin: 'https://evil.example' }, null)).toBe(false)
  expect(isProvenOwn({ host, 'x-couplet': '1', 'sec-fetch-site': 'cross-site' }, null)).toBe(false)
})
