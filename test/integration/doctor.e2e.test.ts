import { afterEach, describe, expect, it } from 'vitest'
import { examine } from '../../src/app/doctor/examine.ts'
import { lineJobId } from '../../src/queue/job-options.ts'
import { sweep } from '../../src/usecases/flow/sweep.ts'
import { startTestSystems, type TestSystems } from '../support/dynamics.ts'
import { createInstallation, type Installation, queueKinds } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

const act = { by: 'test', reason: 'test' }
let couplet: Installation
let systems: TestSystems | undefined
afterEach(async () => {
  await couplet.close()
  await systems?.close()
})

async function wrong(): Promise<readonly string[]> {
  const findings = await examine(couplet.context)
  return findings.filter(({ state }) => state !== 'good').map(({ area, what }) => `${area}: ${what}`)
}

describe.each(queueKinds)('an examination, over %s', (queue) => {
  it('looks at everything, and names what is wrong', async () => {
    couplet = await createInstallation({ queue, systemsSql: `${twoTablesSql} ${insertCustomers(3)}` })
    await couplet.import(customerMapping)
    // The server of the tests is quick and not safe, and nobody is at work.
    const usual = ['store: durability', 'processes: workers', 'processes: scheduler']
    expect(await wrong()).toEqual(usual)
    const areas = new Set((await examine(couplet.context)).map(({ area }) => area))
    expect([...areas]).toEqual(['program', 'store', 'queue', 'processes', 'systems', 'work'])

    const { control, mappings } = couplet.context.deps.stores
    await mappings.saveConnection({ name: 'gone', kind: 'postgres', settings: { url: 'env:NOWHERE_URL' } })
    await control.pause({ scope: 'everything' }, { cause: 'person', until: null, reason: 'holidays' }, act)
    await couplet.store.query(`
      INSERT INTO couplet.inbox (pair_id, mapping_id, direction, key, job_ids, force, create_missing, requested_at)
      SELECT pair_id, id, 'to', 'text:C1', '{}', false, false, now() - interval '2 hours' FROM couplet.table_mapping`)
    expect(await wrong()).toEqual([...usual, 'systems: gone', 'work: held', 'work: requests for records'])
    const said = JSON.stringify(await examine(couplet.context))
    expect(said).toContain('NOWHERE_URL')
    expect(said).toContain('holidays')
  })
})

describe.each(queueKinds)('an examination of unfinished runs, over %s', (queue) => {
  it('names the one whose line is gone from the queue while others live, until it is swept', async () => {
    couplet = await createInstallation({ queue, systemsSql: twoTablesSql })
    await couplet.import(customerMapping)
    const [lost] = [await couplet.start('modified'), await couplet.start('modified')]
    const { deps, backend } = couplet.context
    const runs = async () =>
      (await examine(couplet.context)).find(({ area, what }) => area === 'queue' && what === 'runs')
    expect(await runs()).toMatchObject({ state: 'good' })
    const { lines } = await deps.stores.runs.getRun(lost)
    const job = await backend.queues['couplet-lines'].getJob(lines.map(lineJobId)[0] ?? '')
    await job?.remove()
    expect(await runs()).toMatchObject({
      state: 'warning',
      detail: `the queue has lost jobs of run ${lost}, CUSTOMER`,
      remedy: expect.stringContaining('scheduler'),
    })
    await sweep(deps, new AbortController().signal)
    expect(await runs()).toMatchObject({ state: 'good' })
  })
})

it('tells of systems whose clocks are wrong, and what that breaks', async () => {
  systems = await startTestSystems()
  couplet = await createInstallation({ systemsSql: twoTablesSql })
  await systems.savePair(couplet.context.deps.stores.mappings)
  const clocks = async () => {
    const findings = await examine(couplet.context)
    return findings
      .filter(({ what }) => what.endsWith(': clock'))
      .map(({ what, state }) => `${what} is ${state}`)
  }
  const { local, remote } = systems.systems
  const names = (await couplet.context.deps.stores.mappings.listConnections()).map(({ name, kind }) => ({
    name,
    kind,
  }))
  const nameOf = (wanted: string) => names.find(({ kind }) => kind === wanted)?.name
  const good = names.map(({ name }) => `${name}: clock is good`)
  expect((await clocks()).sort()).toEqual(good.sort())
  await skew(local.authority, 40_000)
  await skew(remote.url, -400_000)
  const found = await clocks()
  expect(found).toContain(`${nameOf('business-central')}: clock is warning`)
  // Dataverse is read again for 300 s.
  expect(found).toContain(`${nameOf('dataverse')}: clock is bad`)
  expect(found.filter((each) => each.endsWith('good'))).toHaveLength(names.length - 2)
})

async function skew(url: string, skewMs: number): Promise<void> {
  const answer = await fetch(`${new URL(url).origin}/_admin/clock`, {
    method: 'POST',
    body: JSON.stringify({ skewMs }),
  })
  expect(answer.status).toBe(200)
}
