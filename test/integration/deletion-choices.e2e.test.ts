import { afterEach, describe, expect, it } from 'vitest'
import { resolveConflict } from '../../src/usecases/conflicts/resolve-conflict.ts'
import { approveHeld, listHeldDeletions, rejectHeld } from '../../src/usecases/deletions/answer-held.ts'
import { resolveDeletion } from '../../src/usecases/deletions/resolve-deletion.ts'
import { requestRecords } from '../../src/usecases/records/request-records.ts'
import { ofIssues, workOff } from '../support/bulk.ts'
import { createInstallation, type Installation, jobOf } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
afterEach(() => couplet.close())

let definition: Readonly<Record<string, unknown>>

async function open(changes: Readonly<Record<string, unknown>>): Promise<void> {
  definition = { ...customerMapping, ...changes }
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(20)}`,
    env: { COUPLET_PAGE_SIZE: '4' },
  })
  await couplet.import(definition)
  await couplet.work()
  await couplet.run('full')
}

const count = async (table: string) =>
  Number((await couplet.rows<{ n: string }>(`SELECT count(*) AS n FROM ${table}`))[0]?.n)
const issues = async () =>
  (await couplet.store.query('SELECT id, kind, code FROM couplet.issue ORDER BY id')).rows
const deps = () => couplet.context.deps

describe('more deletions at once than the brake allows', () => {
  const brake = { deletionConflict: 'Propagate Deletion', deletionBrake: { share: 1, records: 5 } }

  it('P9: are held before any is carried out, while everything else goes on', async () => {
    await open(brake)
    await couplet.systems.query(
      `DELETE FROM nav.customer WHERE no < 'C15'; UPDATE nav.customer SET city = 'Ribe' WHERE no = 'C9'`,
    )
    const deleted = 20 - (await count('nav.customer'))
    expect(deleted).toBeGreaterThan(5)
    const held = await couplet.run('full')
    expect(await count('crm.account')).toBe(20)
    const job = jobOf(held, 'CUSTOMER', 'from')
    expect(job.counters).toMatchObject({ read: 20, waiting: deleted, deleted: 0 })
    expect(job.error).toMatchObject({
      code: 'DELETION_HELD',
      message: expect.stringContaining(`${deleted} of 20`),
    })
    expect(await couplet.rows(`SELECT city FROM crm.account WHERE number = 'C9'`)).toEqual([{ city: 'Ribe' }])

    const request = { runId: held.run.id, mapping: null, by: 'test' }
    await expect(approveHeld({ ...request, records: deleted - 1 }, deps())).rejects.toMatchObject({
      code: 'NOTHING_HELD',
    })
    expect(await count('crm.account')).toBe(20)
    const run = await approveHeld({ ...request, records: deleted }, deps())
    const done = await couplet.ended(run.id)
    expect(jobOf(done, 'CUSTOMER', 'from').counters).toMatchObject({ read: deleted, deleted })
    expect(await count('crm.account')).toBe(20 - deleted)
    expect(await issues()).toEqual([])
    await expect(listHeldDeletions(request, deps())).rejects.toMatchObject({ code: 'NOTHING_HELD' })
  })

  it('stay held when they are asked for one by one, and are left alone once they are rejected', async () => {
    await open(brake)
    const gone = ['C1', 'C2', 'C3', 'C4', 'C5', 'C6', 'C7']
    await couplet.systems.query('DELETE FROM crm.account WHERE number = ANY($1)', [gone])
    const held = await couplet.run('deletions')
    const origin = {
      pairId: couplet.pair.id,
      mapping: 'CUSTOMER',
      createMissing: false,
      requestedBy: 'test',
      reason: 'test',
      idempotencyKey: null,
      payloadHash: null,
    }
    const { run } = await requestRecords({ ...origin, keys: ['C1'] }, deps())
    await couplet.ended(run.id)
    expect(await count('nav.customer')).toBe(20)
    await rejectHeld({ runId: held.run.id, mapping: 'CUSTOMER', by: 'test' }, deps())
    await couplet.systems.query(`DELETE FROM nav.customer WHERE no IN ('C2', 'C3', 'C4', 'C5', 'C6')`)
    const later = await couplet.run('deletions')
    expect(jobOf(later, 'CUSTOMER', 'to').counters).toMatchObject({ uncoupled: 5, deleted: 0 })
    expect(await count('nav.customer')).toBe(15)
  })
})

describe('deletions that are held', () => {
  it('P9: are moved by no edit, no other mapping version and no retry, and stay with the run that holds them', async () => {
    await open({ deletionConflict: 'Remove Coupling', deletionBrake: { share: 1, records: 5 } })
    await couplet.systems.query(
      `DELETE FROM crm.account WHERE number IN ('C1', 'C2', 'C3', 'C4', 'C5', 'C6')`,
    )
    const held = await couplet.run('deletions')
    const coupled = async () =>
      (await couplet.store.query('SELECT count(*)::int AS n FROM couplet.coupling')).rows[0].n
    const heldNow = () => listHeldDeletions({ runId: held.run.id, mapping: null }, deps())
    expect(await heldNow()).toMatchObject([{ records: 6 }])
    await couplet.systems.query(`UPDATE nav.customer SET city = 'Ribe' WHERE no = 'C1'`)
    await couplet.run('modified')
    await couplet.import({ ...definition, pingPongLimit: 7 })
    await couplet.run('modified')
    const selection = ofIssues({ code: 'DELETION_HELD' })
    const { runIds } = await workOff({ task: { kind: 'retry' }, selection }, deps())
    await couplet.ended(runIds[0] ?? 0)
    expect([await coupled(), await heldNow()]).toMatchObject([20, [{ records: 6 }]])
    expect(await couplet.context.deps.stores.sync.hasDueWork(held.lines[0]?.mappingId ?? 0)).toBe(false)
    // A look at the whole set moves them, when it is not too large any more.
    await couplet.import({ ...definition, deletionBrake: { share: 1, records: 10 } })
    await couplet.run('deletions')
    expect([await coupled(), await issues()]).toEqual([14, []])
  })
})

describe('a choice about one deleted record', () => {
  it('is carried out by the pipeline, and what has changed since is asked about again', async () => {
    await open({ deletionConflict: 'Ask' })
    await couplet.systems.query(
      `DELETE FROM crm.account WHERE number IN ('C1', 'C2'); UPDATE nav.customer SET city = 'Ribe' WHERE no = 'C1'`,
    )
    await couplet.run('deletions')
    const [first, second] = await issues()
    await couplet.systems.query(`UPDATE nav.customer SET city = 'Odense' WHERE no = 'C1'`)
    const resolve = async (issueId: number, choice: 'propagate' | 'restore') =>
      couplet.ended((await resolveDeletion({ issueId, choice, by: 'test' }, deps())).id)
    const city = await couplet.rows<{ no: string }>(`SELECT no FROM nav.customer WHERE city = 'Odense'`)
    expect(city).toEqual([{ no: 'C1' }])
    const both = [Number(first.id), Number(second.id)]
    for (const issueId of both) await resolve(issueId, 'propagate')
    expect(await couplet.rows(`SELECT no FROM nav.customer WHERE no IN ('C1', 'C2')`)).toEqual([{ no: 'C1' }])
    const [open1, ...more] = await issues()
    expect([open1.code, more]).toEqual(['DELETED_ON_ONE_SIDE', []])
    await resolve(Number(open1.id), 'restore')
    expect(await couplet.rows(`SELECT city FROM crm.account WHERE number = 'C1'`)).toEqual([
      { city: 'Odense' },
    ])
    expect(await issues()).toEqual([])
    await expect(resolve(both[0] ?? 0, 'restore')).rejects.toMatchObject({ code: 'ISSUE_UNKNOWN' })
  })

  it('is carried out also where the record was set aside, and not by a decision about conflicts', async () => {
    await open({})
    await couplet.systems.query(`DELETE FROM crm.account WHERE number = 'C1'`)
    for (const kind of ['deletions', 'deletions'] as const) await couplet.run(kind)
    const [issue] = await issues()
    expect(issue).toMatchObject({ kind: 'skipped', code: 'COUPLED_TO_DELETED' })
    const wish = { all: { take: 'local' }, byField: new Map() } as const
    const asConflict = resolveConflict({ issueId: Number(issue.id), wish, decidedBy: 'test' }, deps())
    await expect(asConflict).rejects.toMatchObject({
      code: 'RESOLUTION_INVALID',
      message: expect.stringContaining('--deletion'),
    })
    const task = { kind: 'resolve', all: wish.all, fields: {} } as const
    const byNumber = ofIssues({ ids: [Number(issue.id)] })
    expect((await workOff({ task, selection: byNumber }, deps())).counts).toMatchObject({
      done: 0,
      refused: 1,
    })
    const { id } = await resolveDeletion({ issueId: Number(issue.id), choice: 'restore', by: 'test' }, deps())
    const done = await couplet.ended(id)
    expect(jobOf(done, 'CUSTOMER', 'to').counters).toMatchObject({ read: 1, inserted: 1 })
    expect([await count('crm.account'), await issues()]).toEqual([20, []])
  })
})
