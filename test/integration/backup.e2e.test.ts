import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readBackupFile, writeBackupFile } from '../../src/app/backup-file.ts'
import { isSealed } from '../../src/app/sealed-secret.ts'
import { backedUpTables } from '../../src/store/recovery/backup-tables.ts'
import { createInstallation, type Installation, jobOf } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
let folder: string
let file: string
const changed = { by: 'test', reason: 'a test' }
const backup = () => couplet.context.care.backup
const restore = (path: string, replace: boolean) =>
  backup().restoreBackup(readBackupFile(path), { ...changed, replace })
const content = async () => {
  const tables: Record<string, unknown> = {}
  for (const { name, instead = {} } of backedUpTables) {
    const left = Object.keys(instead).map((column) => ` - '${column}'`)
    const { rows } = await couplet.store.query(
      `SELECT (to_jsonb(t)${left.join('')})::text AS row FROM couplet.${name} t ORDER BY 1`,
    )
    tables[name] = rows.map(({ row }) => row)
  }
  return tables
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'couplet-backup-'))
  file = join(folder, 'backup.gz')
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(1_200)};
      ALTER TABLE crm.account ADD CONSTRAINT polite CHECK (name NOT LIKE '%rude%')`,
  })
  await couplet.import(customerMapping)
  await couplet.systems.query(`UPDATE nav.customer SET name = 'rude "\\ ü' WHERE no = 'C1'`)
  await couplet.work()
  await couplet.run('full')
  await couplet.context.deps.stores.mappings.saveConnection({
    name: 'other',
    kind: 'postgres',
    settings: { url: 'sealed:2026:do-not-tell' },
  })
  await writeBackupFile(file, backup().readBackup(isSealed))
})
afterAll(async () => {
  await couplet.close()
  await rm(folder, { recursive: true, force: true })
})

it('is one file for its owner only, without secrets', async () => {
  const text = gunzipSync(await readFile(file)).toString('utf8')
  expect(text).not.toContain('do-not-tell')
  expect(text).toContain('env:COUPLET_OTHER_URL')
  expect((await stat(file)).mode & 0o077).toBe(0)
})

it('is refused where something is, and when it is cut off, changed, no backup or of another version: nothing changes', async () => {
  const before = await content()
  await expect(restore(file, false)).rejects.toMatchObject({ code: 'STORE_NOT_EMPTY' })
  const packed = await readFile(file)
  const plain = gunzipSync(packed).toString('utf8')
  const broken = {
    'cut off': packed.subarray(0, packed.length - 200),
    changed: gzipSync(plain.replace('City 3', 'City 4')),
    'without its end': gzipSync(plain.slice(0, plain.lastIndexOf('{"end"'))),
    'of another version': gzipSync(plain.replace(/"migration":"[^"]+"/, '"migration":"9999_x.sql"')),
    'no backup': Buffer.from('hello'),
  }
  for (const [what, bytes] of Object.entries(broken)) {
    const path = join(folder, 'broken.gz')
    await writeFile(path, bytes)
    await expect(restore(path, true), what).rejects.toMatchObject({ code: 'BACKUP_INVALID' })
  }
  await expect(restore(join(folder, 'missing.gz'), true)).rejects.toMatchObject({ code: 'BACKUP_INVALID' })
  expect(await content()).toEqual(before)
})

it('P3: brings everything back as it was, and the next run creates nothing', async () => {
  const before = await content()
  await restore(file, true)
  const after = await content()
  expect({ ...after, connection: [], pause: [] }).toEqual({ ...before, connection: [] })
  // Until somebody says that the store is recovered, nothing begins.
  expect(await couplet.context.deps.stores.control.resume({ scope: 'everything' }, changed)).toBe(true)
  const run = await couplet.run('full')
  expect(jobOf(run, 'CUSTOMER', 'to').counters).toMatchObject({ inserted: 0, modified: 0, unchanged: 1_199 })
  expect(run.run.id).toBeGreaterThan(1_000_000)
})

it('is restored together with the leap of all numbers, or not at all', async () => {
  await couplet.store.query(`
    CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no entry today'; END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON couplet.audit_log FOR EACH ROW EXECUTE FUNCTION public.refuse();
    UPDATE couplet.coupling SET generation = 77`)
  const before = await content()
  await expect(restore(file, true)).rejects.toThrow()
  expect(await content()).toEqual(before)
  await couplet.store.query('DROP TRIGGER refuse ON couplet.audit_log; DROP FUNCTION public.refuse()')
})
