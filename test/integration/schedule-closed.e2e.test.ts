import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ScheduleWrite } from '../../src/core/ports/schedule-store.ts'
import type { Schedule } from '../../src/core/schedules/schedule.ts'
import { present } from '../../src/lib/assert.ts'
import { addBlackout } from '../../src/usecases/schedules/calendar.ts'
import { settleSchedules } from '../../src/usecases/schedules/settle-schedules.ts'
import { viewSchedule } from '../../src/usecases/schedules/view-schedules.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { customerMapping, twoTablesSql } from '../support/two-tables.ts'

const act = { by: 'test', reason: 'test' }
const HOUR_MS = 3_600_000
let couplet: Installation
beforeAll(async () => {
  couplet = await createInstallation({ systemsSql: twoTablesSql })
  await couplet.import(customerMapping)
})
afterAll(() => couplet.close())

const stores = () => couplet.context.deps.stores
/** Hours after the next midnight of UTC but one: all slots of today are behind. */
const dayMs = (Math.floor(Date.now() / (24 * HOUR_MS)) + 2) * 24 * HOUR_MS
const instant = (hour: number) => new Date(dayMs + hour * HOUR_MS).toISOString()
const depsAt = (hour: number) => ({
  ...couplet.context.deps,
  clock: { ...couplet.context.deps.clock, now: () => new Date(dayMs + hour * HOUR_MS) },
})

async function save(name: string, more: Partial<ScheduleWrite>): Promise<Schedule> {
  const write = { pairId: couplet.pair.id, name, kind: 'mapping', mapping: 'CUSTOMER', ...more } as const
  const saved = await stores().schedules.save({ anchorAt: instant(0), timeZone: 'UTC', ...write }, null)
  await stores().schedules.settle({ scheduleId: saved.id, slot: instant(0.5), decision: 'started' })
  return saved
}

async function settledAt(hour: number, { id }: Schedule) {
  await settleSchedules(depsAt(hour), new AbortController().signal)
  const runs = await stores().runs.listRuns({ limit: 100, before: null, kind: null })
  return runs.filter(({ scheduleId }) => scheduleId === id)
}

it('a run that was missed by night is not made up for by day, but at the next opening of the window', async () => {
  const schedule = await save('by night', { everyMinutes: 60, windowFrom: '01:00', windowTo: '05:00' })
  expect(await settledAt(9, schedule)).toEqual([])
  const found = present(await stores().schedules.find(schedule.id), 'schedule')
  const view = await viewSchedule(found, 3, depsAt(9))
  expect(view).toMatchObject({
    state: 'rests',
    because: `its window is closed; the slot that is due starts at ${instant(25)}`,
    nextSlots: [instant(25), instant(26), instant(27)],
  })
  const runs = await settledAt(25, schedule)
  expect(runs).toHaveLength(1)
  await stores().runs.cancelRun(present(runs[0], 'run').id, act)
  await stores().schedules.remove({ pairId: couplet.pair.id, name: 'by night' }, act)
})

it('a slot that has waited for the last run does not start in a blackout, but when that is over', async () => {
  const blackout = { calendar: 'backup', from: instant(2.25), to: instant(6.25), reason: 'Backup' }
  await addBlackout(blackout, act, couplet.context.deps)
  const schedule = await save('hourly', { everyMinutes: 60, calendar: 'backup' })
  const before = await settledAt(1, schedule)
  expect(before).toHaveLength(1)
  expect(await settledAt(2, schedule)).toHaveLength(1)
  await stores().runs.cancelRun(present(before[0], 'run').id, act)
  expect(await settledAt(3, schedule)).toHaveLength(1)
  const found = present(await stores().schedules.find(schedule.id), 'schedule')
  const view = await viewSchedule(found, 2, depsAt(3))
  expect(view).toMatchObject({
    state: 'rests',
    because: `blackout "Backup"; the slot that is due starts at ${instant(6.25)}`,
    nextSlots: [instant(6.25), instant(7)],
  })
  expect(await settledAt(6.25, schedule)).toMatchObject([{ slot: instant(2) }, { slot: instant(1) }])
})
