import { afterEach, describe, expect, it } from 'vitest'
import type { MatchFinding } from '../../src/core/coupling/match-list.ts'
import { SyncError } from '../../src/core/errors.ts'
import type { Probe } from '../../src/core/ports/runtime.ts'
import { requestCoupling } from '../../src/usecases/coupling/request-coupling.ts'
import { requestUncoupling } from '../../src/usecases/coupling/request-uncoupling.ts'
import { createInstallation, type Installation, jobOf } from '../support/installation.ts'
import { givenLease } from '../support/store-fixtures.ts'
import { customerMapping, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
afterEach(() => couplet.close())

/** By name and city together first, then by number alone. */
const matchMapping = {
  ...customerMapping,
  fields: [
    {
      local: 'no',
      remote: 'number',
      direction: 'ToIntegrationTable',
      match: { priority: 1, normalise: ['trim'] },
    },
    { local: 'name', remote: 'name', match: { normalise: ['trim', 'accents'] } },
    { local: 'city', remote: 'city', match: {} },
    { local: 'credit', remote: 'credit' },
  ],
}

type Row = readonly [no: string, name: string, city: string]

async function open(
  given: { customers: readonly Row[]; accounts: readonly Row[] },
  mapping: object = matchMapping,
  before: Probe['before'] = async () => {},
): Promise<void> {
  couplet = await createInstallation({ systemsSql: twoTablesSql, env: { COUPLET_PAGE_SIZE: '3' } })
  for (const row of given.customers)
    await couplet.systems.query('INSERT INTO nav.customer (no, name, city) VALUES ($1, $2, $3)', [...row])
  for (const row of given.accounts)
    await couplet.systems.query('INSERT INTO crm.account (number, name, city) VALUES ($1, $2, $3)', [...row])
  await couplet.import(mapping as typeof customerMapping)
  Object.assign(couplet.context.deps, { probe: { before } })
  await couplet.work()
}

const match = (dryRun = false) => couplet.run('couple', { mapping: 'CUSTOMER', overrides: { dryRun } })

/** The verdict of each customer, by its number. */
async function findings(runId: number): Promise<Record<string, string>> {
  const all = await couplet.context.deps.stores.matches.listFindings({
    runId,
    verdict: null,
    limit: 100,
    before: null,
  })
  const names = new Map(
    (await couplet.rows<{ id: string; no: string }>('SELECT id, no FROM nav.customer')).map(({ id, no }) => [
      `uuid:${id}`,
      no,
    ]),
  )
  return Object.fromEntries(
    all.map(({ key, verdict }: MatchFinding) => [names.get(key) ?? key, verdict] as const).sort(),
  )
}

const pairs = async () => {
  const { rows } = await couplet.store.query<{ local: string; remote: string }>(
    'SELECT local_reference AS local, remote_key AS remote FROM couplet.coupling ORDER BY 1',
  )
  const accounts = await couplet.rows<{ id: string; number: string; name: string }>(
    'SELECT * FROM crm.account',
  )
  return rows.map(({ local, remote }) => {
    const account = accounts.find(({ id }) => `uuid:${id}` === remote)
    return `${local.slice('text:'.length)} ${account?.number}/${account?.name}`
  })
}

const everyKind = {
  customers: [
    ['A', ' Zoë ', 'Ribe'],
    ['B', 'Twice', 'Ribe'],
    ['C', 'Rival', 'Ribe'],
    ['D', 'Rival', 'Ribe'],
    ['E', 'Nobody', ''],
    ['F', 'By number', 'Ribe'],
    ['G', 'Twice', 'Ribe'],
  ],
  accounts: [
    ['X1', 'zoe', 'RIBE'],
    ['X2', 'Twice', 'Ribe'],
    ['X3', 'Twice', 'Ribe'],
    ['X4', 'Rival', 'Ribe'],
    [' F ', 'Other', 'Aarhus'],
    ['G', 'Third', 'Ribe'],
  ],
} as const

describe('the search before a creation', () => {
  it('judges groups independently, as match-based coupling does', async () => {
    await open(everyKind)
    const full = await couplet.run('full')
    const { counters } = jobOf(full, 'CUSTOMER', 'to')
    expect(counters).toMatchObject({ inserted: 1, failed: 3, duplicatesPrevented: 3 })
    const failed = await couplet.store.query<{ code: string; key: string }>(
      `SELECT DISTINCT code, local_key AS key FROM couplet.outcome WHERE kind = 'failed' AND direction = 'to'`,
    )
    const customers = await couplet.rows<{ id: string; no: string }>('SELECT id, no FROM nav.customer')
    const names = new Map(customers.map(({ id, no }) => [`uuid:${id}`, no]))
    expect(failed.rows.map(({ code, key }) => `${names.get(key)} ${code}`).sort()).toEqual([
      'B NO_UNIQUE_MATCH',
      'C NO_UNIQUE_MATCH',
      'D NO_UNIQUE_MATCH',
    ])
    // G is ambiguous by name and city, and unique by its number: Third is renamed, and no second G is created.
    expect(await couplet.rows(`SELECT name FROM crm.account WHERE trim(number) = 'G'`)).toEqual([
      { name: 'Twice' },
    ])
  })
})

describe('match-based coupling', () => {
  it('couples what is unique and lists the rest: groups are independent, ambiguity is symmetric', async () => {
    await open(everyKind)
    const run = await match()
    expect(await findings(run.run.id)).toEqual({
      A: 'unique',
      B: 'ambiguous',
      C: 'ambiguous',
      D: 'ambiguous',
      E: 'none',
      F: 'unique',
      G: 'unique',
    })
    expect(await pairs()).toEqual(['A X1/zoe', 'F  F /Other', 'G G/Third'])
    const { counters, type } = jobOf(run, 'CUSTOMER', 'to')
    expect(type).toBe('coupling')
    expect(counters).toMatchObject({ read: 7, coupled: 3, failed: 3, notCoupled: 1 })
    const ledger = await couplet.store.query(
      'SELECT kind, code, count(*)::int FROM couplet.outcome GROUP BY 1, 2 ORDER BY 1',
    )
    expect(ledger.rows).toEqual([
      { kind: 'coupled', code: null, count: 3 },
      { kind: 'failed', code: 'NO_UNIQUE_MATCH', count: 3 },
    ])
    expect(await couplet.store.query('SELECT FROM couplet.match_key')).toMatchObject({ rowCount: 0 })
  })

  it('P11: a second run finds the coupled ones coupled, and couples nothing more', async () => {
    await open(everyKind)
    await match()
    const again = await match()
    expect(jobOf(again, 'CUSTOMER', 'to').counters).toMatchObject({ read: 7, unchanged: 3, coupled: 0 })
    expect(await pairs()).toHaveLength(3)
  })

  it('P3, P7: goes on where it was interrupted, also when the server has lost what was staged', async () => {
    const interruptions = new Set(['read 2', 'decide 6', 'lookup 7', 'commit 8'])
    await open(everyKind, matchMapping, async (step, { page }) => {
      if (!interruptions.delete(`${step} ${page}`)) return
      if (step === 'decide') await couplet.store.query('TRUNCATE couplet.match_key')
      throw new SyncError('CONNECTION_INTERRUPTED', `before ${step} ${page}`)
    })
    const run = await match()
    expect([...interruptions]).toEqual([])
    expect(jobOf(run, 'CUSTOMER', 'to').counters).toMatchObject({
      read: 7,
      coupled: 3,
      failed: 3,
      notCoupled: 1,
    })
    expect(await pairs()).toEqual(['A X1/zoe', 'F  F /Other', 'G G/Third'])
  })

  it('a dry run counts and lists the same, and changes nothing', async () => {
    await open(everyKind)
    const run = await match(true)
    expect(jobOf(run, 'CUSTOMER', 'to').counters).toMatchObject({ read: 7, coupled: 3, failed: 3 })
    expect(Object.values(await findings(run.run.id)).filter((verdict) => verdict === 'unique')).toHaveLength(
      3,
    )
    expect(await pairs()).toEqual([])
    for (const table of ['outcome', 'inbox', 'issue'])
      expect(await couplet.store.query(`SELECT FROM couplet.${table}`)).toMatchObject({ rowCount: 0 })
  })

  it('a dry run shows what would be created and synchronized after the coupling, as the real run does it', async () => {
    await open(everyKind, { ...matchMapping, createNewInCaseOfNoMatch: true, synchAfterBulkCoupling: true })
    const shown = await match(true)
    expect(await pairs()).toEqual([])
    const { findings: found } = await couplet.context.deps.stores.previews.getResult(shown.run.id)
    expect(found.filter(({ kind }) => kind === 'coupled').map(({ records }) => records)).toEqual([3])
    const { counters } = jobOf(shown, 'CUSTOMER', 'to')
    expect(counters).toMatchObject({ coupled: 3, inserted: 1, modified: 3, failed: 3 })
    expect(jobOf(await match(), 'CUSTOMER', 'to').counters).toEqual(counters)
  })

  it('keeps what it has staged when a dry run of the same mapping begins beside it', async () => {
    await open(everyKind, matchMapping, async (step) => {
      if (step !== 'decide') return
      const { matches, mappings } = couplet.context.deps.stores
      const { id: mappingId } = await mappings.getMapping(couplet.pair.id, 'CUSTOMER')
      const fence = await givenLease(couplet.context.deps.stores, ['preview/1'])
      await matches.beginMatching(fence, { mappingId, jobId: -1 })
    })
    await match()
    expect(await pairs()).toEqual(['A X1/zoe', 'F  F /Other', 'G G/Third'])
  })

  it('creates a partner for who matches nobody, never for who is ambiguous, and synchronizes the coupled', async () => {
    await open(everyKind, { ...matchMapping, createNewInCaseOfNoMatch: true, synchAfterBulkCoupling: true })
    const run = await match()
    expect(jobOf(run, 'CUSTOMER', 'to').counters).toMatchObject({ coupled: 3, inserted: 1, modified: 3 })
    const accounts = await couplet.rows<{ number: string }>('SELECT number, name FROM crm.account ORDER BY 1')
    expect(accounts.map(({ number }) => number).sort()).toEqual(['A', 'E', 'F', 'G', 'X2', 'X3', 'X4'])
    expect(await pairs()).toEqual(['A A/ Zoë ', 'E E/Nobody', 'F F/By number', 'G G/Twice'])
  })

  it('P3: a record that two claim by different groups belongs to none of them (§18.8)', async () => {
    await open({
      customers: [
        ['A', 'Same', 'Ribe'],
        ['B', 'Other', 'Ribe'],
      ],
      accounts: [['B', 'Same', 'Ribe']],
    })
    const run = await match()
    expect(await findings(run.run.id)).toEqual({ A: 'ambiguous', B: 'ambiguous' })
    expect(await pairs()).toEqual([])
  })

  it('says of a partner that is coupled already, and of one uncoupled on purpose, that it is', async () => {
    await open({
      customers: [
        ['A', 'First', 'Ribe'],
        ['B', 'Second', 'Ribe'],
        ['C', 'Hand', 'Aarhus'],
      ],
      accounts: [
        ['X', 'First', 'Ribe'],
        ['Y', 'Second', 'Ribe'],
      ],
    })
    const [first] = await couplet.rows<{ id: string }>(`SELECT id FROM crm.account WHERE number = 'X'`)
    const origin = {
      pairId: couplet.pair.id,
      mapping: 'CUSTOMER',
      requestedBy: 'anna',
      reason: 'test',
      idempotencyKey: null,
      payloadHash: null,
    }
    const ask = { ...origin, local: 'C', remote: first?.id ?? '', next: 'nothing' } as const
    await couplet.ended((await requestCoupling(ask, couplet.context.deps)).run.id)
    await match()
    expect(await pairs()).toEqual(['B Y/Second', 'C X/First'])
    await couplet.ended((await requestUncoupling({ ...origin, keys: ['B'] }, couplet.context.deps)).run.id)
    const run = await match()
    expect(await findings(run.run.id)).toEqual({ A: 'already-coupled', B: 'uncoupled-before' })
    expect(jobOf(run, 'CUSTOMER', 'to').counters).toMatchObject({ unchanged: 1, failed: 1, skipped: 1 })
    expect(await pairs()).toEqual(['C X/First'])
  })

  it('refuses a mapping without match fields', async () => {
    await open({ customers: [], accounts: [] }, customerMapping)
    const run = await match()
    expect(run.lines[0]?.error).toMatchObject({ code: 'NO_MATCH_CRITERIA' })
  })
})
