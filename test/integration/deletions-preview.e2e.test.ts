import { afterEach, describe, expect, it } from 'vitest'
import { breakPage } from '../support/broken-page.ts'
import { createInstallation, type Installation, jobOf } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
afterEach(() => couplet.close())

async function open(changes: Readonly<Record<string, unknown>>): Promise<void> {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(12)}`,
    env: { COUPLET_PAGE_SIZE: '2' },
  })
  await couplet.import({ ...customerMapping, ...changes })
  await couplet.work()
  await couplet.run('full')
  await couplet.systems.query(`
    DELETE FROM nav.customer WHERE no IN ('C1', 'C2', 'C5');
    DELETE FROM crm.account WHERE number IN ('C3', 'C5')`)
}

type Kind = 'full' | 'deletions' | 'modified'
const preview = (kind: Kind) => couplet.run(kind, { overrides: { dryRun: true } })
const left = async (table: string) =>
  (await couplet.store.query(`SELECT count(*)::int AS n FROM couplet.${table}`)).rows[0].n
const counts = async () => [
  ...(await couplet.rows('SELECT count(*)::int AS n FROM nav.customer')),
  ...(await couplet.rows('SELECT count(*)::int AS n FROM crm.account')),
]
/** As the job of each direction counts it. */
async function counted(kind: Kind, isReal = false) {
  const run = isReal ? await couplet.run(kind) : await preview(kind)
  return (['to', 'from'] as const).map((direction) => {
    const { deleted, uncoupled, waiting } = jobOf(run, 'CUSTOMER', direction).counters
    return { deleted, uncoupled, waiting }
  })
}

describe('the preview of a search for deleted records', () => {
  it('shows what the run then does, and leaves nothing behind', async () => {
    await open({ deletionConflict: 'Propagate Deletion' })
    const tables = ['deletion_suspect', 'deletion_look', 'staged_key', 'issue', 'page_intent']
    const rows = () => Promise.all(tables.map(left))
    const [before, stored] = [await counts(), await rows()]
    const shown = [
      { deleted: 1, uncoupled: 1, waiting: 0 },
      { deleted: 2, uncoupled: 0, waiting: 0 },
    ]
    expect(await counted('full')).toEqual(shown)
    expect(await counted('deletions')).toEqual(shown)
    expect([await counts(), await left('coupling')]).toEqual([before, 12])
    expect(await rows()).toEqual(stored)
    expect(await counted('deletions', true)).toEqual(shown)
    expect(await counts()).toEqual([{ n: 8 }, { n: 8 }])
  })

  it('of a run of changes shows what changed records have lost, and all of it when a comparison is due', async () => {
    await open({ deletionConflict: 'Propagate Deletion' })
    await couplet.systems.query(`UPDATE nav.customer SET city = 'Ribe' WHERE no IN ('C3', 'C4')`)
    const found = (deleted: number) => ({ deleted, uncoupled: 0, waiting: 0 })
    const noted = () => left('preview_suspect')
    // The customer whose partner is gone has been edited, and is not deleted over that.
    expect(await counted('modified')).toEqual([found(0), found(0)])
    await couplet.import({
      ...customerMapping,
      deletionConflict: 'Remove Coupling',
      deletionCheck: { everyHours: 1 },
    })
    const shown = await counted('modified')
    expect(shown).toEqual([
      { deleted: 0, uncoupled: 2, waiting: 0 },
      { deleted: 0, uncoupled: 2, waiting: 0 },
    ])
    expect(await noted()).toBe(0)
    expect(await counted('modified', true)).toEqual(shown)
  })

  it('shows what the brake would hold', async () => {
    await open({ deletionConflict: 'Propagate Deletion', deletionBrake: { share: 1, records: 1 } })
    const [to, from] = await counted('deletions')
    expect([to, from]).toEqual([
      { deleted: 0, uncoupled: 0, waiting: 2 },
      { deleted: 0, uncoupled: 0, waiting: 2 },
    ])
    expect(await left('issue')).toBe(0)
  })

  it('P11: counts each record once, also when it was interrupted', async () => {
    await open({ deletionConflict: 'Propagate Deletion' })
    breakPage(couplet, 'commit', undefined, 2)
    expect(await counted('deletions')).toEqual([
      { deleted: 1, uncoupled: 1, waiting: 0 },
      { deleted: 2, uncoupled: 0, waiting: 0 },
    ])
  })
})
