import { lookup } from 'node:dns'
import { describe, expect, it } from 'vitest'
import {
  assertHostAllowed,
  guardedLookup,
  parseNetworks,
  refuseAddress,
} from '../../../../src/connectors/http/networks.ts'
import { get, openTransport } from '../../../support/http/transport.ts'

describe('an address', () => {
  it.each([
    '127.0.0.1',
    '127.8.8.8',
    '0.0.0.0',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '192.0.0.1',
    '198.18.0.1',
    '240.0.0.1',
    '::',
    '::1',
    'fe80::1',
    'fd00::1',
    'fd00:ec2::254',
    '::ffff:127.0.0.1',
    '::ffff:a00:1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'ff02::1',
    'not an address',
  ])('%s is refused unless its network is allowed', (address) => {
    expect(refuseAddress(address, [])).not.toBeNull()
  })

  it.each(['8.8.8.8', '52.1.2.3', '2606:4700::1111', '::ffff:8.8.8.8'])('%s is public', (address) => {
    expect(refuseAddress(address, [])).toBeNull()
  })

  it('of an allowed network may be reached, and no other', () => {
    const networks = parseNetworks('10.1.0.0/16, fd00::/8') ?? []
    expect(['10.1.2.3', '::ffff:10.1.2.3', 'fd12::1'].map((each) => refuseAddress(each, networks))).toEqual([
      null,
      null,
      null,
    ])
    expect(refuseAddress('10.2.0.1', networks)).toContain('a private network')
    expect(refuseAddress('169.254.169.254', networks)).toContain('metadata')
    expect(refuseAddress('10.1.2.3', networks, 'named only')).toBeNull()
    expect(refuseAddress('8.8.8.8', networks, 'named only')).toContain('is public')
    const all = parseNetworks('all') ?? []
    expect([refuseAddress('169.254.169.254', all), refuseAddress('::1', all)]).toEqual([null, null])
  })

  it.each(['10.0.0.0', '10.0.0.0/33', 'everything', '10.0.0.0/8;127.0.0.0/8'])(
    '%s is no list of networks',
    (text) => {
      expect(parseNetworks(text)).toBeNull()
    },
  )
})

describe('a host', () => {
  const find = (allowed: string, all: boolean) =>
    new Promise((resolve, reject) => {
      guardedLookup(parseNetworks(allowed) ?? [])('localhost', { all }, (error, address) =>
        error ? reject(error) : resolve(address),
      )
    })

  it('is given to a socket only with addresses that were judged', async () => {
    await expect(find('', true)).rejects.toThrow('this machine')
    await expect(find('', false)).rejects.toThrow('this machine')
    const known = await new Promise((resolve) => lookup('localhost', (_error, address) => resolve(address)))
    expect(await find('127.0.0.0/8,::1/128', false)).toBe(known)
    expect(await find('all', true)).toContainEqual(expect.objectContaining({ address: known }))
  })

  it('that is an address is judged as well, however it is written', () => {
    for (const text of [
      'http://127.1/',
      'http://2130706433/',
      'http://0x7f.0.0.1/',
      'http://[::ffff:7f00:1]/',
    ])
      expect(() => assertHostAllowed(new URL(text).hostname, [])).toThrow('this machine')
    expect(() => assertHostAllowed('example.com', [])).not.toThrow()
  })

  it('that must not be reached is an error of the settings: nothing is sent, and nothing is tried again', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      const transport = openTransport({ limits: { privateNetworks: [] } })
      const request = transport.exchange.exchange(get(new URL(`http://${host}:9/`)))
      await expect(request).rejects.toMatchObject({
        code: 'ADDRESS_REFUSED',
        kind: 'config',
        message: expect.stringContaining(`${host}:9`),
        data: { mayHaveRun: false },
      })
      await transport.close()
    }
  })
})
