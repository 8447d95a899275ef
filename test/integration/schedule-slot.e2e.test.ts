import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { JobContext } from '../../src/core/jobs/catalog.ts'
import type { Schedule } from '../../src/core/ports/operations-store.ts'
import { present } from '../../src/lib/assert.ts'
import { runScheduleSlot } from '../../src/usecases/flow/schedule-slot.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { customerMapping, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
beforeEach(async () => {
  couplet = await createInstallation({ systemsSql: twoTablesSql })
  await couplet.import(customerMapping)
})
afterEach(() => couplet.close())

const save = (kind: Schedule['kind']) =>
  couplet.context.deps.stores.operations.saveSchedule({
    pairId: couplet.pair.id,
    name: kind,
    kind,
    mapping: null,
    everyMinutes: 30,
    enabled: true,
  })

const runs = async () =>
  (await couplet.context.deps.stores.runs.listRuns({ limit: 100, before: null, kind: null })).length

function deliver(schedule: Schedule, slotMs: number) {
  const context: JobContext = {
    signal: new AbortController().signal,
    attempt: 1,
    isLastAttempt: false,
    slotMs,
  }
  return runScheduleSlot({ scheduleId: schedule.id }, context, couplet.context.deps)
}

describe('a slot of a schedule', () => {
  it('P11: is one run, however often and by how many schedulers it is delivered', async () => {
    const schedule = await save('modified')
    const delivered = await Promise.all([1, 2, 3, 4].map(() => deliver(schedule, 1_800_000)))
    expect(delivered).toEqual(delivered.map(() => ({ verdict: 'done' })))
    expect(await runs()).toBe(1)
    await deliver(schedule, 3_600_000)
    expect(await runs()).toBe(1)
    const [run] = await couplet.context.deps.stores.runs.listRuns({ limit: 1, before: null, kind: null })
    await couplet.work()
    await couplet.ended(present(run, 'run').id)
    await deliver(schedule, 1_800_000)
    expect(await runs()).toBe(1)
    await deliver(schedule, 5_400_000)
    expect(await runs()).toBe(2)
  })

  it('of a full synchronization is merged into one that somebody else has started', async () => {
    const schedule = await save('full')
    await couplet.start('full')
    expect(await deliver(schedule, 1_800_000)).toEqual({ verdict: 'done' })
    expect(await runs()).toBe(1)
  })
})
