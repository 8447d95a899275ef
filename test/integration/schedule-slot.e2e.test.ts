import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SyncError } from '../../src/core/errors.ts'
import type { ScheduleWrite } from '../../src/core/ports/schedule-store.ts'
import type { Schedule } from '../../src/core/schedules/schedule.ts'
import { nextSlot } from '../../src/core/schedules/slots.ts'
import { runIsDone } from '../../src/core/sync/run.ts'
import { present } from '../../src/lib/assert.ts'
import { sweep } from '../../src/usecases/flow/sweep.ts'
import {
  addSchedule,
  changeSchedule,
  pauseSchedule,
  removeSchedule,
  runScheduleNow,
} from '../../src/usecases/schedules/change-schedule.ts'
import { runSlot } from '../../src/usecases/schedules/run-slot.ts'
import { getSchedule } from '../../src/usecases/schedules/scheduled-run.ts'
import { viewSchedule } from '../../src/usecases/schedules/view-schedules.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { customerMapping, twoTablesSql } from '../support/two-tables.ts'

const { signal } = new AbortController()
const act = { by: 'test', reason: 'month end' }
let couplet: Installation
let names = 0
beforeAll(async () => {
  couplet = await createInstallation({ systemsSql: twoTablesSql })
  await couplet.import(customerMapping)
})
afterAll(() => couplet.close())

const stores = () => couplet.context.deps.stores
const save = (more: Partial<ScheduleWrite> = {}) => {
  names += 1
  const about = {
    pairId: couplet.pair.id,
    name: `schedule ${names}`,
    kind: 'mapping',
    mapping: 'CUSTOMER',
  } as const
  return stores().schedules.save({ ...about, everyMinutes: 30, ...more }, null)
}
/** The n-th slot from now on. */
function slotOf(schedule: Schedule, n: number): number {
  const first = present(nextSlot(schedule, Date.parse(schedule.settledUntil)), 'slot')
  return first + (n - 1) * 30 * 60_000
}
const deliver = (schedule: Schedule, slotMs: number) =>
  runSlot({ scheduleId: schedule.id }, { slotMs, signal }, couplet.context.deps)
const now = async ({ id }: Schedule) => present(await stores().schedules.find(id), 'schedule')
async function runsOf({ id }: Schedule) {
  const runs = await stores().runs.listRuns({ limit: 100, before: null, kind: null })
  return runs.filter(({ scheduleId }) => scheduleId === id).reverse()
}
async function end(schedule: Schedule): Promise<void> {
  for (const { id, state } of await runsOf(schedule))
    if (!runIsDone(state)) await stores().runs.cancelRun(id, act)
}

describe('a slot of a schedule', () => {
  it('P11: is one run, however often and by how many schedulers it is delivered', async () => {
    const schedule = await save()
    const delivered = await Promise.all([1, 2, 3, 4].map(() => deliver(schedule, slotOf(schedule, 1))))
    expect(delivered).toEqual(delivered.map(() => ({ verdict: 'done' })))
    expect(await runsOf(schedule)).toMatchObject([{ slot: new Date(slotOf(schedule, 1)).toISOString() }])
    await end(schedule)
    await deliver(schedule, slotOf(schedule, 1))
    expect(await runsOf(schedule)).toHaveLength(1)
    await deliver(schedule, slotOf(schedule, 2))
    expect(await runsOf(schedule)).toHaveLength(2)
    await end(schedule)
  })

  it('that comes while the last run goes on becomes one run when that has ended, however many there were', async () => {
    const schedule = await save()
    for (const n of [1, 2, 3]) await deliver(schedule, slotOf(schedule, n))
    expect(await runsOf(schedule)).toHaveLength(1)
    expect(await now(schedule)).toMatchObject({ isPending: true, lastDecision: 'merged' })
    await end(schedule)
    await deliver(schedule, slotOf(schedule, 3))
    const slots = (await runsOf(schedule)).map(({ slot }) => Date.parse(slot ?? ''))
    expect(slots).toEqual([slotOf(schedule, 1), slotOf(schedule, 3)])
    expect(await now(schedule)).toMatchObject({ isPending: false, lastDecision: 'started' })
    await end(schedule)
  })

  it('that is due is left to a service by a command that works for moments', async () => {
    const schedule = await save()
    await couplet.store.query(
      `UPDATE couplet.schedule SET settled_until = now() - interval '40 minutes' WHERE id = $1`,
      [schedule.id],
    )
    await sweep(couplet.context.deps, signal, { schedules: false })
    expect(await runsOf(schedule)).toEqual([])
    await sweep(couplet.context.deps, signal)
    expect(await runsOf(schedule)).toHaveLength(1)
    await end(schedule)
  })

  it('becomes a run also while the queue is out of reach', async () => {
    const schedule = await save()
    await couplet.store.query(
      `UPDATE couplet.schedule SET settled_until = now() - interval '40 minutes' WHERE id = $1`,
      [schedule.id],
    )
    const { queue, ...deps } = couplet.context.deps
    const away = () => Promise.reject(new SyncError('QUEUE_UNAVAILABLE', 'away'))
    const broken = { ...queue, addRun: away, runState: away, reconcileSchedules: away }
    await expect(sweep({ ...deps, queue: broken }, signal)).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
    })
    expect(await runsOf(schedule)).toHaveLength(1)
    await end(schedule)
  })

  it('is left out where its policy says so: the last run goes on, or it was missed', async () => {
    const schedule = await save({ overlap: 'skip', catchUp: 'skip' })
    await deliver(schedule, slotOf(schedule, 1))
    await deliver(schedule, slotOf(schedule, 2))
    expect(await now(schedule)).toMatchObject({ isPending: false, lastDecision: 'skipped' })
    await end(schedule)
    await deliver(schedule, slotOf(schedule, 6) + 10 * 60_000)
    expect(await now(schedule)).toMatchObject({ lastDecision: 'missed' })
    expect(await runsOf(schedule)).toHaveLength(1)
  })

  it('stays due while its mapping is paused, and is made up for once', async () => {
    const schedule = await save()
    const { id: mappingId } = await stores().mappings.getMapping(couplet.pair.id, 'CUSTOMER')
    const what = { scope: 'mapping', mappingId } as const
    await stores().control.pause(what, { cause: 'person', until: null, reason: 'month end' }, act)
    for (const n of [1, 2, 3]) await deliver(schedule, slotOf(schedule, n))
    expect(await runsOf(schedule)).toEqual([])
    await stores().control.resume(what, act)
    await deliver(schedule, slotOf(schedule, 3))
    expect(await runsOf(schedule)).toHaveLength(1)
    await end(schedule)
  })

  it('of a full synchronization waits for the end of one that somebody else has started, and then runs', async () => {
    const schedule = await save({ kind: 'full', mapping: null, catchUp: 'skip' })
    const other = await couplet.start('full')
    await deliver(schedule, slotOf(schedule, 1))
    expect(await runsOf(schedule)).toEqual([])
    expect(await now(schedule)).toMatchObject({ isPending: true, lastDecision: 'merged' })
    await stores().runs.cancelRun(other, act)
    await deliver(schedule, slotOf(schedule, 1) + 20 * 60_000)
    expect(await runsOf(schedule)).toMatchObject([{ slot: new Date(slotOf(schedule, 1)).toISOString() }])
    expect(await now(schedule)).toMatchObject({ isPending: false, lastDecision: 'started' })
    await end(schedule)
  })

  it('of a full synchronization is left out for somebody else’s where the policy is to skip', async () => {
    const schedule = await save({ kind: 'full', mapping: null, overlap: 'skip' })
    const other = await couplet.start('full')
    await deliver(schedule, slotOf(schedule, 1))
    expect(await now(schedule)).toMatchObject({ isPending: false, lastDecision: 'skipped' })
    await stores().runs.cancelRun(other, act)
    await deliver(schedule, slotOf(schedule, 1))
    expect(await runsOf(schedule)).toEqual([])
  })
})

describe('what people do with a schedule', () => {
  const named = () => ({ pairId: couplet.pair.id, name: 'nightly' })
  const deps = () => couplet.context.deps
  const view = async () => viewSchedule(await getSchedule(named(), deps()), 5, deps())

  it('they add it, see when it runs, change it, pause it with a reason, run it now and remove it', async () => {
    const nightly = { cron: '30 2 * * *', timeZone: 'Europe/Copenhagen', kind: 'full' } as const
    await addSchedule(named(), nightly, act, deps())
    expect(await view()).toMatchObject({ state: 'on', words: 'at 02:30 (Europe/Copenhagen)', lastRun: null })
    expect((await view()).nextSlots).toHaveLength(5)
    await expect(addSchedule(named(), nightly, act, deps())).rejects.toMatchObject({
      code: 'SCHEDULE_EXISTS',
    })
    const wrong = changeSchedule(named(), { cron: '61 * * * *' }, act, deps())
    await expect(wrong).rejects.toMatchObject({ code: 'SCHEDULE_INVALID', data: { field: 'cron' } })
    await changeSchedule(named(), { everyMinutes: 90, weekdays: [6, 7] }, act, deps())
    expect((await view()).words).toBe('every 90 minutes, Sat, Sun (Europe/Copenhagen)')
    expect(await pauseSchedule(named(), act, deps())).toBe(true)
    expect(await view()).toMatchObject({
      state: 'paused',
      because: expect.stringContaining('month end'),
      nextSlots: [],
    })
    const run = await runScheduleNow(named(), act, deps())
    expect(run).toMatchObject({ kind: 'full', requestedBy: 'test', reason: 'month end', slot: null })
    await stores().runs.cancelRun(run.id, act)
    expect((await view()).lastRun).toMatchObject({ id: run.id, state: 'cancelled' })
    await removeSchedule(named(), act, deps())
    await expect(view()).rejects.toMatchObject({ code: 'SCHEDULE_UNKNOWN' })
    const { rows } = await couplet.store.query<{ action: string }>(
      `SELECT action FROM couplet.audit_log WHERE subject LIKE 'schedule/%/nightly' ORDER BY id`,
    )
    expect(rows.map(({ action }) => action)).toEqual([
      'schedule.added',
      'schedule.changed',
      'schedule.paused',
      'schedule.removed',
    ])
  })
})

describe('a schedule whose last run found nothing to do', () => {
  it('sleeps until something changes on either side, and no longer than it was told to (domain.md §14.3)', async () => {
    await couplet.work()
    await couplet.run('full')
    const schedule = await save({ inactivityMinutes: 720 })
    const runs = async () => (await runsOf(schedule)).length
    const through = async (n: number) => {
      await deliver(schedule, slotOf(schedule, n))
      for (const { id } of await runsOf(schedule)) await couplet.ended(id)
      return { runs: await runs(), decision: (await now(schedule)).lastDecision }
    }
    expect(await through(1)).toEqual({ runs: 1, decision: 'started' })
    expect(await through(2)).toEqual({ runs: 1, decision: 'idle' })
    await couplet.systems.query(`INSERT INTO nav.customer (no) VALUES ('NEW')`)
    expect(await through(3)).toEqual({ runs: 2, decision: 'started' })
    // Not coupled, so nothing came of it: it has been looked at.
    expect(await through(4)).toEqual({ runs: 2, decision: 'idle' })
    expect((await through(30)).runs).toBe(3)
  })
})
