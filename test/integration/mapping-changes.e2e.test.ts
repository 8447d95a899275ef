import { afterEach, describe, expect, it } from 'vitest'
import { SyncError } from '../../src/core/errors.ts'
import { enqueueRecords } from '../../src/usecases/records/enqueue-records.ts'
import { requestRecords } from '../../src/usecases/records/request-records.ts'
import { createInstallation, type Installation, jobOf } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
afterEach(() => couplet.close())

const [number, name, city, credit] = customerMapping.fields
const withFields = (fields: readonly object[], more: object = {}) => ({ ...customerMapping, ...more, fields })
const small = (more: object = {}) => withFields([number, name, city] as object[], more)
const full = (more: object = {}) => withFields([number, name, city, credit] as object[], more)

async function open(mappings: readonly object[], extra = ''): Promise<void> {
  couplet = await createInstallation({ systemsSql: `${twoTablesSql} ${insertCustomers(5)}; ${extra}` })
  await couplet.import(...mappings)
  await couplet.work()
}

const nameOf = async (table: 'nav.customer' | 'crm.account') =>
  (
    await couplet.rows<{ name: string }>(
      `SELECT name FROM ${table} WHERE ${table === 'nav.customer' ? 'no' : 'number'} = 'C1'`,
    )
  )[0]?.name

describe('an edited mapping', () => {
  it('P4: is carried in both directions when it is edited while the second job of its line runs', async () => {
    await open([small()])
    await couplet.run('full')
    const { probe } = couplet.context.deps
    const before = probe.before.bind(probe)
    let reads = 0
    Object.assign(probe, {
      before: async (...step: Parameters<typeof before>) => {
        if (step[0] === 'read') reads += 1
        if (step[0] === 'read' && reads === 2) await couplet.import(full())
        return before(...step)
      },
    })
    await couplet.run('modified')
    await couplet.run('modified')
    expect(await couplet.rows(`SELECT 1 FROM crm.account WHERE credit IS NULL`)).toEqual([])
  })

  it.each(['None', 'Send Update to Integration'])(
    'P4: never beats an edit that somebody made on the other side (%s)',
    async (updateConflict) => {
      await open([small({ updateConflict })])
      await couplet.run('full')
      await couplet.systems.query(`UPDATE crm.account SET name = 'Edited' WHERE number = 'C1'`)
      await couplet.import(full({ updateConflict }))
      const run = await couplet.run('modified')
      expect(run.run.state).toBe('succeeded')
      expect([await nameOf('nav.customer'), await nameOf('crm.account')]).toEqual(['Edited', 'Edited'])
    },
  )

  it('P5: writes nothing again where only the other system’s way of storing values differs', async () => {
    await open(
      [small()],
      `CREATE FUNCTION up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := upper(NEW.name); RETURN NEW; END $$;
       CREATE TRIGGER up BEFORE INSERT OR UPDATE ON crm.account FOR EACH ROW EXECUTE FUNCTION up()`,
    )
    await couplet.run('full', { keepCreating: 'yes' })
    const again = await couplet.run('full')
    expect(again.jobs.map((job) => job.counters.modified)).toEqual([0, 0])
  })

  it('P10: that has lost a direction leaves no issue behind that calls for runs', async () => {
    await open([small()], `INSERT INTO crm.account (name, credit) VALUES (repeat('x', 120), 1)`)
    await couplet.run('full')
    await couplet.import(small({ direction: 'ToIntegrationTable' }))
    await couplet.store.query(`UPDATE couplet.issue SET next_attempt_at = now()`)
    await couplet.run('modified')
    expect((await couplet.store.query(`SELECT 1 FROM couplet.issue`)).rowCount).toBe(0)
  })
})

describe('mappings that need care', () => {
  it('writes nothing in a direction it has lost since its run was planned', async () => {
    couplet = await createInstallation({ systemsSql: `${twoTablesSql} ${insertCustomers(5)}` })
    await couplet.import(small())
    await couplet.systems.query(`INSERT INTO crm.account (number, name) VALUES ('REMOTE', 'Remote')`)
    const planned = await couplet.start('full')
    await couplet.import(small({ direction: 'ToIntegrationTable' }))
    await couplet.work()
    const run = await couplet.ended(planned)
    expect(jobOf(run, 'CUSTOMER', 'to').counters.inserted).toBe(5)
    expect(jobOf(run, 'CUSTOMER', 'from')).toMatchObject({
      state: 'cancelled',
      error: { code: 'MAPPING_CHANGED' },
    })
    expect(await couplet.rows('SELECT FROM nav.customer')).toHaveLength(5)
  })

  it('P4: forgets no request in a direction it has got since the run at work was planned', async () => {
    couplet = await createInstallation({ systemsSql: `${twoTablesSql} ${insertCustomers(5)}` })
    await couplet.import(small({ direction: 'ToIntegrationTable' }))
    const planned = await couplet.start('modified')
    await couplet.import(small())
    const [account] = await couplet.rows<{ id: string }>(
      `INSERT INTO crm.account (number, name) VALUES ('REMOTE', 'Remote') RETURNING id`,
    )
    const who = { requestedBy: 'test', reason: 'test', idempotencyKey: null, payloadHash: null }
    const asked = await requestRecords(
      {
        pairId: couplet.pair.id,
        mapping: 'CUSTOMER',
        keys: [account?.id ?? ''],
        createMissing: true,
        ...who,
      },
      couplet.context.deps,
    )
    await couplet.work()
    await couplet.ended(planned)
    const run = await couplet.ended(asked.run.id)
    expect(jobOf(run, 'CUSTOMER', 'from').counters).toMatchObject({ read: 1, inserted: 1 })
  })

  it('P4: one local field mapped to two remote ones reaches both, wherever it was edited', async () => {
    await open([
      withFields([
        number,
        name,
        { local: 'name', remote: 'city', direction: 'ToIntegrationTable' },
      ] as object[]),
    ])
    await couplet.run('full')
    await couplet.systems.query(`UPDATE crm.account SET name = 'Edited' WHERE number = 'C1'`)
    await couplet.run('modified')
    expect(await couplet.rows(`SELECT name, city FROM crm.account WHERE number = 'C1'`)).toEqual([
      { name: 'Edited', city: 'Edited' },
    ])
  })

  it('P6: a record that another mapping of the table has coupled fails alone, before anything is written', async () => {
    const lead = {
      ...small({
        name: 'LEAD',
        dependsOn: ['CUSTOMER'],
        direction: 'ToIntegrationTable',
        onlyCoupled: false,
      }),
      local: { ...customerMapping.local, filter: `city in ('City 1', 'City 2')` },
      remote: { table: 'lead' },
      fields: [{ local: 'name', remote: 'name', direction: 'ToIntegrationTable' }],
    }
    const others = small({ local: { ...customerMapping.local, filter: `city <> 'City 2'` } })
    await open([others, lead], `CREATE TABLE crm.lead (id uuid PRIMARY KEY, name varchar(100))`)
    const run = await couplet.run('full')
    expect(jobOf(run, 'LEAD', 'to').counters).toMatchObject({ read: 2, inserted: 1, failed: 1 })
    expect(await couplet.rows(`SELECT name FROM crm.lead`)).toEqual([{ name: 'Customer 2' }])
  })

  it('P3: two records that find one candidate by different spellings are coupled to nothing', async () => {
    await open(
      [
        withFields(
          [
            {
              local: 'no',
              remote: 'number',
              match: { caseSensitive: true },
              direction: 'ToIntegrationTable',
            },
          ],
          { direction: 'ToIntegrationTable' },
        ),
      ],
      `CREATE DOMAIN code20 AS varchar(20); ALTER TABLE crm.account ALTER number TYPE code20;
       INSERT INTO nav.customer (no) VALUES ('abc'), ('ABC'); INSERT INTO crm.account (number) VALUES ('ABC')`,
    )
    const run = await couplet.run('full')
    expect(jobOf(run, 'CUSTOMER', 'to').counters).toMatchObject({ inserted: 5, failed: 2, coupled: 0 })
  })

  it('P4: a natural key with a backslash is found as a reference', async () => {
    const people = {
      name: 'SP',
      direction: 'ToIntegrationTable',
      local: { table: 'sp' },
      remote: { table: 'su' },
      fields: [{ local: 'code', remote: 'name', direction: 'ToIntegrationTable' }],
    }
    const owner = {
      local: 'sp',
      remote: 'owner',
      direction: 'ToIntegrationTable',
      reference: { mapping: 'SP' },
    }
    await open(
      [people, withFields([number, name, owner] as object[])],
      `CREATE TABLE nav.sp (code varchar(20) PRIMARY KEY); INSERT INTO nav.sp VALUES ('CONTOSO\\JO');
       CREATE TABLE crm.su (id uuid PRIMARY KEY, name varchar(50)); ALTER TABLE crm.account ADD owner uuid;
       ALTER TABLE nav.customer ADD sp varchar(20) NOT NULL DEFAULT 'CONTOSO\\JO'`,
    )
    await couplet.run('full')
    expect(
      await couplet.rows(`SELECT count(*)::int AS n FROM crm.account a JOIN crm.su s ON s.id = a.owner`),
    ).toEqual([{ n: 5 }])
  })

  it('P3: a partner that our own lost write has renamed is recognised under its new key', async () => {
    const columns = `code varchar(10) NOT NULL, name varchar(20), modified timestamptz NOT NULL DEFAULT clock_timestamp()`
    await open(
      [
        {
          ...customerMapping,
          name: 'CURRENCY',
          local: { table: 'cur', modifiedField: 'modified' },
          remote: { table: 'currency', modifiedField: 'modified' },
          fields: [
            { local: 'code', remote: 'code' },
            { local: 'name', remote: 'name' },
          ],
        },
      ],
      `CREATE TABLE nav.cur (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), ${columns}); CREATE TABLE crm.currency (${columns}, PRIMARY KEY (code));
       INSERT INTO nav.cur (code, name) VALUES ('DKK', 'Krone')`,
    )
    await couplet.run('full')
    await couplet.systems.query(`UPDATE nav.cur SET code = 'DKX', modified = clock_timestamp()`)
    const { probe } = couplet.context.deps
    const before = probe.before.bind(probe)
    let isLost = false
    Object.assign(probe, {
      before: async (...step: Parameters<typeof before>) => {
        if (step[0] === 'commit' && !isLost) {
          isLost = true
          throw new SyncError('CONNECTION_INTERRUPTED', 'The store is away')
        }
        return before(...step)
      },
    })
    const run = await couplet.run('full')
    expect(run.run.state).toBe('succeeded')
    expect(await couplet.rows(`SELECT code FROM nav.cur UNION ALL SELECT code FROM crm.currency`)).toEqual([
      { code: 'DKX' },
      { code: 'DKX' },
    ])
  })

  it('P10: what is wrong stays known although the record itself is read again unchanged', async () => {
    const plain = {
      local: { table: 'customer', referenceField: 'no' },
      remote: { table: 'account' },
      direction: 'ToIntegrationTable',
    }
    await open([withFields([{ local: 'name', remote: 'name', direction: 'ToIntegrationTable' }], plain)])
    await couplet.run('full')
    await couplet.systems.query(`DELETE FROM crm.account WHERE name = 'Customer 1'`)
    await couplet.run('full')
    await couplet.run('modified')
    expect((await couplet.store.query(`SELECT code FROM couplet.issue`)).rows).toEqual([
      { code: 'COUPLED_TO_DELETED' },
    ])
  })
})

describe('a mapping that is disabled', () => {
  it('is written by no run: none is taken, also where it is named, and one that waits is cancelled', async () => {
    couplet = await createInstallation({ systemsSql: `${twoTablesSql} ${insertCustomers(5)}` })
    await couplet.import(small())
    const { deps } = couplet.context
    const planned = await couplet.start('full')
    const origin = { pairId: couplet.pair.id, mapping: 'CUSTOMER', requestedBy: 'test', reason: 'test' }
    const keyless = { idempotencyKey: null, payloadHash: null, createMissing: true }
    const records = { ...origin, ...keyless, keys: ['C1'] }
    const asked = await requestRecords(records, deps)
    await couplet.import(small({ enabled: false }))
    await couplet.work()
    for (const id of [planned, asked.run.id]) {
      const { run, lines } = await couplet.ended(id)
      expect([run.state, lines[0]?.error?.code]).toEqual(['cancelled', 'MAPPING_DISABLED'])
    }
    const refused = { code: 'MAPPING_DISABLED' }
    await expect(requestRecords(records, deps)).rejects.toMatchObject(refused)
    await expect(couplet.start('mapping', { mapping: 'CUSTOMER' })).rejects.toMatchObject(refused)
    const handed = { ...origin, side: 'local', keys: ['C1'], createMissing: true } as const
    await expect(enqueueRecords(handed, deps)).rejects.toMatchObject(refused)
    expect(
      (await couplet.run('mapping', { mapping: 'CUSTOMER', overrides: { dryRun: true } })).run.state,
    ).toBe('succeeded')
    expect(await couplet.rows('SELECT FROM crm.account')).toEqual([])
    // What was asked for meanwhile is not lost.
    await couplet.import(small())
    await waitFor('the record', async () => (await couplet.rows('SELECT FROM crm.account')).length === 1)
  })
})
