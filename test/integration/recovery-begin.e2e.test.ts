import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { runCommand } from '../support/cli.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
const act = { by: 'test', reason: 'restored' }
const sql = (text: string) => couplet.store.query(text)
const begin = () => couplet.context.care.recovery.begin(act, { resources: [], holder: 'test/1', ttlMs: 0 })
const isWaiting = async () =>
  (await sql(`SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'`)).rowCount === 1

beforeAll(async () => {
  couplet = await createInstallation({ systemsSql: `${twoTablesSql} ${insertCustomers(1)}` })
  await couplet.import(customerMapping)
  const synced = await runCommand(['sync', 'full', '--wait', '--keep-creating', 'no'], couplet.env)
  expect(synced.code, synced.stderr).toBe(0)
})
beforeEach(() => couplet.context.deps.stores.control.resume({ scope: 'everything' }, act))
afterAll(() => couplet.close())

it('waits for whoever takes leases in their order, and not crosswise', async () => {
  await sql('DELETE FROM couplet.lease')
  // The other way round than by name, as they lie in the table.
  for (const name of ['mapping/2/0', 'mapping/1/0'])
    await sql(`INSERT INTO couplet.lease VALUES ('${name}', 1, 'dead/1', '-infinity')`)
  const taker = await couplet.store.connect()
  await taker.query(`BEGIN; SELECT FROM couplet.lease WHERE resource = 'mapping/1/0' FOR UPDATE`)
  const begun = begin()
  await waitFor('the recovery waits', isWaiting)
  await taker.query(`SELECT FROM couplet.lease WHERE resource = 'mapping/2/0' FOR UPDATE; COMMIT`)
  taker.release()
  expect(await begun).toMatchObject({ acquired: true })
})

it('waits for whoever resumes everything, and not crosswise; tells how many runs it has cancelled', async () => {
  await begin()
  await couplet.context.deps.stores.control.resume({ scope: 'everything' }, act)
  await couplet.context.deps.stores.control.pause(
    { scope: 'everything' },
    { cause: 'person', until: null, reason: 'night' },
    act,
  )
  await couplet.start('modified')
  const resuming = await couplet.store.connect()
  await resuming.query(`BEGIN; DELETE FROM couplet.pause`)
  const begun = begin()
  await waitFor('the recovery waits', isWaiting)
  await resuming.query(
    `INSERT INTO couplet.audit_log (actor, action, subject, detail) VALUES ('anna', 'resume', 'everything', '{}'); COMMIT`,
  )
  resuming.release()
  expect(await begun).toMatchObject({ acquired: true, cancelledRuns: 1 })
})

it('marks however many couplings there are in statements that each end soon', async () => {
  await sql(`
    INSERT INTO couplet.coupling OVERRIDING SYSTEM VALUE SELECT filled.* FROM (SELECT to_jsonb(c) AS row FROM couplet.coupling c LIMIT 1) one,
      generate_series(1, 25000) n, jsonb_populate_record(null::couplet.coupling,
      one.row || jsonb_build_object('id', 1000000 + n * 7, 'local_key', 'L' || n, 'remote_key', 'R' || n, 'is_restored', false)) filled;
    CREATE FUNCTION public.few() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF (SELECT count(*) FROM marked) > 10000 THEN RAISE 'too many at once'; END IF; RETURN NULL; END $$;
    CREATE TRIGGER few AFTER UPDATE ON couplet.coupling REFERENCING NEW TABLE AS marked FOR EACH STATEMENT EXECUTE FUNCTION public.few()`)
  expect(await begin()).toMatchObject({ acquired: true })
  expect((await sql('SELECT FROM couplet.coupling WHERE NOT is_restored')).rowCount).toBe(0)
  await sql('DROP TRIGGER few ON couplet.coupling; DROP FUNCTION public.few()')
})
