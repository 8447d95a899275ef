import { afterEach, describe, expect, it } from 'vitest'
import { createInstallation, type Installation } from '../support/installation.ts'

let couplet: Installation
afterEach(() => couplet.close())

describe('what an issue says', () => {
  it('P6: names table and record as people write the key, also for short and composite keys', async () => {
    couplet = await createInstallation({
      systemsSql: `
        CREATE TABLE nav.note (id serial PRIMARY KEY, title text);
        INSERT INTO nav.note (title) VALUES (repeat('x', 21));
        CREATE TABLE crm.note (id uuid PRIMARY KEY, title varchar(20));
        CREATE TABLE nav.land (code varchar(10), region varchar(5), title text, PRIMARY KEY (code, region));
        INSERT INTO nav.land VALUES ('DK', 'R1', repeat('y', 31));
        CREATE TABLE crm.land (code varchar(10), region varchar(5), title varchar(30), PRIMARY KEY (code, region))`,
    })
    const side = (table: string) => ({ local: { table }, remote: { table } })
    const direction = 'ToIntegrationTable'
    const title = { local: 'title', remote: 'title' }
    const keyFields = ['code', 'region'].map((field) => ({ local: field, remote: field }))
    await couplet.import(
      { name: 'NOTE', direction, ...side('note'), fields: [title] },
      { name: 'LAND', direction, ...side('land'), fields: [...keyFields, title] },
    )
    await couplet.work()
    await couplet.run('full')
    const { rows } = await couplet.store.query('SELECT message FROM couplet.issue ORDER BY message')
    expect(rows.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^nav\.land DK,R1: title → title: 'y+' has 31 characters/),
      expect.stringMatching(/^nav\.note 1: title → title: 'x+' has 21 characters/),
    ])
  })
})
