import { afterEach, describe, expect, it } from 'vitest'
import { createInstallation, type Installation } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
afterEach(() => couplet.close())

async function open(schemaChanges: string): Promise<object> {
  couplet = await createInstallation({ systemsSql: `${twoTablesSql} ${insertCustomers(5)}` })
  const mapping = { ...customerMapping, schemaChanges }
  await couplet.import(mapping)
  await couplet.work()
  expect((await couplet.run('full')).run.state).toBe('succeeded')
  return mapping
}

const names = async () =>
  (await couplet.rows<{ name: string }>('SELECT name FROM crm.account ORDER BY number')).map(
    ({ name }) => name,
  )
const edit = (no: string, name: string) =>
  couplet.systems.query(`UPDATE nav.customer SET name = '${name}' WHERE no = '${no}'`)
const watermarks = () =>
  couplet.store
    .query('SELECT local_watermark, remote_watermark FROM couplet.table_mapping')
    .then(({ rows }) => rows)
const audited = async () =>
  (
    await couplet.store.query<{ detail: { changes: string } }>(
      `SELECT detail FROM couplet.audit_log WHERE action = 'schema-changed'`,
    )
  ).rows.map(({ detail }) => detail.changes)

describe('a table that is changed between two jobs', () => {
  it.each([
    [
      'a field that has gone',
      'ALTER TABLE crm.account RENAME city TO town',
      'ALTER TABLE crm.account RENAME town TO city',
      'remote account.city has gone',
    ],
    [
      'another type',
      'ALTER TABLE crm.account ALTER credit TYPE text',
      'ALTER TABLE crm.account ALTER credit TYPE numeric(19,4) USING credit::numeric',
      'remote account.credit is text instead of decimal',
    ],
    [
      'a shorter field',
      'ALTER TABLE crm.account ALTER name TYPE varchar(40)',
      'ALTER TABLE crm.account ALTER name TYPE varchar(160)',
      'remote account.name takes 40 instead of 160 characters',
    ],
    [
      'a field that is now required',
      'ALTER TABLE crm.account ALTER city SET NOT NULL',
      'ALTER TABLE crm.account ALTER city DROP NOT NULL',
      'remote account.city is now required',
    ],
  ])('P4: stops the line before it reads, and loses nothing: %s', async (_case, change, back, told) => {
    await open('stop')
    const before = await watermarks()
    await edit('C1', 'Edited')
    await couplet.systems.query(change)
    for (const _time of ['once', 'twice']) {
      const stopped = await couplet.run('modified')
      expect(stopped.run.state).toBe('failed')
      expect(stopped.lines[0]?.error).toMatchObject({
        code: 'SCHEMA_CHANGED',
        message: expect.stringContaining(told),
      })
      expect(stopped.jobs.map(({ counters }) => counters.read)).toEqual([0, 0])
    }
    expect(await watermarks()).toEqual(before)
    expect(await names()).not.toContain('Edited')
    await couplet.systems.query(back)
    expect((await couplet.run('modified')).run.state).toBe('succeeded')
    expect(await names()).toContain('Edited')
  })

  it('P4: goes on when the mapping is imported again, which takes the tables as they are', async () => {
    const mapping = await open('stop')
    await edit('C1', 'Edited')
    await couplet.systems.query('ALTER TABLE crm.account ALTER name TYPE varchar(40)')
    expect((await couplet.run('modified')).run.state).toBe('failed')
    await couplet.import(mapping)
    expect((await couplet.run('modified')).run.state).toBe('succeeded')
    expect(await names()).toContain('Edited')
  })

  it('has a new field: an end to "stop", nothing to "ignore new"', async () => {
    const add = 'ALTER TABLE nav.customer ADD colour text'
    await open('stop')
    await couplet.systems.query(add)
    expect((await couplet.run('modified')).lines[0]?.error?.message).toContain('local customer.colour is new')
    await couplet.close()
    await open('ignore new')
    await couplet.systems.query(add)
    expect((await couplet.run('modified')).run.state).toBe('succeeded')
    await couplet.systems.query('ALTER TABLE crm.account ALTER name TYPE varchar(40)')
    expect((await couplet.run('modified')).run.state).toBe('failed')
    expect(await audited()).toEqual([])
  })

  it('is told once with "warn", and the job goes on', async () => {
    await open('warn')
    await edit('C1', 'Edited')
    await couplet.systems.query('ALTER TABLE crm.account ALTER name TYPE varchar(40), ADD colour text')
    for (const _time of ['once', 'twice']) expect((await couplet.run('modified')).run.state).toBe('succeeded')
    expect(await names()).toContain('Edited')
    expect(await audited()).toEqual([
      'remote account.colour is new; remote account.name takes 40 instead of 160 characters',
    ])
  })

  it.each([
    ['stop', 'SCHEMA_CHANGED', []],
    ['warn', undefined, ['remote account.colour is new']],
  ])('is met by a preview as well, which remembers nothing: %s', async (policy, code, toldLater) => {
    await open(policy)
    await couplet.systems.query('ALTER TABLE crm.account ADD colour text')
    const preview = await couplet.run('modified', { overrides: { dryRun: true } })
    expect(preview.lines[0]?.error?.code).toBe(code)
    expect(await audited()).toEqual([])
    await couplet.run('modified')
    expect(await audited()).toEqual(toldLater)
  })
})
