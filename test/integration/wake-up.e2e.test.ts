import { afterEach, beforeEach, expect, it } from 'vitest'
import { isAwaited } from '../../src/core/jobs/priority.ts'
import { wakeUp } from '../../src/usecases/announcements/wake-up.ts'
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
