import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NamedScope } from '../../src/usecases/control/pauses.ts'
import { pauseWork, resumeWork } from '../../src/usecases/control/pauses.ts'
import { whyRecord } from '../../src/usecases/records/why-record.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

const act = { by: 'anna', reason: 'month end' }
const byPerson = { cause: 'person', until: null } as const
let couplet: Installation
beforeAll(async () => {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(20)}`,
    env: { COUPLET_PAGE_SIZE: '5' },
  })
  await couplet.import(customerMapping)
  await couplet.work()
})
afterAll(() => couplet.close())

const stores = () => couplet.context.deps.stores
const mapping = (): NamedScope => ({ pairId: couplet.pair.id, mapping: 'CUSTOMER' })
const pause = (what: NamedScope) => pauseWork(what, byPerson, act, couplet.context.deps)
const resume = (what: NamedScope) => resumeWork(what, act, couplet.context.deps)
const remote = async () =>
  (await couplet.rows<{ count: number }>('SELECT count(*)::int AS count FROM crm.account'))[0]?.count
const line = async (runId: number) => (await stores().runs.getRun(runId)).lines[0]

describe('what is paused', () => {
  it('P10: waits where everybody can see it, does nothing, and goes on when it is resumed', async () => {
    await pause(mapping())
    const runId = await couplet.start('full')
    const address = { pairId: couplet.pair.id, mapping: 'CUSTOMER', text: 'C1', side: null }
    expect((await whyRecord(address, couplet.context.deps)).decides).toMatchObject({
      check: 'pause',
      says: expect.stringMatching(/^Mapping CUSTOMER is paused by anna since .*: month end$/),
    })
    // A preview only shows what would happen: it does not wait.
    await couplet.run('mapping', { mapping: 'CUSTOMER', overrides: { dryRun: true } })
    expect(await line(runId)).toMatchObject({ state: 'ready' })
    expect(await remote()).toBe(0)
    await resume(mapping())
    expect(await couplet.ended(runId)).toMatchObject({ run: { state: 'succeeded' } })
    expect(await remote()).toBe(20)
  })

  it('stops between two pages when it is paused while it works, and goes on from there', async () => {
    await couplet.systems.query(`${insertCustomers(120).replaceAll("'C'", "'D'")}`)
    const runId = await couplet.start('full')
    await waitFor('it works', async () => ((await remote()) ?? 0) > 30)
    await pause({ everything: true })
    await waitFor('it has stopped', async () => {
      const { rows } = await couplet.store.query(
        'SELECT count(*)::int AS held FROM couplet.lease WHERE expires_at > clock_timestamp()',
      )
      return rows[0]?.held === 0
    })
    const before = await remote()
    expect(before).toBeLessThan(140)
    expect(await line(runId)).toMatchObject({ state: 'running', error: null })
    await resume({ everything: true })
    expect((await couplet.ended(runId)).run.state).toBe('succeeded')
    expect(await remote()).toBe(140)
  })

  it('is refused without a reason, and cannot be resumed twice', async () => {
    const without = pauseWork(mapping(), byPerson, { by: 'anna', reason: ' ' }, couplet.context.deps)
    await expect(without).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
    await expect(resume({ connection: 'nowhere' })).rejects.toMatchObject({ code: 'CONNECTION_UNKNOWN' })
    await expect(resume(mapping())).rejects.toMatchObject({ code: 'NOT_PAUSED' })
  })
})

describe('a connection that does not answer', () => {
  it('is noticed once; its lines wait without failing, and go on when it answers again', async () => {
    const { remoteConnection } = couplet.pair
    const moveTo = (url: string) =>
      stores().mappings.saveConnection({
        ...remoteConnection,
        settings: { ...remoteConnection.settings, url },
      })
    process.env['NOWHERE_URL'] = 'postgres://nobody@127.0.0.1:1/nothing'
    await moveTo('env:NOWHERE_URL')
    const runId = await couplet.start('full')
    const [breaker] = await waitFor('the breaker opens', async () => {
      const open = await stores().control.listBreakers()
      return open.length > 0 ? open : null
    })
    expect(breaker).toMatchObject({
      connection: remoteConnection.name,
      state: { last: { code: 'CONNECTION_REFUSED' } },
    })
    expect(await line(runId)).toMatchObject({ error: null })
    await moveTo(remoteConnection.settings['url'] ?? '')
    expect((await couplet.ended(runId)).run.state).toBe('succeeded')
    expect(await stores().control.listBreakers()).toEqual([])
  })
})
