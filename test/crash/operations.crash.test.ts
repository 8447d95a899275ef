import { afterEach, describe, expect, it, onTestFailed } from 'vitest'
import { startOperation } from '../../src/usecases/bulk/start-operation.ts'
import { newOperation, ofIssues } from '../support/bulk.ts'
import { quickEnv } from '../support/crash-couplet.ts'
import { killAtEach, openWorkers, type Workers } from '../support/crash-workers.ts'
import { createInstallation, type Installation, type QueueKind, queuesBut } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

const FAILING = 1_700
/** Records of one chunk: four are needed. */
const CHUNKS = 4

let couplet: Installation
let workers: Workers
afterEach(async () => {
  await workers.killAll()
  await couplet.close()
})

/** So many records that cannot be created, each with an issue, and a worker that is loaded. */
async function givenIssues(queue: QueueKind): Promise<void> {
  couplet = await createInstallation({
    queue,
    systemsSql: `${twoTablesSql} ${insertCustomers(FAILING)};
      ALTER TABLE crm.account ALTER name TYPE varchar(12); UPDATE nav.customer SET name = 'a name too long'`,
    env: { ...quickEnv, COUPLET_PAGE_SIZE: '500', COUPLET_LEASE_SECONDS: '10', COUPLET_LOG_LEVEL: 'warn' },
  })
  await couplet.import({ ...customerMapping, onlyCoupled: false })
  workers = openWorkers(couplet.env)
  onTestFailed(() => workers.print())
  const worker = await workers.start()
  await couplet.run('full')
  await worker.stop()
  await couplet.systems.query(`UPDATE nav.customer SET name = 'healed'`)
}

async function start(kind: 'retry' | 'skip'): Promise<number> {
  const asked = newOperation({
    task: { kind },
    selection: ofIssues({ mapping: 'CUSTOMER' }),
    expected: FAILING,
  })
  return (await startOperation(asked, couplet.context.deps)).operation.id
}
const ended = (id: number) =>
  waitFor(
    `the end of operation ${id}`,
    async () => {
      const operation = await couplet.context.deps.stores.bulk.get(id)
      return operation.finishedAt === null ? null : operation
    },
    60_000,
  )
/** The issues that chunks have told the audit log they have changed. */
async function audited(id: number): Promise<{ readonly chunks: number; readonly issues: readonly number[] }> {
  const { rows } = await couplet.store.query<{ issues: number[] }>(
    `SELECT detail -> 'issues' AS issues FROM couplet.audit_log
     WHERE subject = $1 AND action LIKE 'issues.%'`,
    [`operation ${id}`],
  )
  return { chunks: rows.length, issues: rows.flatMap(({ issues }) => issues) }
}

describe.each(queuesBut('redis'))('an operation whose workers die, over %s', (queue) => {
  it('P2, P11: goes on behind the last chunk: each record once, one run, one entry for each chunk', async () => {
    await givenIssues(queue)
    const id = await start('retry')
    await killAtEach(workers, [
      'commit#1/operations',
      'commit#2/operations',
      'commit#2/operations',
      'finish#1/operations',
    ])
    expect((await audited(id)).chunks).toBe(CHUNKS)
    const worker = await workers.start()
    const operation = await ended(id)
    expect(operation).toMatchObject({
      state: 'finished',
      counts: { selected: FAILING, done: FAILING, refused: 0, failed: 0 },
    })
    const { issues, chunks } = await audited(id)
    expect([new Set(issues).size, issues.length, chunks]).toEqual([FAILING, FAILING, CHUNKS])
    const { rows } = await couplet.store.query(
      `SELECT id::int FROM couplet.run WHERE idempotency_key = 'operation ${id}'`,
    )
    expect(rows.map((row) => row.id)).toEqual(operation.runIds)
    await couplet.ended(operation.runIds[0] ?? 0, 120_000)
    await waitFor(
      'all of them',
      async () => (await couplet.rows('SELECT FROM crm.account')).length === FAILING,
    )
    expect(await couplet.rows('SELECT number FROM crm.account GROUP BY number HAVING count(*) > 1')).toEqual(
      [],
    )
    await worker.stop()
  })

  it('P2: a worker frozen before it commits a chunk changes nothing that another one has done meanwhile', async () => {
    await givenIssues(queue)
    const id = await start('skip')
    const frozen = await workers.start({ COUPLET_FAILPOINT: 'stop@commit#2/operations' })
    await frozen.frozen()
    const other = await workers.start()
    expect(await ended(id)).toMatchObject({ state: 'finished', counts: { done: FAILING } })
    // Somebody releases one while the first worker still believes that it has to set it aside.
    const { stores } = couplet.context.deps
    const [second] = await stores.bulk.listRecords({ id, limit: 1, after: 500, state: null })
    await couplet.store.query(
      `UPDATE couplet.issue SET kind = 'failed', parked_by = NULL WHERE id = ${second?.subjectId}`,
    )
    frozen.thaw()
    await waitFor('the thawed worker', async () => {
      const processes = await couplet.context.care.processes.listProcesses()
      return processes.some(
        ({ pid, work, seenMsAgo }) => pid === frozen.pid && seenMsAgo < 5_000 && work.length === 0,
      )
    })
    const { issues } = await audited(id)
    expect([new Set(issues).size, issues.length]).toEqual([FAILING, FAILING])
    expect(await stores.operations.findIssue(second?.subjectId ?? 0)).toMatchObject({ kind: 'failed' })
    await other.stop()
    await frozen.stop()
  })
})
