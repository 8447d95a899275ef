import { afterEach, describe, expect, it } from 'vitest'
import { SyncError } from '../../src/core/errors.ts'
import type { RunDetails } from '../../src/core/ports/run-store.ts'
import type { PipelineStep } from '../../src/core/ports/runtime.ts'
import { requestRecords } from '../../src/usecases/records/request-records.ts'
import { createInstallation, type Installation, importAll, jobOf } from '../support/installation.ts'
import {
  customerMapping,
  insertCustomers,
  orderMapping,
  orderTablesSql,
  twoTablesSql,
} from '../support/two-tables.ts'

let couplet: Installation
afterEach(() => couplet.close())

const preview = (kind: 'full' | 'modified') => couplet.run(kind, { overrides: { dryRun: true } })
const counters = (run: RunDetails, direction: 'to' | 'from', mapping = 'CUSTOMER') =>
  jobOf(run, mapping, direction).counters
const findingsOf = async (run: RunDetails) =>
  (await couplet.context.deps.stores.previews.getResult(run.run.id)).findings

/** Every row of both systems and of the store, but for the runs themselves and what previews keep. */
async function everything(): Promise<unknown> {
  const systems = await couplet.rows(`
    SELECT 'nav' AS side, to_jsonb(c)::text AS row FROM nav.customer c UNION ALL SELECT 'crm', to_jsonb(a)::text FROM crm.account a ORDER BY 1, 2`)
  const { rows } = await couplet.store.query(`
    SELECT 'mapping' AS what, to_jsonb(t)::text AS row FROM couplet.table_mapping t
    UNION ALL SELECT 'coupling', to_jsonb(t)::text FROM couplet.coupling t UNION ALL SELECT 'issue', to_jsonb(t)::text FROM couplet.issue t
    UNION ALL SELECT 'outcome', to_jsonb(t)::text FROM couplet.outcome t UNION ALL SELECT 'inbox', to_jsonb(t)::text FROM couplet.inbox t
    UNION ALL SELECT 'intent', to_jsonb(t)::text FROM couplet.page_intent t UNION ALL SELECT 'question', to_jsonb(t)::text FROM couplet.end_question t
    ORDER BY 1, 2`)
  return { systems, rows }
}

async function open(extra = '', mappings: readonly object[] = [customerMapping]): Promise<void> {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(12)}; ${extra}`,
    env: { COUPLET_PAGE_SIZE: '5' },
  })
  await couplet.import(...(mappings as Parameters<Installation['import']>))
  await couplet.work()
}

/** Does something each time the pipeline is about to begin a step. */
function beforeStep(action: (step: PipelineStep, page: number) => Promise<void>): void {
  const { probe } = couplet.context.deps
  const next = probe.before.bind(probe)
  Object.assign(probe, {
    async before(...[step, facts]: Parameters<typeof next>) {
      await action(step, facts.page)
      await next(step, facts)
    },
  })
}

describe('a preview', () => {
  it('shows a first full synchronization without writing anything anywhere', async () => {
    await open(`INSERT INTO crm.account (name) VALUES ('Only there'); ${orderTablesSql}`, [
      customerMapping,
      orderMapping,
    ])
    const before = await everything()
    const shown = await preview('full')
    expect(await everything()).toEqual(before)
    expect(shown.run.state).toBe('succeeded')
    expect(counters(shown, 'to')).toMatchObject({ read: 12, inserted: 12 })
    expect(counters(shown, 'from')).toMatchObject({ read: 1, inserted: 1 })
    // Orders find the customers that the same preview would create.
    expect(counters(shown, 'to', 'ORDERS')).toMatchObject({ read: 4, inserted: 4, waiting: 0 })
    const real = await couplet.run('full')
    // Only the number that the local system gives to its new customer comes on top.
    expect(counters(real, 'to')).toMatchObject({ read: 13, inserted: 12, modified: 1 })
    expect(counters(real, 'from')).toMatchObject({ read: 13, inserted: 1, unchanged: 12 })
    expect(counters(real, 'to', 'ORDERS')).toEqual(counters(shown, 'to', 'ORDERS'))
  })

  it('shows changed fields before and after, and what To would settle is an echo for From', async () => {
    await open()
    await couplet.run('full')
    await couplet.systems.query(`
      UPDATE nav.customer SET city = 'Ribe' WHERE no IN ('C1', 'C2');
      UPDATE crm.account SET name = 'Renamed' WHERE number IN ('C2', 'C3');
      UPDATE nav.customer SET credit = 7 WHERE no = 'C4'; UPDATE crm.account SET credit = 8 WHERE number = 'C4'`)
    const before = await everything()
    const shown = await preview('modified')
    expect(await everything()).toEqual(before)
    const found = (await findingsOf(shown)).map(({ direction, kind, code, field, records, samples }) => [
      direction,
      kind,
      code,
      field,
      records,
      samples[0]?.changes[0]?.after,
    ])
    expect(found).toEqual([
      ['to', 'conflict', 'CONFLICT_BOTH_CHANGED', 'credit', 1, 'dec:7'],
      ['to', 'modified', null, 'city', 2, 'text:Ribe'],
      ['from', 'conflict', 'CONFLICT_BOTH_CHANGED', 'credit', 1, 'dec:8'],
      ['from', 'modified', null, 'name', 2, 'text:Renamed'],
    ])
    const real = await couplet.run('modified')
    for (const direction of ['to', 'from'] as const) {
      const { modified, conflict } = counters(real, direction)
      expect(counters(shown, direction)).toMatchObject({ modified, conflict })
    }
  })

  it('finds possible duplicates, and counts the requests that the real run would send', async () => {
    const matching = {
      ...customerMapping,
      fields: customerMapping.fields.map((field) =>
        field.remote === 'name' ? { ...field, match: {} } : field,
      ),
    }
    await open(`INSERT INTO crm.account (name) VALUES ('Customer 1'), ('Customer 1'), ('Customer 2')`, [
      matching,
    ])
    const shown = await preview('full')
    const findings = await findingsOf(shown)
    expect(findings).toContainEqual(
      expect.objectContaining({ direction: 'to', kind: 'failed', code: 'NO_UNIQUE_MATCH', records: 1 }),
    )
    const { costs } = await couplet.context.deps.stores.previews.getResult(shown.run.id)
    const [to] = costs
    expect(to?.remote).toMatchObject({ writes: 3, records: 11 })
    expect(to?.local.reads).toBeGreaterThanOrEqual(3)
    const real = await couplet.run('full')
    expect(counters(real, 'to')).toEqual(counters(shown, 'to'))
  })

  it('takes single records, and leaves them out of the inbox that real runs work off', async () => {
    await open()
    const { run } = await requestRecords(
      {
        pairId: couplet.pair.id,
        mapping: 'CUSTOMER',
        keys: ['C1', 'C2'],
        createMissing: true,
        dryRun: true,
        requestedBy: 'test',
        reason: 'test',
        idempotencyKey: null,
        payloadHash: null,
      },
      couplet.context.deps,
    )
    const shown = await couplet.ended(run.id)
    expect(counters(shown, 'to')).toMatchObject({ read: 2, inserted: 2 })
    expect(await couplet.rows('SELECT FROM crm.account')).toEqual([])
  })

  it('P7, P11: goes on where it was after a worker that was lost in the middle of a page', async () => {
    await open(orderTablesSql, [customerMapping, orderMapping])
    let failures = 0
    beforeStep(async (step, page) => {
      if (step === 'commit' && page === 2 && failures++ < 1) throw new SyncError('LEASE_LOST', 'stopped here')
    })
    const shown = await preview('full')
    expect(failures).toBeGreaterThan(1)
    expect(counters(shown, 'to')).toMatchObject({ read: 12, inserted: 12 })
    const found = (await findingsOf(shown)).filter(({ direction }) => direction === 'to')
    expect(found.map(({ kind, records, samples }) => [kind, records, samples.length])).toEqual([
      ['inserted', 12, 5],
      ['inserted', 4, 4],
    ])
  })

  it('does not stand in the way of a real full synchronization, and the other way round', async () => {
    await open()
    const real: RunDetails[] = []
    let begun = 0
    beforeStep(async (step) => {
      if (step === 'commit' && begun++ === 0) real.push(await couplet.run('full'))
    })
    const shown = await preview('full')
    expect(shown.run.state).toBe('succeeded')
    expect(real.map(({ run }) => run.state)).toEqual(['succeeded'])
    expect(await couplet.rows('SELECT count(*)::int AS n FROM crm.account')).toEqual([{ n: 12 }])
  })

  it('keeps nothing of its own but the result, and cannot be retried', async () => {
    await open()
    const shown = await preview('full')
    const { rows } = await couplet.store.query(
      `SELECT (SELECT count(*) FROM couplet.preview_coupling)::int + (SELECT count(*) FROM couplet.preview_request)::int AS n`,
    )
    expect(rows).toEqual([{ n: 0 }])
    await expect(
      couplet.context.deps.stores.runs.retryLines(shown.run.id, null, { by: 'test', reason: null }),
    ).rejects.toMatchObject({
      code: 'NOTHING_TO_RETRY',
    })
    expect(await couplet.context.deps.stores.operations.findQuestion(shown.run.id)).toBeNull()
  })

  it('ends when its mapping is edited while it runs', async () => {
    await open()
    beforeStep(async (step, page) => {
      if (step === 'commit' && page === 1)
        await importAll(couplet.pair, [{ ...customerMapping, description: 'edited' }], couplet.context)
    })
    const shown = await preview('full')
    expect(shown.run.state).toBe('failed')
    expect(shown.lines[0]?.error).toMatchObject({ code: 'MAPPING_CHANGED' })
  })
})
