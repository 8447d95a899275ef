import { afterEach, expect, it } from 'vitest'
import { recoverPair } from '../../src/usecases/recovery/recover-pair.ts'
import { runCommand } from '../support/cli.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { restoreSnapshot, takeSnapshot } from '../support/store-snapshot.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
afterEach(() => couplet.close())

const act = { by: 'test', reason: 'restored' }
const count = async (table: string) => (await couplet.rows(`SELECT FROM ${table}`)).length

it('P3: what a mapping has created that was disabled when the backup was made is found again', async () => {
  couplet = await createInstallation({ systemsSql: `${twoTablesSql} ${insertCustomers(2)}` })
  await couplet.import({ ...customerMapping, enabled: false })
  await couplet.work()
  await takeSnapshot(couplet.store)
  await couplet.import(customerMapping)
  await couplet.run('full')
  await restoreSnapshot(couplet.store)

  const { context, pair } = couplet
  const needed = { deps: context.deps, recovery: context.care.recovery }
  const { found } = await recoverPair(pair, act, needed, new AbortController().signal)
  expect(found).toMatchObject([
    { direction: 'to', found: 2, isSearched: true },
    { direction: 'from', found: 0, isSearched: true },
  ])
  await context.deps.stores.control.resume({ scope: 'everything' }, act)
  await couplet.import(customerMapping)
  await couplet.run('full')
  expect(await count('nav.customer')).toBe(2)
  expect(await count('crm.account')).toBe(2)
})

it('P3: a disabled mapping whose table is gone is named and paused, and the others are searched', async () => {
  const former = 'CREATE TABLE nav.former (id uuid PRIMARY KEY, name varchar(50))'
  const systemsSql = `${twoTablesSql} ${former}; ${former.replace('nav.', 'crm.')}`
  couplet = await createInstallation({ systemsSql })
  const table = { table: 'former' }
  const fields = [{ local: 'name', remote: 'name' }]
  const disabled = { name: 'A FORMER ONE', direction: 'Bidirectional', enabled: false, fields }
  await couplet.import({ ...disabled, local: table, remote: table }, customerMapping)
  await couplet.systems.query('DROP TABLE crm.former')
  const recovered = await runCommand(['recover', '--pair', 'test', '--reason', 'restored'], couplet.env)
  expect(recovered.code, recovered.stderr).toBe(2)
  expect(recovered.stdout).toMatch(/A FORMER ONE .*not searched: disabled/)
  expect(recovered.stdout).toMatch(/CUSTOMER .* 0 /)
  expect(recovered.stdout + recovered.stderr).toContain('A FORMER ONE is disabled and was not searched: ')
  const pauses = await couplet.context.deps.stores.control.listPauses()
  expect(pauses).toContainEqual(expect.objectContaining({ scope: 'mapping', name: 'A FORMER ONE' }))
  expect(pauses).not.toContainEqual(expect.objectContaining({ scope: 'mapping', name: 'CUSTOMER' }))
})
