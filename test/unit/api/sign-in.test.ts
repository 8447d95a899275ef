import { describe, expect, it } from 'vitest'
import { countAttempt, giveBackAttempt, takeBackAttempt } from '../../../src/api/sign-in/limits.ts'
import { networkOf } from '../../../src/api/sign-in/network-of.ts'
import { createTurns } from '../../../src/api/turns.ts'

describe('whom an address belongs to', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:0:1:aaaa:bbbb:cccc:dddd', '2001:db8:0:1::/64'],
    ['2001:DB8::1', '2001:db8:0:0::/64'],
    ['2001:db8:7:8::', '2001:db8:7:8::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['unknown', 'unknown'],
  ])('%s: %s', (address, network) => expect(networkOf(address)).toBe(network))
})

describe('attempts to sign in', () => {
  const createAccess = () => {
    const counted = new Map<string, number>()
    return {
      async countAttempt(name: string, limit: number) {
        counted.set(name, (counted.get(name) ?? 0) + 1)
        return (counted.get(name) ?? 0) > limit ? 1_000 : null
      },
      async takeBackAttempt(name: string) {
        counted.set(name, (counted.get(name) ?? 0) - 1)
      },
      async forgetAttempts(name: string) {
        counted.delete(name)
      },
    }
  }
  const refused = { code: 'TOO_MANY_ATTEMPTS' }

  it('of one network of IPv6 count together', async () => {
    const access = createAccess()
    for (let n = 0; n < 10; n += 1) await countAttempt(access, `2001:db8::${n + 1}`, 'ann')
    await expect(countAttempt(access, '2001:db8::ffff', 'ann')).rejects.toMatchObject(refused)
    await countAttempt(access, '2001:db8:0:1::1', 'ann')
  })

  it('for one name end from wherever they come, and good ones do not count', async () => {
    const access = createAccess()
    for (let n = 0; n < 500; n += 1) await countAttempt(access, `10.0.${n % 100}.${n}`, 'ann')
    await expect(countAttempt(access, '10.9.9.9', 'ann')).rejects.toMatchObject(refused)
    await countAttempt(access, '10.9.9.9', 'bob')
  })

  it('that are refused for their address shut the name for nobody else', async () => {
    const access = createAccess()
    for (let n = 0; n < 600; n += 1) await countAttempt(access, '10.0.0.1', 'ann').catch(() => {})
    await countAttempt(access, '10.9.9.9', 'ann')
  })

  it('that were never looked at do not count', async () => {
    const access = createAccess()
    for (let n = 0; n < 60; n += 1) {
      await countAttempt(access, '10.0.0.1', 'ann')
      await giveBackAttempt(access, '10.0.0.1', 'ann')
    }
    for (let n = 0; n < 10; n += 1) await countAttempt(access, '10.0.0.1', 'ann')
    await expect(countAttempt(access, '10.0.0.1', 'ann')).rejects.toMatchObject(refused)
  })

  it('count only when they fail', async () => {
    const office = createAccess()
    for (let n = 0; n < 600; n += 1) {
      await countAttempt(office, '10.0.0.1', 'ann')
      await takeBackAttempt(office, '10.0.0.1', 'ann')
    }
  })
})

describe('turns', () => {
  it('let some work go on at once, some wait, and refuse the rest; a failure gives its place on', async () => {
    const inTurn = createTurns(2, 1, 'Too many people sign in at this moment')
    const ends: ((error?: Error) => void)[] = []
    const begin = () =>
      inTurn(() => new Promise<void>((resolve, reject) => ends.push((e) => (e ? reject(e) : resolve()))))
    const [first, second, third] = [begin(), begin(), begin()]
    expect(ends).toHaveLength(2)
    await expect(begin()).rejects.toMatchObject({ code: 'TOO_MANY_ATTEMPTS', retryAfterMs: 1_000 })
    ends[0]?.(new Error('no'))
    await expect(first).rejects.toThrow('no')
    expect(ends).toHaveLength(3)
    ends[1]?.()
    ends[2]?.()
    await Promise.all([second, third])
    const later = begin()
    ends[3]?.()
    await later
  })
})
