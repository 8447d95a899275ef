import { beforeEach, describe, expect, it } from 'vitest'
import { SyncError } from '../../../../src/core/errors.ts'
import type { Connector } from '../../../../src/core/ports/connector.ts'
import type { Pair } from '../../../../src/core/ports/mapping-store.ts'
import type { Deps } from '../../../../src/usecases/deps.ts'
import { overConnection } from '../../../../src/usecases/line/failed-connection.ts'
import { askGate, noteOutage } from '../../../../src/usecases/line/gate.ts'
import { makeLine, makeRun, recordingLog } from '../../../contract/queue/fixtures.ts'
import { createMemoryStore } from '../../../support/memory-store/memory-store.ts'

const refused = new SyncError('CONNECTION_REFUSED', 'nobody answers')
const { signal } = new AbortController()
let nowMs: number
let checks: number
/** What the system says to whoever tries it; null: it answers. */
let outage: SyncError | null
let deps: Deps
let pair: Pair
beforeEach(async () => {
  nowMs = 0
  checks = 0
  outage = null
  const stores = createMemoryStore({ now: () => new Date(nowMs), monotonicMs: () => nowMs })
  for (const name of ['erp', 'crm'])
    await stores.mappings.saveConnection({ name, kind: 'memory', settings: {} })
  pair = await stores.mappings.savePair({
    name: 'p',
    local: { connection: 'erp', company: '' },
    remote: { connection: 'crm', company: '' },
  })
  const connector = {
    check: async () => {
      checks += 1
      if (outage) throw outage
    },
  }
  deps = {
    stores,
    connect: async () => connector as unknown as Connector,
    clock: { now: () => new Date(nowMs), monotonicMs: () => nowMs },
    log: recordingLog(),
    random: () => 0.5,
    processName: 'w1',
  } as unknown as Deps
})

const held = (priority = 10) => {
  const run = makeRun(1, { priority, cancelledBy: null })
  return { run, line: makeLine(run, 1), pair }
}
const fail = (connection: { id: number }, error: SyncError) =>
  overConnection(connection.id, async () => Promise.reject(error)).catch(() =>
    noteOutage(held(), error, signal, deps),
  )

describe('the gate of a line', () => {
  it('asks nobody while all is well', async () => {
    expect(await askGate(held(), signal, deps)).toEqual({ gate: 'open' })
    expect(checks).toBe(0)
  })

  it('keeps ten lines from finding out what one has found out; one tries for all', async () => {
    outage = refused
    expect(await fail(pair.remoteConnection, refused)).toEqual({ reason: 'nobody answers' })
    const waiting = await Promise.all(Array.from({ length: 10 }, () => askGate(held(), signal, deps)))
    expect(new Set(waiting.map(({ gate }) => gate))).toEqual(new Set(['wait']))
    expect(checks).toBe(1)
    nowMs = 60_000
    await Promise.all(Array.from({ length: 10 }, () => askGate(held(), signal, deps)))
    expect(checks).toBe(2)
    outage = null
    nowMs = 120_000
    expect(await askGate(held(), signal, deps)).toEqual({ gate: 'open' })
    expect(await askGate(held(), signal, deps)).toEqual({ gate: 'open' })
    expect(checks).toBe(3)
  })

  it('gives the trial back when it is cut off, so that the next one need not wait for it', async () => {
    outage = refused
    await fail(pair.remoteConnection, refused)
    nowMs = 60_000
    const cutOff = AbortSignal.abort(new Error('the process stops'))
    await expect(askGate(held(), cutOff, deps)).rejects.toThrow('the process stops')
    outage = null
    expect(await askGate(held(), signal, { ...deps, processName: 'w2' })).toEqual({ gate: 'open' })
  })

  it('takes a failure of one table for what it is when the connection answers', async () => {
    expect(await fail(pair.remoteConnection, new SyncError('SERVICE_FAILED', '500'))).toBeNull()
    expect(await askGate(held(), signal, deps)).toEqual({ gate: 'open' })
  })

  it('lets the other lines fail at once where only a person can help, without asking the system again', async () => {
    outage = new SyncError('SIGN_IN_REFUSED', 'wrong secret')
    expect(await fail(pair.localConnection, outage)).toBeNull()
    expect(await askGate(held(), signal, deps)).toMatchObject({
      gate: 'failed',
      failure: { code: 'SIGN_IN_REFUSED' },
    })
    expect(checks).toBe(1)
  })

  it('tries whatever is known for somebody who waits, and gives up after half a day', async () => {
    outage = refused
    await fail(pair.remoteConnection, refused)
    expect(await askGate(held(1), signal, deps)).toMatchObject({ gate: 'failed', failure: refused })
    nowMs = 13 * 3_600_000
    await askGate(held(), signal, deps)
    expect(await askGate(held(), signal, deps)).toMatchObject({ gate: 'failed', failure: { kind: 'config' } })
  })

  it('an error of a store is none of a connection', async () => {
    outage = refused
    expect(
      await noteOutage(held(), new SyncError('CONNECTION_REFUSED', 'the store'), signal, deps),
    ).toBeNull()
    expect(checks).toBe(0)
  })
})
