import { afterEach, describe, expect, it } from 'vitest'
import type { RunDetails } from '../../src/core/ports/run-store.ts'
import type { Counters } from '../../src/core/sync/outcome.ts'
import { editBothSides } from '../../src/demo/edits.ts'
import { snapshotTables } from '../../src/demo/snapshot.ts'
import { requestRecords } from '../../src/usecases/records/request-records.ts'
import { createDemoInstallation } from '../support/demo-installation.ts'
import { jobOf, queuesBut } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'

let couplet: Awaited<ReturnType<typeof createDemoInstallation>>
afterEach(() => couplet?.close())

const url = () => couplet.env['SYSTEMS_URL'] ?? ''
const snapshot = async () => [
  ...(await snapshotTables(url(), 'nav')),
  ...(await snapshotTables(url(), 'crm')),
]

const issues = (mapping: string) =>
  couplet.context.deps.stores.operations.listIssues({
    pairId: null,
    mapping,
    kind: null,
    code: null,
    limit: 50,
    before: null,
  })

/** Sum of one counter over a mapping's jobs of one direction, follow-up passes included. */
const total = (run: RunDetails, mapping: string, direction: 'to' | 'from', counter: keyof Counters) =>
  run.jobs
    .filter((job) => job.mappingName === mapping && job.direction === direction)
    .reduce((sum, job) => sum + job.counters[counter], 0)

describe.each(queuesBut('redis'))('the seven shipped mappings over %s', (queue) => {
  it('P3, P4, P5: carry everything once, in dependency order, then nothing, then exactly the edits', async () => {
    couplet = await createDemoInstallation({ queue, size: 200, env: { COUPLET_PAGE_SIZE: '50' } })
    await couplet.work()

    const first = await couplet.run('full')
    expect(first.lines.every((line) => line.state === 'finished')).toBe(true)
    expect(first.lines.find((line) => line.mappingName === 'CUSTOMER')?.ignoredDependencies).toContain(
      'PAYMENT TERMS',
    )
    for (const expected of couplet.contents.expected) {
      const { mapping, direction, inserted, matched, failed, waiting } = expected
      const { counters } = jobOf(first, mapping, direction)
      expect({ mapping, direction, ...counters }).toMatchObject({
        mapping,
        direction,
        inserted,
        failed,
        waiting,
        coupled: matched,
      })
    }
    const unfilled = await couplet.rows(`
      SELECT c.no FROM nav.customer c JOIN nav.contact p ON p.no = c.primary_contact_no
      JOIN crm.account a ON a.emailaddress1 = c.e_mail WHERE a.primarycontactid IS NULL`)
    expect(unfilled).toEqual([])

    const before = await snapshot()
    for (const kind of ['modified', 'full'] as const) {
      const again = await couplet.run(kind)
      for (const { counters } of again.jobs)
        expect(counters.inserted + counters.modified + counters.coupled).toBe(0)
    }
    expect(await snapshot()).toEqual(before)

    const { expected } = await editBothSides({ localUrl: url(), remoteUrl: url() })
    const third = await couplet.run('full')
    expect(total(third, 'CUSTOMER', 'to', 'modified')).toBe(expected.remote.account)
    expect(total(third, 'CUSTOMER', 'from', 'modified')).toBe(expected.local.customer)
    expect(total(third, 'ITEM-PRODUCT', 'to', 'modified')).toBe(expected.remote.product)
    expect(total(third, 'CONTACT', 'to', 'inserted')).toBe(expected.remote.newContacts)
  })

  it('P4, P10: records that wait for a salesperson complete after it was coupled, without anybody touching them', async () => {
    couplet = await createDemoInstallation({ queue, size: 60 })
    await couplet.work()
    await couplet.run('full')
    const waiting = (await issues('CUSTOMER')).filter((issue) => issue.waitsFor?.startsWith('SALESPEOPLE/'))
    expect(waiting.length).toBeGreaterThan(0)
    const [user] = await couplet.rows<{ id: string }>(`
      INSERT INTO crm.systemuser (fullname, internalemailaddress, isdisabled, islicensed, isintegrationuser)
      SELECT name, e_mail, false, true, false FROM nav.salesperson_purchaser WHERE code = 'OLD' RETURNING systemuserid AS id`)
    await requestRecords(
      {
        pairId: couplet.pair.id,
        mapping: 'SALESPEOPLE',
        keys: [user?.id ?? ''],
        createMissing: false,
        requestedBy: 'test',
        reason: 'test',
        idempotencyKey: null,
        payloadHash: null,
      },
      couplet.context.deps,
    )
    await waitFor('the waiting customers', async () =>
      (await issues('CUSTOMER')).every((issue) => !issue.waitsFor?.startsWith('SALESPEOPLE/')),
    )
    const created = await couplet.rows(
      `SELECT 1 FROM crm.account a JOIN nav.customer c ON c.e_mail = a.emailaddress1 WHERE c.salesperson_code = 'OLD'`,
    )
    expect(created).toHaveLength(waiting.length)
  })
})
