import { afterEach, beforeEach, expect, it } from 'vitest'
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

it('an announcement about another table wakes nobody up', async () => {
  expect(await wakeUp(couplet.pair.localConnection, ['item'], couplet.context.deps)).toBe(0)
})
