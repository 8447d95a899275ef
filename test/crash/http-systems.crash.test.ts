import { afterEach, beforeEach, describe, expect, it, onTestFailed } from 'vitest'
import type { Pair } from '../../src/core/ports/mapping-store.ts'
import type { AdminRecord } from '../../src/demo/dynamics/admin.ts'
import { expectBalancedBooks, quiet, settleIntents } from '../support/crash-books.ts'
import { quickEnv } from '../support/crash-couplet.ts'
import { killAtEach, openWorkers, type Workers } from '../support/crash-workers.ts'
import { customerMapping, startTestSystems, type TestSystems } from '../support/dynamics.ts'
import { createInstallation, type Installation, importAll } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'

const ACCOUNTS = 50
const CUSTOMERS = 60

let couplet: Installation
let systems: TestSystems
let pair: Pair
let workers: Workers
beforeEach(async () => {
  ;[couplet, systems] = await Promise.all([
    createInstallation({ systemsSql: '', env: { ...quickEnv, COUPLET_LOG_LEVEL: 'warn' } }),
    startTestSystems(),
  ])
  const soon = { maxServerRunMs: '500' }
  pair = await systems.savePair(couplet.context.deps.stores.mappings, { local: soon, remote: soon })
  await importAll(pair, [customerMapping], couplet.context)
  for (let number = 1; number <= ACCOUNTS; number += 1) {
    const values = { accountnumber: `R${number}`, name: `Account ${number}`, address1_city: 'Aarhus' }
    await systems.systems.remote.admin.insert('account', values)
  }
  workers = openWorkers(couplet.env)
  onTestFailed(() => workers.print())
})
afterEach(async () => {
  await workers.killAll()
  await couplet.close()
  await systems.close()
})

const customers = () => systems.systems.local.admin.readAll('customer')
const accounts = () => systems.systems.remote.admin.readAll('account')
const rowsOf = (records: readonly AdminRecord[], ...columns: readonly string[]) =>
  records.map((record) => columns.map((column) => record[column]).join('|')).sort()

async function finishUndisturbed(): Promise<void> {
  const worker = await workers.start()
  await quiet(couplet)
  await settleIntents(couplet)
  await worker.stop()
}

/** P3, P4, P7: every record once on each side, both sides equal, and the books say so. */
async function expectEqualSystems(): Promise<void> {
  const [local, remote] = await Promise.all([customers(), accounts()])
  expect(local).toHaveLength(CUSTOMERS + ACCOUNTS)
  expect(rowsOf(local, 'number', 'displayName', 'city')).toEqual(
    rowsOf(remote, 'accountnumber', 'name', 'address1_city'),
  )
  const { rows } = await couplet.store.query('SELECT code, message FROM couplet.issue')
  expect(rows).toEqual([])
  await expectBalancedBooks(couplet)
}

describe('workers killed between Business Central and Dataverse', () => {
  it('P2, P3, P4, P7: at each step of a write, in a full synchronization and in one of edits', async () => {
    await couplet.start('full', { pairId: pair.id })
    await killAtEach(workers, ['intent#1', 'write#1', 'commit#1', 'write#2', 'commit#2'])
    await finishUndisturbed()
    await expectEqualSystems()

    const [first, second] = await customers()
    await systems.systems.local.admin.patch('customer', String(first?.['number']), { city: 'Odense' })
    await systems.systems.local.admin.patch('customer', String(second?.['number']), {
      displayName: 'Renamed',
    })
    const account = (await accounts()).find(({ accountnumber }) => accountnumber === 'R7')
    await systems.systems.remote.admin.patch('account', String(account?.['accountid']), {
      name: 'By somebody',
    })
    await couplet.start('modified', { pairId: pair.id })
    await killAtEach(workers, ['intent#1', 'write#1', 'commit#1'])
    await finishUndisturbed()
    await expectEqualSystems()
  })

  it.each(['local', 'remote'] as const)(
    'P2, P3: while a request is under way that arrives at the %s system all the same',
    async (side) => {
      const { url } = systems.systems[side]
      const origin = new URL(url).origin
      const late = {
        kind: 'latency',
        ms: 2_000,
        times: 1,
        match: { method: 'POST', url: 'batch|CreateMultiple' },
      }
      // The first batch to Business Central asks which of the records are there already.
      const fault = { ...late, skip: side === 'local' ? 1 : 0 }
      await fetch(`${origin}/_admin/faults`, { method: 'POST', body: JSON.stringify(fault) })
      const isUsed = async () => {
        const answer = await fetch(`${origin}/_admin/faults`)
        return ((await answer.json()) as readonly unknown[]).length === 0
      }
      await couplet.start('full', { pairId: pair.id })
      const worker = await workers.start()
      await waitFor('the late request', isUsed, 60_000)
      await worker.kill()
      await finishUndisturbed()
      await expectEqualSystems()
    },
  )
})
