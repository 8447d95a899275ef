import { afterAll, beforeAll, expect, it } from 'vitest'
import { nextSlot } from '../../src/core/schedules/slots.ts'
import { present } from '../../src/lib/assert.ts'
import type { Deps } from '../../src/usecases/deps.ts'
import { lookForChanges } from '../../src/usecases/schedules/look-for-changes.ts'
import { settleSchedule } from '../../src/usecases/schedules/settle-schedule.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { customerMapping, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
beforeAll(async () => {
  couplet = await createInstallation({ systemsSql: twoTablesSql })
  await couplet.import(customerMapping)
  await couplet.work()
  await couplet.run('full')
})
afterAll(() => couplet.close())

const { signal } = new AbortController()
const sights = () => ({ pairId: couplet.pair.id, mapping: 'CUSTOMER', name: 'often' })
/** Both systems take the call and never answer. */
function hanging(): { readonly deps: Deps; readonly asked: Promise<void> } {
  let heard: () => void = () => {}
  const asked = new Promise<void>((resolve) => {
    heard = resolve
  })
  const connect = () => {
    heard()
    return new Promise<never>(() => {})
  }
  return { deps: { ...couplet.context.deps, connect }, asked }
}

it('a system that does not answer is left to a run', async () => {
  expect(await lookForChanges(sights(), couplet.context.deps, signal)).toBe('')
  expect(await lookForChanges(sights(), hanging().deps, signal, 20)).toBeNull()
})

it('a connection out of reach is not asked', async () => {
  const { control } = couplet.context.deps.stores
  const failure = { code: 'CONNECTION_REFUSED', message: 'refused', kind: 'transient' } as const
  const { id } = couplet.pair.remoteConnection
  await control.turnBreaker(id, { event: 'failed', failure, random: 0.5 })
  const connect = () => Promise.reject(new Error('asked'))
  const warnings: string[] = []
  const log = { ...couplet.context.deps.log, warn: (_: object, text: string) => void warnings.push(text) }
  expect(await lookForChanges(sights(), { ...couplet.context.deps, connect, log }, signal)).toBeNull()
  expect(warnings).toEqual([])
  await control.turnBreaker(id, { event: 'succeeded' })
})

it('whoever stops does not wait for an answer, and the slot stays due', async () => {
  const { schedules } = couplet.context.deps.stores
  const write = { ...sights(), kind: 'mapping', everyMinutes: 30, inactivityMinutes: 720 } as const
  const schedule = await schedules.save(write, null)
  const first = present(nextSlot(schedule, Date.parse(schedule.settledUntil)), 'slot')
  await settleSchedule(schedule.id, first, couplet.context.deps, signal)
  await couplet.ended(present(await schedules.findLastRun(schedule.id), 'run').runId)
  const { deps, asked } = hanging()
  const stopping = new AbortController()
  const settled = settleSchedule(schedule.id, first + 30 * 60_000, deps, stopping.signal)
  await asked
  stopping.abort()
  await expect(settled).rejects.toBe(stopping.signal.reason)
  const after = present(await schedules.find(schedule.id), 'schedule')
  expect(Date.parse(after.settledUntil)).toBe(first)
})
