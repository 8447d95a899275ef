import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { requestCoupling } from '../../src/usecases/coupling/request-coupling.ts'
import { readHistory } from '../../src/usecases/records/record-history.ts'
import { whyRecord } from '../../src/usecases/records/why-record.ts'
import { createInstallation, type Installation, jobOf } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'couplet-functions-'))
  await writeFile(
    join(folder, 'phone.ts'),
    `export const normalised = (raw: string): string => { if (raw === 'bad') throw new Error('no phone'); return raw.replace(/[^0-9+]/g, '') }`,
  )
  couplet = await createInstallation({
    env: { COUPLET_FUNCTIONS_DIR: folder },
    systemsSql: `${twoTablesSql} ${insertCustomers(2)};
      ALTER TABLE nav.customer ADD phone varchar(30) NOT NULL DEFAULT '', ADD weight varchar(20) NOT NULL DEFAULT '', ADD note varchar(100) NOT NULL DEFAULT '';
      ALTER TABLE crm.account ADD phone varchar(30), ADD grams bigint, ADD note varchar(10), ADD kind integer NOT NULL DEFAULT 0, ADD terms varchar(10);
      UPDATE nav.customer SET phone = '+45 12 34', weight = '1,5', note = 'a long 😀 note about it'`,
  })
  await couplet.work()
})
afterEach(async () => {
  await couplet.close()
  await rm(folder, { recursive: true, force: true })
})

const mapping = (fields: readonly object[], more: object = {}) => ({
  ...customerMapping,
  ...more,
  fields: [...customerMapping.fields.slice(0, 2), ...fields],
})
const accounts = (columns: string) => couplet.rows(`SELECT ${columns} FROM crm.account ORDER BY number`)
const outcomes = (runId: number) =>
  couplet.context.deps.stores.operations.listOutcomes({
    runId,
    jobId: null,
    mapping: null,
    limit: 50,
    before: null,
  })
const phone = {
  local: 'phone',
  remote: 'phone',
  direction: 'ToIntegrationTable',
  transform: [{ function: { module: 'phone.ts', export: 'normalised' } }],
}

describe('transformed fields', () => {
  it('P5: travel both ways through their inverse, once', async () => {
    const transform = [{ parseNumber: { locale: 'de' } }, { unit: { multiply: '1000' } }]
    await couplet.import(mapping([{ local: 'weight', remote: 'grams', transform }]))
    await couplet.run('full')
    expect(await accounts('grams')).toEqual([{ grams: '1500' }, { grams: '1500' }])
    await couplet.systems.query(`UPDATE crm.account SET grams = 2250 WHERE number = 'C1'`)
    await couplet.run('modified')
    expect(await couplet.rows(`SELECT weight FROM nav.customer ORDER BY no`)).toEqual([
      { weight: '2,25' },
      { weight: '1,5' },
    ])
    const again = await couplet.run('full')
    for (const direction of ['to', 'from'] as const)
      expect(jobOf(again, 'CUSTOMER', direction).counters).toMatchObject({ read: 2, unchanged: 2 })
  })

  it('P6: by a function that throws fail that record only, with field, value and cause', async () => {
    await couplet.import(mapping([phone]))
    await couplet.systems.query(`UPDATE nav.customer SET phone = 'bad' WHERE no = 'C2'`)
    const run = await couplet.run('full')
    expect(await accounts('phone')).toEqual([{ phone: '+451234' }])
    const [failed] = (await outcomes(run.run.id)).filter(({ kind }) => kind === 'failed')
    expect(failed).toMatchObject({ code: 'TRANSFER_FAILED', field: 'phone', value: 'bad' })
    expect(failed?.message).toContain('no phone')
  })

  it('are known to whoever looks at a record or couples it by hand, too', async () => {
    await couplet.import(mapping([phone]))
    const ask = { pairId: couplet.pair.id, mapping: 'CUSTOMER' }
    const { deps } = couplet.context
    expect((await whyRecord({ ...ask, text: 'C1', side: null }, deps)).isInStep).toBe(false)
    const [account] = await couplet.rows<{ id: string }>(
      `INSERT INTO crm.account (number, name, phone) VALUES ('C1', 'Customer 1', '+451234') RETURNING id`,
    )
    const coupling = { local: 'C1', remote: account?.id ?? '', next: 'nothing' as const }
    const origin = { requestedBy: 'anna', reason: 'test', idempotencyKey: null, payloadHash: null }
    const { run } = await requestCoupling({ ...ask, ...coupling, ...origin }, deps)
    expect((await couplet.ended(run.id)).run.state).toBe('succeeded')
    const stranger = { ...coupling, local: 'C2' }
    await expect(requestCoupling({ ...ask, ...stranger, ...origin }, deps)).rejects.toMatchObject({
      code: 'ALREADY_COUPLED',
    })
  })

  it('with a function that cannot be loaded are refused at the import, by name', async () => {
    const missing = { ...phone, transform: [{ function: { module: 'other.ts', export: 'normalised' } }] }
    await expect(couplet.import(mapping([missing]))).rejects.toThrow(/other\.ts cannot be loaded/)
    const unnamed = { ...phone, transform: [{ function: { module: 'phone.ts', export: 'other' } }] }
    await expect(couplet.import(mapping([unnamed]))).rejects.toThrow(/no function other/)
  })

  it('P4: that join several fields follow a change of each of them', async () => {
    const concat = { concat: { fields: ['phone'], separator: ' / ' } }
    const joined = {
      local: 'weight',
      remote: 'terms',
      direction: 'ToIntegrationTable',
      transform: [concat, { substring: { start: 1, length: 9 } }],
    }
    await couplet.import(mapping([joined]))
    await couplet.run('full')
    await couplet.systems.query(`UPDATE nav.customer SET phone = '99' WHERE no = 'C1'`)
    await couplet.run('modified')
    expect(await accounts('terms')).toEqual([{ terms: '1,5 / 99' }, { terms: '1,5 / +45' }])
  })
})

describe('a text that is cut', () => {
  const note = { local: 'note', remote: 'note', onTooLong: 'cut and warn' }

  it('is reported, and never comes back over the long one', async () => {
    await couplet.import(mapping([note]))
    const first = await couplet.run('full')
    expect(await accounts('note')).toEqual([{ note: 'a long 😀 n' }, { note: 'a long 😀 n' }])
    expect(
      (await outcomes(first.run.id)).flatMap(({ warnings }) =>
        warnings.map(({ code, field }) => [code, field]),
      ),
    ).toEqual([
      ['VALUE_CUT', 'note'],
      ['VALUE_CUT', 'note'],
    ])
    const [told] = (
      await readHistory(
        { pairId: couplet.pair.id, mapping: 'CUSTOMER', text: 'C1', side: null, limit: 9, before: null },
        couplet.context.deps,
      )
    ).outcomes
    expect(told?.warnings).toMatchObject([{ code: 'VALUE_CUT', field: 'note' }])
    await couplet.import({ ...mapping([note]), description: 'another version' })
    await couplet.systems.query(
      `UPDATE crm.account SET name = 'There' WHERE number = 'C1'; UPDATE nav.customer SET note = note || '!' WHERE no = 'C2'`,
    )
    await couplet.run('full')
    await couplet.run('full')
    expect(await couplet.rows(`SELECT name, note FROM nav.customer ORDER BY no`)).toEqual([
      { name: 'There', note: 'a long 😀 note about it' },
      { name: 'Customer 2', note: 'a long 😀 note about it!' },
    ])
  })

  it('gives way to a real edit of the short side', async () => {
    await couplet.import(mapping([note]))
    await couplet.run('full')
    await couplet.systems.query(`UPDATE crm.account SET note = 'edited' WHERE number = 'C1'`)
    await couplet.run('modified')
    expect(await couplet.rows(`SELECT note FROM nav.customer WHERE no = 'C1'`)).toEqual([{ note: 'edited' }])
  })
})

describe('templates', () => {
  it('give new records the values of the first one that matches, in fields that are not mapped', async () => {
    await couplet.import(
      mapping([], {
        templates: [
          {
            name: 'FIRST',
            side: 'remote',
            priority: 1,
            filter: "no = 'C1'",
            values: { kind: '1', terms: 'CASH' },
          },
          { name: 'OTHER', side: 'remote', priority: 2, values: { kind: '2', name: 'from the template' } },
        ],
      }),
    )
    await couplet.run('full')
    expect(await accounts('name, kind, terms')).toEqual([
      { name: 'Customer 1', kind: 1, terms: 'CASH' },
      { name: 'Customer 2', kind: 2, terms: null },
    ])
    const again = await couplet.run('full')
    expect(jobOf(again, 'CUSTOMER', 'to').counters).toMatchObject({ read: 2, unchanged: 2 })
  })
})

describe('a destination with a will of its own', () => {
  it('is taken as it is: warned once, and not written again', async () => {
    await couplet.systems.query(`CREATE FUNCTION public.rule() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := upper(NEW.name);
      IF TG_OP = 'UPDATE' AND NEW.phone IS DISTINCT FROM OLD.phone THEN NEW.terms := 'CHANGED'; END IF; RETURN NEW; END $$;
      CREATE TRIGGER rule BEFORE INSERT OR UPDATE ON crm.account FOR EACH ROW EXECUTE FUNCTION public.rule()`)
    const weight = { local: 'weight', remote: 'terms', direction: 'ToIntegrationTable' }
    await couplet.import(mapping([phone, weight]))
    const warnings = async (runId: number) =>
      (await outcomes(runId)).flatMap((each) => each.warnings.map(({ code, field }) => [code, field]))
    const first = await couplet.run('full')
    expect(await warnings(first.run.id)).toEqual([
      ['VALUE_NORMALISED', 'name'],
      ['VALUE_NORMALISED', 'name'],
    ])
    await couplet.systems.query(`UPDATE nav.customer SET phone = '7' WHERE no = 'C1'`)
    const second = await couplet.run('modified')
    expect(await warnings(second.run.id)).toEqual([['FIELD_CHANGED_BESIDE', 'terms']])
    const third = await couplet.run('full')
    expect(jobOf(third, 'CUSTOMER', 'to').counters).toMatchObject({ read: 2, unchanged: 2 })
  })
})
