import { afterAll, beforeAll, expect, it } from 'vitest'
import { CoupletClient } from '../../src/client/client.ts'
import { type Api, startApi } from '../support/api.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
let api: Api
let client: CoupletClient

beforeAll(async () => {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(2)}; ALTER TABLE crm.account ADD CHECK (name <> 'Customer 2')`,
    env: { COUPLET_PORT: '0' },
  })
  await couplet.import(customerMapping)
  api = await startApi(couplet.context)
  client = new CoupletClient({ url: api.url, key: api.key })
  await couplet.work()
  await couplet.run('full')
})
afterAll(async () => {
  await api.close()
  await couplet.close()
})

/** Every field there is: one that is added to the contract must be added here, too. */
type Every<Method> = Method extends (query: infer Query) => unknown ? Required<NonNullable<Query>> : never

const since = '2024-05-01T10:20:00+02:00'
const until = '9000-01-01T00:00:00Z'
const page = { limit: 10, before: 1_000_000 }
const mapping = 'CUSTOMER'

it('issues are asked for by each field, a group as the text by which it is named', async () => {
  const pair = couplet.pair.name
  const { issues } = await client.listIssues()
  const [{ mappingId, code, kind, ...issue } = expect.fail('no issue')] = issues
  const field = issue.field ?? ''
  const group = `${mappingId}/${code}/${field}`
  const filter = { pair, mapping, kind, code, field, group, stopped: false, since, until }
  const counted: Every<typeof client.countIssues> = filter
  const listed: Every<typeof client.listIssues> = { ...page, ...filter }
  // An issue about no field has none to be asked for by.
  const { field: _, ...fieldless } = listed
  expect((await client.listIssues(issue.field === null ? fieldless : listed)).issues).toEqual(issues)
  expect((await client.countIssues(counted)).counts).toHaveLength(issue.field === null ? 0 : 1)
  expect((await client.listIssues({ group: `${mappingId}/OTHER/` })).issues).toEqual([])
})

it('all other lists are asked for by each of their fields', async () => {
  const pair = couplet.pair.name
  const runs: Every<typeof client.listRuns> = {
    ...page,
    pair,
    mapping,
    kind: 'full',
    state: 'succeeded-with-failures',
    requestedBy: 'test',
    since,
    until,
  }
  const [run = expect.fail('no run')] = (await client.listRuns(runs)).runs

  const inserted = { ...page, mapping, kind: 'inserted' } as const
  expect((await client.listOutcomes({ ...inserted, pair })).outcomes).toHaveLength(1)
  expect((await client.listOutcomesOfRun(run.id, inserted)).outcomes).toHaveLength(1)
  const outcomes: Every<typeof client.listOutcomes> = { ...inserted, pair, code: 'NONE', since, until }
  expect((await client.listOutcomes(outcomes)).outcomes).toEqual([])

  const jobs: Every<typeof client.listJobs> = {
    ...page,
    pair,
    run: run.id,
    mapping,
    state: 'succeeded',
    code: 'NONE',
    since,
    until,
  }
  expect((await client.listJobs(jobs)).jobs).toEqual([])
  const { code: _, ...everyJob } = jobs
  expect((await client.listJobs(everyJob)).jobs).not.toEqual([])

  const couplings: Every<typeof client.listCouplings> = { limit: 10, after: '', pair, mapping, local: 'C1' }
  const { after: __, ...firstPage } = couplings
  expect((await client.listCouplings(firstPage)).couplings).toHaveLength(1)
  const record = { pair, mapping, key: 'C1', side: 'local' } as const
  const history: Every<typeof client.getHistory> = { ...page, ...record }
  expect((await client.getHistory(history)).outcomes).toHaveLength(1)
  const why: Every<typeof client.explainRecord> = record
  expect((await client.explainRecord(why)).isInStep).toBe(true)

  const operations: Every<typeof client.listOperations> = {
    ...page,
    pair,
    mapping,
    kind: 'retry',
    state: 'finished',
  }
  expect((await client.listOperations(operations)).operations).toEqual([])
  const audit: Every<typeof client.listAudit> = {
    ...page,
    actor: 'nobody',
    action: 'a',
    subject: 's',
    since,
    until,
  }
  expect((await client.listAudit(audit)).entries).toEqual([])
  const deliveries: Every<typeof client.listDeliveries> = {
    ...page,
    webhook: 'w',
    state: 'failed',
    type: 'issue.opened',
  }
  expect((await client.listDeliveries(deliveries)).deliveries).toEqual([])
  const schedules: Every<typeof client.listSchedules> = { pair, mapping }
  expect((await client.listSchedules(schedules)).schedules).toEqual([])
  const mappings: Every<typeof client.listMappings> = { pair }
  expect((await client.listMappings(mappings)).mappings).toHaveLength(1)
})
