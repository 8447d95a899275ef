import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunDetails } from '../../src/core/ports/run-store.ts'
import { present } from '../../src/lib/assert.ts'
import { parseMappingFile } from '../../src/usecases/mapping-files.ts'
import { requestRecords } from '../../src/usecases/records/request-records.ts'
import { createDemoInstallation } from '../support/demo-installation.ts'
import { jobOf } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'

let couplet: Awaited<ReturnType<typeof createDemoInstallation>>
let first: RunDetails
let groupsBefore: readonly object[]

/** The tests look at different records of one demo, after its first full synchronization. */
beforeAll(async () => {
  couplet = await createDemoInstallation({ queue: 'postgres', size: 60 })
  await couplet.import(...definitionsOf('examples/price-list.yaml'))
  await couplet.rows(
    `INSERT INTO nav.customer (name, e_mail, currency_code) VALUES ('Tacos', 'tacos@x.example', 'MXN')`,
  )
  groupsBefore = await invalidGroups()
  await couplet.work()
  first = await couplet.run('full')
})
afterAll(() => couplet?.close())

const invalidGroups = () =>
  couplet.rows(`SELECT name, modifiedon FROM crm.uomschedule WHERE name IN ('NAV L', 'NAV M2') ORDER BY name`)

const issues = (mapping: string, code: string) =>
  couplet.context.deps.stores.operations.listIssues({
    pairId: null,
    mapping,
    kind: null,
    code,
    limit: 50,
    before: null,
  })

const one = async <T extends object>(sql: string): Promise<T> => {
  const rows = await couplet.rows<T>(sql)
  expect(rows).toHaveLength(1)
  return present(rows[0], 'row')
}

function definitionsOf(path: string) {
  const { definitions, problems } = parseMappingFile(readFileSync(path, 'utf8'), path)
  expect(problems).toEqual([])
  return definitions
}

const importShipped = (name: string) => couplet.import(...definitionsOf(`mappings/${name}.yaml`))

async function requestRecord(mapping: string, key: string): Promise<void> {
  const { run } = await requestRecords(
    {
      pairId: couplet.pair.id,
      mapping,
      keys: [key],
      createMissing: false,
      requestedBy: 'test',
      reason: 'test',
      idempotencyKey: null,
      payloadHash: null,
    },
    couplet.context.deps,
  )
  await couplet.ended(run.id)
}

describe('a currency without an exchange rate', () => {
  it('P4, §18.11: waits, and with it whoever uses it; both complete in the run after somebody has entered the rate', async () => {
    expect(await issues('CURRENCY', 'EXCHANGE_RATE_MISSING')).toMatchObject([
      {
        kind: 'waiting',
        field: 'current_exchange_rate',
        message: 'nav.currency MXN: there is no exchange rate',
      },
    ])
    expect(await couplet.rows(`SELECT 1 FROM crm.transactioncurrency WHERE isocurrencycode = 'MXN'`)).toEqual(
      [],
    )
    await couplet.rows(`INSERT INTO nav.currency_exchange_rate VALUES ('MXN', '2024-01-01', 100, 40)`)
    await couplet.run('modified')
    expect(
      await one(`SELECT c.isocurrencycode AS currency, c.exchangerate AS rate FROM crm.account a
        JOIN crm.transactioncurrency c USING (transactioncurrencyid) WHERE a.emailaddress1 = 'tacos@x.example'`),
    ).toEqual({ currency: 'MXN', rate: '2.500000000000' })
    expect(await issues('CURRENCY', 'EXCHANGE_RATE_MISSING')).toEqual([])
  })

  it('that loses its last rate waits as well, and the rate of the other side stays', async () => {
    await couplet.rows(`DELETE FROM nav.currency_exchange_rate WHERE currency_code = 'USD'`)
    const run = await couplet.run('modified')
    expect(jobOf(run, 'CURRENCY', 'to').counters).toMatchObject({ modified: 0 })
    expect(await issues('CURRENCY', 'EXCHANGE_RATE_MISSING')).toMatchObject([
      { kind: 'waiting', message: 'nav.currency USD: there is no exchange rate' },
    ])
    const { rate } = await one<{ rate: string }>(
      `SELECT exchangerate AS rate FROM crm.transactioncurrency WHERE isocurrencycode = 'USD'`,
    )
    expect(Number(rate)).toBeGreaterThan(0)
  })
})

describe('a unit whose group cannot be used', () => {
  it('C8: fails before anything is written, and couples once the group is put right', async () => {
    const found = await issues('UNIT OF MEASURE', 'UNIT_GROUP_INVALID')
    expect(found.map(({ kind, field, value }) => [kind, field, value]).sort()).toEqual([
      ['failed', 'statecode', '1'],
      ['failed', 'unitcount', '2'],
    ])
    expect(found.map(({ message }) => message).sort()).toEqual([
      expect.stringMatching(/^nav.unit_of_measure L: crm.uomschedule \S+: the unit group is inactive$/),
      expect.stringMatching(
        /^nav.unit_of_measure M2: crm.uomschedule \S+: the unit group holds other units besides$/,
      ),
    ])
    expect(await invalidGroups()).toEqual(groupsBefore)
    await couplet.rows(`UPDATE crm.uomschedule SET statecode = 0 WHERE name = 'NAV L'`)
    await couplet.rows(`DELETE FROM crm.uom WHERE name = 'ARE'`)
    const again = await couplet.run('full')
    expect(jobOf(again, 'UNIT OF MEASURE', 'to').counters).toMatchObject({ coupled: 2, failed: 0 })
  })
})

describe('a fallback owner', () => {
  it('C6: stands in for a salesperson who is not coupled, until that one is', async () => {
    const integrationUser = '00000000-0000-4000-8000-000000000002'
    const [customer] = definitionsOf('mappings/customer.yaml')
    const fields = customer?.fields.map((field) =>
      field.local === 'salesperson_code'
        ? { ...field, reference: { mapping: 'SALESPEOPLE', remoteWhenNotCoupled: integrationUser } }
        : field,
    )
    await couplet.import({ ...present(customer, 'mapping'), fields: present(fields, 'fields') })
    await couplet.run('full')
    const owners = async () => {
      const rows = await couplet.rows<{
        owner: string
      }>(`SELECT DISTINCT a.ownerid AS owner FROM crm.account a
        JOIN nav.customer c ON c.e_mail = a.emailaddress1 WHERE c.salesperson_code = 'OLD'`)
      return rows.map(({ owner }) => owner)
    }
    expect(await owners()).toEqual([integrationUser])
    const user = await one<{ id: string }>(`
      INSERT INTO crm.systemuser (fullname, internalemailaddress)
      SELECT name, e_mail FROM nav.salesperson_purchaser WHERE code = 'OLD' RETURNING systemuserid AS id`)
    await requestRecord('SALESPEOPLE', user.id)
    await waitFor('the real owner', async () => (await owners()).every((owner) => owner === user.id))
  })
})

describe('a contact', () => {
  it('P4, §18.11: of a customer that is not coupled waits, and follows its customer in the same run', async () => {
    const waiting = await issues('CONTACT', 'REFERENCE_NOT_COUPLED')
    expect(waiting.length).toBeGreaterThan(0)
    await couplet.rows(`UPDATE nav.customer SET currency_code = '' WHERE currency_code = 'XBT'`)
    await couplet.run('modified')
    const left = await issues('CONTACT', 'REFERENCE_NOT_COUPLED')
    expect(left.length).toBeLessThan(waiting.length)
    const orphans =
      await couplet.rows(`SELECT c.no FROM nav.contact c JOIN nav.customer k ON k.no = c.company_no
      JOIN crm.account a ON a.emailaddress1 = k.e_mail
      WHERE c.type = 'Person' AND NOT EXISTS (SELECT FROM crm.contact r WHERE r.emailaddress1 = c.e_mail AND r.parentcustomerid = a.accountid)`)
    expect(orphans).toEqual([])
  })

  it('of the type company is ignored and counted', () => {
    expect(jobOf(first, 'CONTACT', 'to').counters).toMatchObject({ ignored: 10 })
  })

  it('C8: that has lost its company is not written: its parent at the other side stays', async () => {
    const contact = await one<{ id: string; mail: string }>(
      `UPDATE nav.contact SET company_no = '', phone_no = '1' WHERE no = 'CT00001' RETURNING system_id AS id, e_mail AS mail`,
    )
    await requestRecord('CONTACT', contact.id)
    expect(await issues('CONTACT', 'PARENT_MISSING')).toMatchObject([
      { kind: 'failed', field: 'company_no', message: 'nav.contact CT00001: the contact has no company' },
    ])
    const there = await one<{ parent: string | null }>(
      `SELECT parentcustomerid AS parent FROM crm.contact WHERE emailaddress1 = '${contact.mail}'`,
    )
    expect(there.parent).not.toBeNull()
  })
})

describe('the primary contact of a customer', () => {
  it('that is not coupled is kept although the account names none, and is carried over once it is', async () => {
    await couplet.rows(
      `INSERT INTO nav.contact (no, type, surname, e_mail) VALUES ('NEW', 'Person', 'New', 'new@x.example')`,
    )
    await couplet.rows(`UPDATE nav.customer SET primary_contact_no = 'NEW' WHERE no = 'C00002'`)
    await couplet.rows(`UPDATE crm.account a SET primarycontactid = NULL, telephone1 = '5' FROM nav.customer c
      WHERE c.no = 'C00002' AND a.emailaddress1 = c.e_mail`)
    await couplet.run('modified')
    await couplet.run('full')
    expect(
      await one(`SELECT primary_contact_no AS no, phone_no AS phone FROM nav.customer WHERE no = 'C00002'`),
    ).toEqual({
      no: 'NEW',
      phone: '5',
    })
    await couplet.rows(`UPDATE nav.contact SET company_no = 'C00002' WHERE no = 'NEW'`)
    await couplet.run('full')
    await waitFor('the primary contact at the other side', async () => {
      const found =
        await couplet.rows(`SELECT 1 FROM crm.account a JOIN crm.contact p ON p.contactid = a.primarycontactid
        WHERE p.emailaddress1 = 'new@x.example'`)
      return found.length === 1
    })
  })
})

describe('a customer of a salesperson who is not coupled', () => {
  it('P4, §18.11: waits, and completes in the very full synchronization that couples the salesperson', async () => {
    await couplet.rows(
      `INSERT INTO nav.salesperson_purchaser (code, name, e_mail) VALUES ('NEU', 'Neu', 'neu@x.example')`,
    )
    await couplet.rows(
      `INSERT INTO nav.customer (name, e_mail, salesperson_code) VALUES ('Of Neu', 'of-neu@x.example', 'NEU')`,
    )
    await importShipped('customer')
    await couplet.run('full')
    const ofNeu = (await issues('CUSTOMER', 'REFERENCE_NOT_COUPLED')).filter(({ value }) => value === 'NEU')
    expect(ofNeu).toMatchObject([
      { kind: 'waiting', field: 'salesperson_code', waitsFor: 'SALESPEOPLE/local/text:NEU' },
    ])
    const user = await one<{ id: string }>(
      `INSERT INTO crm.systemuser (fullname, internalemailaddress) VALUES ('Neu', 'neu@x.example') RETURNING systemuserid AS id`,
    )
    await couplet.run('full')
    expect(
      await one(`SELECT ownerid AS id FROM crm.account WHERE emailaddress1 = 'of-neu@x.example'`),
    ).toEqual(user)
  })
})

describe('records made from the other side', () => {
  it('get the next number of the local series, which goes back where the other side keeps it', async () => {
    const items = await couplet.rows<{ no: string; number: string }>(
      `SELECT i.no, p.productnumber AS number FROM nav.item i JOIN crm.product p ON p.name = i.description
        WHERE i.description LIKE '%(web shop)' ORDER BY i.no`,
    )
    expect(items.length).toBeGreaterThan(1)
    items.forEach(({ no, number }, index) => {
      expect(no).toBe(`I${String(index + 1).padStart(5, '0')}`)
      expect(number).toBe(no)
    })
    const [codes] =
      await couplet.rows(`SELECT array_agg(code::text ORDER BY code) AS made FROM nav.salesperson_purchaser
      WHERE name IN ('Otis Falls', 'Tanja Plate')`)
    expect(codes).toEqual({ made: ['SP NO. 00001', 'SP NO. 00002'] })
  })
})

describe('numbers of products', () => {
  it('below zero are sent as zero, and the price list follows the products', async () => {
    expect(
      await one(
        `SELECT quantityonhand::int AS quantity FROM crm.product WHERE productnumber = '1007' AND producttypecode = 1`,
      ),
    ).toEqual({ quantity: 0 })
    const [without] = await couplet.rows<{ count: number }>(`SELECT count(*)::int AS count FROM nav.item i
      JOIN crm.product p ON p.productnumber = i.no AND p.producttypecode = 1 AND NOT i.blocked
      LEFT JOIN crm.productpricelevel l ON l.productid = p.productid AND l.amount = i.unit_price AND l.uomid = p.defaultuomid
      WHERE l.amount IS NULL`)
    expect(without?.count).toBe(0)
    await couplet.rows(
      `UPDATE nav.item SET base_unit_of_measure = 'PCS' WHERE base_unit_of_measure = 'BUNDLE'`,
    )
    await couplet.run('modified')
    expect(
      await couplet.rows(`SELECT 1 FROM nav.item i JOIN crm.product p ON p.productnumber = i.no AND p.producttypecode = 1
        JOIN crm.productpricelevel l ON l.productid = p.productid WHERE i.no = '1005'`),
    ).toHaveLength(1)
  })
})
