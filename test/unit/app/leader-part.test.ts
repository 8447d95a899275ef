import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/app/clock.ts'
import type { Context } from '../../../src/app/context.ts'
import { type LeaderPart, leaderPart } from '../../../src/app/leader-part.ts'
import { createLog } from '../../../src/app/logger.ts'
import { createMemoryStore } from '../../support/memory-store/memory-store.ts'
import { waitFor } from '../../support/servers.ts'

const log = createLog({ logLevel: 'silent', logFormat: 'json' })
const never = new AbortController().signal
const started: LeaderPart[] = []
afterEach(async () => {
  for (const scheduler of started.splice(0)) await scheduler.drain?.()
})

/** Schedulers on one store; what each runs as leader is written down. */
function givenSchedulers() {
  const stores = createMemoryStore(systemClock)
  const told: string[] = []
  const scheduler = (name: string, failsToStart = () => false) => {
    const deps = { stores, clock: systemClock, log, settings: { leaseMs: 150 }, processName: name }
    const part = leaderPart({ deps, log } as unknown as Context, [
      () => ({
        name: 'sweeper',
        async start() {
          told.push(`${name} starts`)
          if (failsToStart()) throw new Error('not today')
        },
        drain: async () => void told.push(`${name} drains`),
        stop: async () => void told.push(`${name} stops`),
      }),
    ])
    started.push(part)
    return part
  }
  return { stores, told, scheduler }
}

describe('several schedulers', () => {
  it('elect one that leads; the next one begins when the first has stopped what it did and has left', async () => {
    const { told, scheduler } = givenSchedulers()
    const [one, two] = [scheduler('one'), scheduler('two')]
    await one.start?.(never)
    await waitFor('the first leads', () => one.isLeader())
    await two.start?.(never)
    await one.drain?.()
    expect(one.isLeader()).toBe(false)
    await waitFor('the second leads', () => two.isLeader())
    expect(told).toEqual(['one starts', 'one drains', 'one stops', 'two starts'])
  })

  it('one whose lease another has taken stops what it did, and stands by', async () => {
    const { stores, told, scheduler } = givenSchedulers()
    const one = scheduler('one')
    await one.start?.(never)
    await waitFor('it leads', () => one.isLeader())
    stores.leases.renew = async () => false
    await waitFor('it stops', () => told.includes('one stops'))
    expect(one.isLeader()).toBe(false)
  })

  it('one that cannot start what it has to do gives the lead back and tries again', async () => {
    const { told, scheduler } = givenSchedulers()
    let attempts = 0
    const one = scheduler('one', () => {
      attempts += 1
      return attempts === 1
    })
    await one.start?.(never)
    await waitFor('it has started twice', () => told.filter((each) => each === 'one starts').length === 2)
    await waitFor('it leads', () => one.isLeader())
    expect(told.slice(0, 3)).toEqual(['one starts', 'one drains', 'one stops'])
  })
})
