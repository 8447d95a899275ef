import { afterAll, beforeAll, expect, it } from 'vitest'
import { verifyAudit } from '../../src/usecases/access/verify-audit.ts'
import { applyRetention } from '../../src/usecases/retention/apply-retention.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { letDaysPass } from '../support/move-time.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

const STEP_DAYS = 25
const keep = {
  outcomes: 60,
  'match lists': 60,
  operations: 60,
  previews: 30,
  runs: 60,
  alerts: 60,
  'webhook events': 60,
  keys: 60,
  audit: 100,
}

let couplet: Installation
beforeAll(async () => {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(5)};
      ALTER TABLE crm.account ADD CONSTRAINT polite CHECK (name NOT LIKE '%rude%');
      UPDATE nav.customer SET name = 'rude' WHERE no = 'C5'`,
  })
  await couplet.import(customerMapping)
  await couplet.work()
})
afterAll(() => couplet.close())

/** Partitions of the months that are to come to pass, as the leader makes them ahead of time. */
const pastMonths = `
  DO $$ BEGIN FOR n IN 1..14 LOOP
    EXECUTE format('CREATE TABLE couplet.%I PARTITION OF couplet.outcome FOR VALUES FROM (%L) TO (%L)',
      to_char(date_trunc('month', now() AT TIME ZONE 'UTC') - n * interval '1 month', '"outcome_"YYYY"_"MM'),
      to_char(date_trunc('month', now() AT TIME ZONE 'UTC') - n * interval '1 month', 'YYYY-MM-DD"T00:00Z"'),
      to_char(date_trunc('month', now() AT TIME ZONE 'UTC') - (n - 1) * interval '1 month', 'YYYY-MM-DD"T00:00Z"'));
  END LOOP; END $$`

async function countRows(): Promise<Readonly<Record<string, number>>> {
  const { rows } = await couplet.store.query<{ name: string; rows: number }>(`
    SELECT relname AS name, (xpath('//n/text()', query_to_xml(format('SELECT count(*) AS n FROM couplet.%I', relname), false, true, '')))[1]::text::int AS rows
    FROM pg_class WHERE relnamespace = 'couplet'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1`)
  return Object.fromEntries(rows.map(({ name, rows: count }) => [name, count]))
}

it('a year passes: tables stay as large as they were, what is still needed stays, and history can be told', async () => {
  const { context, pair, store } = couplet
  const { stores } = context.deps
  await couplet.run('full')
  await store.query(pastMonths)
  const sizes: Readonly<Record<string, number>>[] = []
  for (let day = 0; day < 365; day += STEP_DAYS) {
    await couplet.rows(`UPDATE nav.customer SET city = 'Day ${day}' WHERE no = 'C1'`)
    await couplet.run('modified')
    await couplet.run('mapping', { mapping: 'CUSTOMER', overrides: { dryRun: true } })
    await stores.operations.appendAudit({ actor: 'test', action: 'day', subject: String(day) })
    await store.query(
      `INSERT INTO couplet.api_key (name, hash, revoked_at) VALUES ('${day}', '${day}', now())`,
    )
    await letDaysPass(store, STEP_DAYS)
    await applyRetention(
      { retention: context.care.retention, keep, log: context.log },
      new AbortController().signal,
    )
    sizes.push(await countRows())
  }
  const [middle, end] = [sizes[Math.floor(sizes.length / 2)], sizes.at(-1)]
  expect(end?.['run']).toBeLessThan(20)
  // Generous by one step: months are of different lengths.
  for (const [table, rows] of Object.entries(end ?? {}))
    expect(rows, table).toBeLessThanOrEqual((middle?.[table] ?? 0) + (table === 'outcome' ? 4 : 2))
  const total = await store.query('SELECT sum(records)::int AS sum FROM couplet.outcome_total')
  expect(total.rows[0].sum).toBeGreaterThan(20)

  const [issue] = await stores.operations.listIssues({ limit: 5, before: null })
  expect(issue).toMatchObject({ key: expect.any(String), kind: expect.any(String) })
  const kept = await store.query('SELECT run_id::int FROM couplet.job WHERE id = $1', [issue?.jobId])
  expect((await stores.runs.getRun(kept.rows[0].run_id)).run.state).toMatch(/^succeeded/)

  const outcomes = await stores.operations.listOutcomes({
    runId: null,
    jobId: null,
    mapping: null,
    limit: 500,
    before: null,
  })
  const counted = await store.query('SELECT count(*)::int AS n FROM couplet.outcome')
  expect(outcomes).toHaveLength(counted.rows[0].n)
  expect(outcomes.length).toBeGreaterThan(2)
  const { mapping, localKey } = {
    mapping: await stores.mappings.listMappings(pair.id),
    localKey: outcomes[0]?.localKey ?? null,
  }
  const history = await stores.operations.listHistory({
    mappingId: mapping[0]?.id ?? 0,
    localKey,
    remoteKey: null,
    limit: 100,
    before: null,
  })
  expect(history.length).toBeGreaterThan(2)
  for (const { runId } of history) expect((await stores.runs.getRun(runId)).run.id).toBe(runId)

  const { removed, broken } = await verifyAudit({ expected: null, isRetentionOn: true }, { stores })
  expect(removed.entries).toBeGreaterThan(10)
  expect(broken).toBeNull()
}, 240_000)
