import { afterAll, beforeAll, expect, test } from 'vitest'
import { createInstallation, type Installation } from '../support/installation.ts'

let couplet: Installation

beforeAll(async () => {
  couplet = await createInstallation({
    systemsSql: `
      CREATE TABLE nav.item (no int PRIMARY KEY, name text NOT NULL);
      CREATE TABLE crm.product (id serial PRIMARY KEY, name text);
      INSERT INTO nav.item SELECT n, 'Item ' || n FROM generate_series(1, 3) n;
      INSERT INTO crm.product VALUES (2, 'Resource 2')`,
  })
  await couplet.import({
    name: 'ITEM',
    direction: 'ToIntegrationTable',
    local: { table: 'item' },
    remote: { table: 'product' },
    fields: [
      { local: 'no', remote: 'id' },
      { local: 'name', remote: 'name' },
    ],
  })
  await couplet.work()
})
afterAll(() => couplet?.close())

test('P3: a record that has the mapped key of a new one is not taken for it, although the table could make keys itself', async () => {
  const details = await couplet.run('full')
  expect(details.jobs).toMatchObject([{ counters: { inserted: 2, failed: 1 } }])
  const products = await couplet.rows('SELECT id, name FROM crm.product ORDER BY id')
  expect(products).toEqual([
    { id: 1, name: 'Item 1' },
    { id: 2, name: 'Resource 2' },
    { id: 3, name: 'Item 3' },
  ])
  const { rows } = await couplet.store.query('SELECT code FROM issue')
  expect(rows).toEqual([{ code: 'POSSIBLE_DUPLICATE' }])
})
