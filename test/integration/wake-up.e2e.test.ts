import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isAwaited } from '../../src/core/jobs/priority.ts'
import { wakeUp } from '../../src/usecases/announcements/wake-up.ts'
import { sweep } from '../../src/usecases/flow/sweep.ts'
import { enqueueRecords } from '../../src/usecases/records/enqueue-records.ts'
import { addSchedule, pauseSchedule, resumeSchedule } from '../../src/usecases/schedules/change-schedule.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { customerMapping, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
beforeEach(async () => {
  couplet = await createInstallation({ systemsSql: twoTablesSql })
  await couplet.import(customerMapping)
})
afterEach(() => couplet.close())

const announce = () => wakeUp(couplet.pair.localConnection, ['customer'], couplet.context.deps)

it('a run that waits for its turn hears what is announced meanwhile; a preview that waits carries nothing', async () => {
  await couplet.start('mapping', { mapping: 'CUSTOMER', overrides: { dryRun: true } })
  expect(await announce()).toBe(1)
  expect(await announce()).toBe(0)
})

it('a line that was blocked before it began carries nothing, and nobody waits for what is announced', async () => {
  const runId = await couplet.start('mapping', { mapping: 'CUSTOMER' })
  expect(await announce()).toBe(0)
  await couplet.store.query(`update couplet.line set state = 'blocked' where run_id = $1`, [runId])
  expect(await announce()).toBe(1)
  const [newest] = await couplet.context.deps.stores.runs.listRuns({ limit: 1, before: null, kind: null })
  expect(newest).toMatchObject({ requestedBy: 'announcement' })
  expect(isAwaited(newest?.priority ?? 0)).toBe(false)
})

it('an announcement about another table wakes nobody up', async () => {
  expect(await wakeUp(couplet.pair.localConnection, ['item'], couplet.context.deps)).toBe(0)
})

describe('while the schedules of a mapping rest', () => {
  const deps = () => couplet.context.deps
  const { signal } = new AbortController()
  const act = { by: 'anna', reason: 'month end' }
  const named = () => ({ pairId: couplet.pair.id, name: 'often' })
  beforeEach(async () => {
    await addSchedule(named(), { kind: 'modified', everyMinutes: 30 }, act, deps())
  })

  it('an announcement asks for nothing, and asks again when they are resumed', async () => {
    await pauseSchedule(named(), act, deps())
    expect(await announce()).toBe(0)
    await resumeSchedule(named(), act, deps())
    expect(await announce()).toBe(1)
  })

  it('nothing comes of records that are due, but what somebody has asked for does', async () => {
    await pauseSchedule(named(), act, deps())
    const { id } = await deps().stores.mappings.getMapping(couplet.pair.id, 'CUSTOMER')
    await couplet.store.query(
      `insert into couplet.issue (pair_id, mapping_id, mapping_version, direction, key, kind, code, error_kind, message,
          conflicts, create_missing, job_id, first_at, last_at, next_attempt_at)
        values ($1, $2, 1, 'to', 'uuid:${randomUUID()}', 'failed', 'INTERNAL', 'transient', 'm', '[]', false, 1, now(), now(), now())`,
      [couplet.pair.id, id],
    )
    expect(await sweep(deps(), signal)).toMatchObject({ wakeUps: 0 })
    const asked = {
      pairId: couplet.pair.id,
      mapping: 'CUSTOMER',
      side: 'local',
      createMissing: false,
    } as const
    const keys = [randomUUID()]
    const { runId } = await enqueueRecords({ ...asked, keys, requestedBy: 'shop', reason: 'order' }, deps())
    await deps().stores.runs.cancelRun(runId, act)
    // It belonged to no run.
    expect(await sweep(deps(), signal)).toMatchObject({ wakeUps: 1 })
    const [newest] = await deps().stores.runs.listRuns({ limit: 1, before: null, kind: null })
    expect(newest).toMatchObject({ requestedBy: 'sweeper' })
  })
})
