import { describe, expect, it } from 'vitest'
import { worstOf } from '../../../../src/core/doctor/finding.ts'
import {
  judgeDisk,
  judgeNode,
  judgeProcesses,
  judgeQueues,
  judgeRedis,
  judgeServer,
  judgeSystem,
  judgeWork,
} from '../../../../src/core/doctor/judge.ts'
import type { KnownProcess } from '../../../../src/core/ports/process-store.ts'

const server = {
  version: '16.4',
  major: 16,
  isStandby: false,
  now: '2024-05-01T10:00:00.500000Z',
  databaseBytes: 3 * 2 ** 30,
  connections: { used: 10, most: 100 },
  oldestTransactionSeconds: 2,
  keepsCommits: true,
}
const askedMs = Date.parse('2024-05-01T10:00:00.000Z')
const around = { askedMs, answeredMs: askedMs + 1_000 }
const wrong = (found: readonly { what: string; state: string }[]) =>
  found.filter(({ state }) => state !== 'good').map(({ what, state }) => `${what}: ${state}`)

const jobs = { waiting: 0, active: 0 }
const queue = { queue: 'couplet-lines', jobs, oldestWaitingMs: null }

describe('an examination of the queue', () => {
  it('finds nothing wrong with one that is empty', () => {
    expect(judgeQueues([queue]).state).toBe('good')
  })
  it('finds a job that nobody takes', () => {
    const waits = (minutes: number) => ({
      ...queue,
      jobs: { ...jobs, waiting: 1 },
      oldestWaitingMs: minutes * 60_000,
    })
    expect(judgeQueues([waits(15)]).state).toBe('good')
    expect(judgeQueues([waits(16)])).toMatchObject({
      state: 'warning',
      detail: expect.stringContaining('couplet-lines: 16 minutes'),
    })
  })
})

describe('an examination', () => {
  it.each(['20.19.0', '20.20.1', '22.1.0'])('takes Node %s', (version) => {
    expect(judgeNode(version).state).toBe('good')
  })
  it.each(['20.18.3', '18.20.0'])('refuses Node %s', (version) => {
    expect(judgeNode(version)).toMatchObject({ state: 'bad', remedy: 'Install Node 20.19 or newer.' })
  })

  it('finds nothing wrong with a server that is as it should be', () => {
    expect(wrong(judgeServer(server, around))).toEqual([])
  })
  it.each([
    [{ major: 13 }, 'Postgres: bad'],
    [{ isStandby: true }, 'role of the server: bad'],
    [{ keepsCommits: false }, 'durability: bad'],
    [{ connections: { used: 95, most: 100 } }, 'connections: warning'],
    [{ oldestTransactionSeconds: 4_000 }, 'open transactions: warning'],
    [{ now: '2024-05-01T10:00:07.000000Z' }, 'clock: warning'],
    [{ now: '2024-05-01T09:59:54.000000Z' }, 'clock: warning'],
  ])('tells of a server with %o', (change, expected) => {
    expect(wrong(judgeServer({ ...server, ...change }, around))).toEqual([expected])
  })
  it('does not take a slow answer for a wrong clock', () => {
    const slow = { askedMs, answeredMs: askedMs + 60_000 }
    expect(wrong(judgeServer({ ...server, now: '2024-05-01T10:00:50.000000Z' }, slow))).toEqual([])
  })

  it('tells when room runs out', () => {
    const states = [10, 1, 0.1].map((gigabytes) => judgeDisk(gigabytes * 2 ** 30, '.couplet').state)
    expect(states).toEqual(['good', 'warning', 'bad'])
  })

  const redis = {
    product: 'Redis',
    version: '7.0.15',
    policy: 'noeviction',
    keepsLog: true,
    usedBytes: 2 ** 20,
    mostBytes: 2 ** 30,
    nowMs: askedMs,
  }
  it.each([
    [{}, []],
    [{ policy: 'allkeys-lru' }, ['eviction: bad']],
    [{ keepsLog: false }, ['persistence: warning']],
    [{ usedBytes: 2 ** 30 }, ['memory: warning']],
    [{ policy: null, keepsLog: null, usedBytes: null, mostBytes: null }, []],
    [{ mostBytes: 0 }, []],
    [{ nowMs: askedMs - 60_000 }, ['clock: warning']],
  ])('judges a Redis with %o', (change, expected) => {
    expect(wrong(judgeRedis({ ...redis, ...change }, around))).toEqual(expected)
  })

  const process: KnownProcess = {
    id: 'host/1/a',
    host: 'host',
    pid: 1,
    version: '1.0.0',
    roles: ['worker', 'scheduler'],
    concurrency: {},
    state: 'working',
    isLeader: true,
    work: [],
    memoryMb: 100,
    delayMs: 1,
    startedAt: '2024-05-01T10:00:00.000000Z',
    seenMsAgo: 1_000,
    clockAheadMs: -3,
    isToBeQuiet: false,
  }
  it.each([
    [[process], []],
    [[], ['workers: bad', 'scheduler: bad']],
    [[{ ...process, isToBeQuiet: true }], ['workers: bad']],
    [[{ ...process, isLeader: false }], ['scheduler: bad']],
    [[process, { ...process, id: 'host/2/b', seenMsAgo: 60_000 }], ['host/2/b: warning']],
    [[process, { ...process, id: 'host/2/b', clockAheadMs: 6_000 }], ['host/2/b: clock: warning']],
    [[process, { ...process, id: 'host/2/b', version: '1.1.0' }], ['versions: warning']],
  ])('judges processes %#', (processes, expected) => {
    expect(wrong(judgeProcesses(processes))).toEqual(expected)
  })

  it('says of a system that it fails, or why changes may be found late', () => {
    expect(judgeSystem('crm', { failure: null, late: [] })).toMatchObject([{ state: 'good' }])
    expect(judgeSystem('crm', { failure: null, late: ['no privilege'] })).toMatchObject([
      { state: 'warning' },
    ])
    expect(judgeSystem('crm', { failure: 'sign-in refused', late: [] })).toMatchObject([
      { state: 'bad', detail: 'sign-in refused', remedy: expect.stringContaining('connection test crm') },
    ])
  })

  it('tells of work that is late, held or old', () => {
    const none = { requests: 0, attempts: 0, intents: 0, strayOutcomes: false }
    expect(wrong(judgeWork(none, [], 60))).toEqual([])
    expect(
      wrong(judgeWork({ requests: 1, attempts: 2, intents: 3, strayOutcomes: true }, ['paused'], 30_000)),
    ).toEqual([
      'held: warning',
      'runs: warning',
      'requests for records: warning',
      'attempts: warning',
      'unfinished pages: warning',
      'partitions of the ledger: warning',
    ])
  })

  it('is as good as its worst finding', () => {
    const of = (...states: ('good' | 'warning' | 'bad')[]) =>
      worstOf(states.map((state) => ({ area: 'work', what: '', state, detail: '', remedy: null })))
    expect([of('good'), of('good', 'warning'), of('bad', 'warning')]).toEqual(['good', 'warning', 'bad'])
  })
})
