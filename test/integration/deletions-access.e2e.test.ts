import { afterEach, describe, expect, it } from 'vitest'
import { approveHeld, rejectHeld } from '../../src/usecases/deletions/answer-held.ts'
import { requestRecords } from '../../src/usecases/records/request-records.ts'
import { setUpPair } from '../../src/usecases/setup/set-up-pair.ts'
import { createInstallation, type Installation, jobOf } from '../support/installation.ts'
import { createReader } from '../support/postgres.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
let reader: Awaited<ReturnType<typeof createReader>>
afterEach(async () => {
  await reader.drop()
  await couplet.close()
})

/** 25 coupled customers; the remote side is reached by a user whom row policies hold for. */
async function open(deletionConflict = 'Propagate Deletion'): Promise<void> {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(25)}`,
    env: { COUPLET_PAGE_SIZE: '2' },
  })
  reader = await createReader(couplet.systems, couplet.env['SYSTEMS_URL'] ?? '')
  await sql(`GRANT USAGE ON SCHEMA crm TO ${reader.name}; GRANT ALL ON crm.account TO ${reader.name}`)
  process.env['LIMITED_URL'] = reader.url
  const side = (url: string, schema: string) => ({ kind: 'postgres', url, schema, company: '' }) as const
  await setUpPair(
    { name: 'test', local: side('env:SYSTEMS_URL', 'nav'), remote: side('env:LIMITED_URL', 'crm') },
    couplet.context.deps,
  )
  await couplet.import({ ...customerMapping, deletionConflict, deletionBrake: { share: 1, records: 1_000 } })
  await couplet.work()
  await couplet.run('full')
}

const sql = (statement: string) => couplet.systems.query(statement)
const hide = (condition: string) =>
  sql(`ALTER TABLE crm.account ENABLE ROW LEVEL SECURITY;
    CREATE POLICY seen ON crm.account USING (NOT (${condition})) WITH CHECK (true)`)
const show = () => sql('DROP POLICY seen ON crm.account; ALTER TABLE crm.account DISABLE ROW LEVEL SECURITY')
const sizes = async () =>
  (
    await couplet.rows<{ here: number; there: number }>(
      `SELECT (SELECT count(*) FROM nav.customer)::int AS here, (SELECT count(*) FROM crm.account)::int AS there`,
    )
  )[0]
const issues = async () =>
  (await couplet.store.query<{ code: string; message: string }>('SELECT code, message FROM couplet.issue'))
    .rows
const toJob = async (kind: 'full' | 'deletions', dryRun = false) =>
  jobOf(await couplet.run(kind, { overrides: { dryRun } }), 'CUSTOMER', 'to')

/** Something happens before the `nth` page is read. */
function beforePage(nth: number, act: () => Promise<unknown>): void {
  const { probe } = couplet.context.deps
  const before = probe.before.bind(probe)
  let seen = 0
  Object.assign(probe, {
    before: async (...step: Parameters<typeof before>) => {
      if (step[0] === 'read') seen += 1
      if (step[0] === 'read' && seen === nth) await act()
      return before(...step)
    },
  })
}

describe('records that a connection is no longer allowed to see (architecture.md §4.6)', () => {
  it('P9: hidden between two pages of keys, are not taken for deleted; the job says why, the next clean look counts', async () => {
    await open()
    beforePage(2, () => hide('true'))
    const job = await toJob('deletions')
    expect(job.counters).toMatchObject({ read: 0, deleted: 0 })
    expect(job.error?.code).toBe('ACCESS_CHANGED')
    expect(job.error?.message).toMatch(/crm\.account.*while its keys were listed.*does not count/)
    expect([await sizes(), await issues()]).toEqual([{ here: 25, there: 25 }, []])
    await show()
    await sql(`DELETE FROM crm.account WHERE number = 'C1'`)
    const next = await toJob('deletions')
    expect([next.error, next.counters.deleted]).toEqual([null, 1])
    expect(await sizes()).toEqual({ here: 24, there: 24 })
  })

  it('P9: hidden between two runs, are held together with the deleted ones until the access is what it was', async () => {
    await open()
    await hide(`city = 'City 3'`)
    await sql(`DELETE FROM crm.account WHERE number = 'C1'`)
    const shown = await toJob('deletions', true)
    expect([shown.error?.code, shown.counters.waiting]).toEqual(['ACCESS_CHANGED', 5])
    for (const kind of ['full', 'deletions'] as const) {
      const job = await toJob(kind)
      expect(job.error?.code).toBe('ACCESS_CHANGED')
      expect(job.error?.message).toMatch(/crm\.account.*since its keys were last compared.*approves/)
      expect(job.counters).toMatchObject({ waiting: 5, deleted: 0 })
    }
    expect((await issues()).map(({ code }) => code)).toEqual(Array(5).fill('DELETION_HELD'))
    await show()
    const job = await toJob('full')
    expect([job.error, job.counters.deleted]).toEqual([null, 1])
    expect([await sizes(), await issues()]).toEqual([{ here: 24, there: 24 }, []])
  })

  it('once they are approved or rejected, the new access is the one that later looks are compared with', async () => {
    await open('Remove Coupling')
    await hide(`number IN ('C1', 'C2')`)
    const held = { runId: (await toJob('deletions')).runId, mapping: null, by: 'test' }
    const approved = await approveHeld({ ...held, records: 2 }, couplet.context.deps)
    await couplet.ended(approved.id)
    expect(await issues()).toEqual([])
    await toJob('deletions')
    await sql(`DROP POLICY seen ON crm.account`)
    await hide(`number IN ('C1', 'C2', 'C3')`)
    await rejectHeld({ ...held, runId: (await toJob('deletions')).runId }, couplet.context.deps)
    await toJob('deletions')
    await sql(`DELETE FROM crm.account WHERE number = 'C4'`)
    const job = await toJob('deletions')
    expect([job.error, job.counters.uncoupled]).toEqual([null, 1])
    expect((await issues()).map(({ code }) => code)).toEqual(['DELETED_ON_ONE_SIDE'])
  })

  it('asked for by name, are not taken for deleted either', async () => {
    await open()
    await hide(`number = 'C1'`)
    const { run } = await requestRecords(
      {
        pairId: couplet.pair.id,
        mapping: 'CUSTOMER',
        keys: ['C1'],
        createMissing: false,
        requestedBy: 'test',
        reason: 'test',
        idempotencyKey: null,
        payloadHash: null,
      },
      couplet.context.deps,
    )
    await couplet.ended(run.id)
    expect(await issues()).toMatchObject([
      { code: 'DELETION_HELD', message: expect.stringContaining('hidden') },
    ])
    expect(await sizes()).toEqual({ here: 25, there: 25 })
  })

  it('are said to be doubtful where somebody is asked', async () => {
    await open('Ask')
    await hide(`number = 'C1'`)
    const job = await toJob('full')
    expect(job.error?.code).toBe('ACCESS_CHANGED')
    expect(await issues()).toMatchObject([
      {
        code: 'DELETED_ON_ONE_SIDE',
        message: expect.stringMatching(/no longer exists; but .* only be hidden/),
      },
    ])
  })
})
