import { expect, it } from 'vitest'
import { openPosting } from '../../../src/app/post-message.ts'
import { assertReceiver } from '../../../src/app/webhooks/receiver.ts'
import { parseNetworks } from '../../../src/connectors/http/networks.ts'

const judge = (url: string, networks = '') =>
  assertReceiver('url', url, { privateNetworks: parseNetworks(networks) ?? [] })

it.each([
  ['a name that leads to this machine', 'https://localhost/', 'ADDRESS_REFUSED'],
  ['a number that is an address of this machine', 'https://2130706433/', 'ADDRESS_REFUSED'],
  ['an IPv4 address in IPv6', 'https://[::ffff:10.0.0.1]/', 'ADDRESS_REFUSED'],
  ['no encryption', 'http://93.184.215.14/', 'REQUEST_INVALID'],
  ['a name as long as a book', `https://93.184.215.14/${'x'.repeat(2_000)}`, 'REQUEST_INVALID'],
])('nothing is sent to an address with %s', async (_what, url, code) => {
  await expect(judge(url)).rejects.toMatchObject({ code })
})

it('without encryption nothing is sent to a public address, however many networks are named', async () => {
  const code = 'ADDRESS_REFUSED'
  await expect(judge('http://93.184.215.14/', '10.0.0.0/8')).rejects.toMatchObject({ code })
  // All networks are named, so this one is, too.
  await expect(judge('http://93.184.215.14/', 'all')).resolves.toBeUndefined()
  // When connecting it is judged again, the name as well as the address.
  const posting = openPosting({
    name: 'shop',
    timeoutMs: 1_000,
    atOnce: 1,
    privateNetworks: parseNetworks('10.0.0.0/8') ?? [],
    publicNeedsTls: true,
  })
  const sent = posting.post(new URL('http://93.184.215.14/'), {}, '{}')
  await expect(sent).rejects.toMatchObject({ code, message: expect.stringContaining('is public') })
  await posting.close()
})

it('what is refused is not repeated, because it may hold a secret', async () => {
  const failure = await judge('https://ada:lovelace@10.0.0.1/t0ken').catch((error: Error) => error.message)
  expect(failure).toContain('user name or password')
  expect(failure).not.toMatch(/lovelace|t0ken/)
})

it.each([
  ['a public address', 'https://93.184.215.14/hook', ''],
  ['a private one that is named', 'http://10.1.2.3:8080/hook', '10.0.0.0/8'],
  ['a name that cannot be looked up at this moment', 'https://nowhere.invalid/', ''],
])('messages may be sent to %s', async (_what, url, networks) => {
  await expect(judge(url, networks)).resolves.toBeUndefined()
})
