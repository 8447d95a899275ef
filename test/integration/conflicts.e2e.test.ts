import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Issue, IssueFilter } from '../../src/core/sync/issue.ts'
import { resolveConflict } from '../../src/usecases/conflicts/resolve-conflict.ts'
import { breakPage } from '../support/broken-page.ts'
import { ofIssues, workOff } from '../support/bulk.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
beforeEach(async () => {
  couplet = await createInstallation({ systemsSql: `${twoTablesSql} ${insertCustomers(3)}` })
  await couplet.work()
})
afterEach(() => couplet.close())

const edit = (side: 'local' | 'remote', no: string, set: string) =>
  couplet.systems.query(
    side === 'local'
      ? `UPDATE nav.customer SET ${set} WHERE no = '${no}'`
      : `UPDATE crm.account SET ${set} WHERE number = '${no}'`,
  )

const both = (no: string) =>
  couplet.rows(`SELECT c.city, a.city AS there, c.credit::float8, a.credit::float8 AS owed
    FROM nav.customer c JOIN crm.account a ON a.number = c.no WHERE c.no = '${no}'`)

const issues = (): Promise<readonly Issue[]> =>
  couplet.context.deps.stores.operations.listIssues({
    pairId: null,
    mapping: null,
    kind: null,
    code: null,
    limit: 10,
    before: null,
  })

const resolve = (issueId: number | undefined, take: 'local' | 'remote' | { readonly value: string }) =>
  resolveConflict(
    {
      issueId: issueId ?? 0,
      wish: {
        all: typeof take === 'string' ? { take } : { take: 'value', text: take.value },
        byField: new Map(),
      },
      decidedBy: 'somebody',
    },
    couplet.context.deps,
  )

/** Decisions are carried out without a run that anybody starts: the records are due. */
const solved = () => waitFor('no issue', async () => ((await issues()).length === 0 ? true : null), 30_000)

async function clash(...numbers: readonly string[]): Promise<readonly Issue[]> {
  for (const no of numbers) {
    await edit('local', no, `city = 'Here'`)
    await edit('remote', no, `city = 'There'`)
  }
  await couplet.run('modified')
  return issues()
}

const strategy = (fields: object, more: object = {}) => ({
  ...customerMapping,
  ...more,
  fields: customerMapping.fields.map((field) => ({ ...field, ...(field.local === 'credit' ? fields : {}) })),
})

describe('a decision about a conflict', () => {
  beforeEach(async () => {
    await couplet.import(customerMapping)
    await couplet.run('full')
  })

  it.each([
    ['local', 'Here'],
    ['remote', 'There'],
    [{ value: 'Ribe' }, 'Ribe'],
  ] as const)('P4: for %j brings that value to both sides, by itself', async (take, city) => {
    const [conflict, ...more] = await clash('C1')
    expect(more).toEqual([])
    const report = await resolve(conflict?.id, take)
    expect(report).toEqual({ decided: 1, metAgain: 0 })
    await solved()
    expect(await both('C1')).toMatchObject([{ city, there: city }])
    const { rows } = await couplet.store.query(
      `SELECT actor, detail FROM couplet.audit_log WHERE action = 'conflict.decided'`,
    )
    expect(rows).toMatchObject([{ actor: 'somebody', detail: { issues: [conflict?.id] } }])
    // What somebody has typed is a value of a record.
    expect(JSON.stringify(rows)).not.toContain('Ribe')
  })

  it('P4: is asked again, and nothing is overwritten, when a side was changed after it was made', async () => {
    const [conflict] = await clash('C1')
    await edit('remote', 'C1', `city = 'Elsewhere'`)
    await resolve(conflict?.id, 'local')
    const again = await waitFor('the question', async () => {
      const [now] = await issues()
      return now?.conflicts[0]?.remote.value === 'text:Elsewhere' && now.resolution === null ? now : null
    })
    expect(again.conflicts).toMatchObject([
      { local: { value: 'text:Here' }, remote: { base: 'text:City 1' } },
    ])
    expect(await both('C1')).toMatchObject([{ city: 'Here', there: 'Elsewhere' }])
  })

  it('reaches all conflicts alike, or all of a mapping', async () => {
    const [first] = await clash('C1', 'C2')
    await edit('local', 'C3', `name = 'Here'`)
    await edit('remote', 'C3', `name = 'There'`)
    await couplet.run('modified')
    const decide = async (filter: IssueFilter, take: 'local' | 'remote') => {
      const task = { kind: 'resolve', all: { take }, fields: {} } as const
      return (await workOff({ task, selection: ofIssues(filter) }, couplet.context.deps)).counts
    }
    await resolve(first?.id, 'remote')
    expect(await decide({ alikeTo: first?.id }, 'remote')).toMatchObject({ selected: 1, done: 1 })
    await waitFor('two solved', async () => ((await issues()).length === 1 ? true : null), 30_000)
    expect([await both('C1'), await both('C2')]).toMatchObject([[{ city: 'There' }], [{ city: 'There' }]])
    const all = { pairId: couplet.pair.id, mapping: 'CUSTOMER' }
    expect(await decide(all, 'local')).toMatchObject({ selected: 1, done: 1 })
    await solved()
  })
})

describe('strategies', () => {
  it('P4: a sum of changes is on both sides after one run, once', async () => {
    await couplet.import(strategy({ conflict: 'sum of changes' }))
    await couplet.run('full')
    await edit('local', 'C1', `credit = credit + 10.25`)
    await edit('remote', 'C1', `credit = credit - 3`)
    await couplet.run('modified')
    expect(await both('C1')).toMatchObject([{ credit: 8.5, owed: 8.5 }])
    const { rows: before } = await couplet.store.query(`SELECT count(*)::int AS n FROM couplet.outcome`)
    await couplet.run('full')
    const { rows: after } = await couplet.store.query(`SELECT count(*)::int AS n FROM couplet.outcome`)
    expect(after).toEqual(before)
    expect(await issues()).toEqual([])
  })

  it.each([
    ['nobody has edited anything', 1, null, 8.5],
    ['its source was edited', 1, `UPDATE nav.customer SET credit = credit + 1 WHERE no = 'C1'`, 9.5],
    ['nobody has edited anything on the way back', 2, null, 8.5],
  ] as const)(
    'P3, P4: a sum whose page was lost right after the write, when %s, counts once',
    async (_, page, sql, sum) => {
      await couplet.import(strategy({ conflict: 'sum of changes' }))
      await couplet.run('full')
      await edit('local', 'C1', `credit = credit + 10.25`)
      await edit('remote', 'C1', `credit = credit - 3`)
      breakPage(couplet, 'commit', async () => sql && couplet.systems.query(sql), page)
      await couplet.run('modified')
      await couplet.run('modified')
      expect(await both('C1')).toMatchObject([{ credit: sum, owed: sum }])
      expect(await issues()).toEqual([])
    },
  )

  it('P3, P4: a sum that nobody can tell from an edit any more is asked about, and keeps the answer', async () => {
    await couplet.import(strategy({ conflict: 'sum of changes' }))
    await couplet.run('full')
    await edit('local', 'C1', `credit = credit + 10.25`)
    await edit('remote', 'C1', `credit = credit - 3`)
    breakPage(couplet, 'commit', () => edit('remote', 'C1', `credit = credit + 1`))
    await couplet.run('modified')
    const [conflict] = await issues()
    expect(conflict).toMatchObject({ kind: 'conflict', direction: 'to' })
    expect(await both('C1')).toMatchObject([{ credit: 11.5, owed: 9.5 }])
    await resolve(conflict?.id, { value: '9.5' })
    await solved()
    await couplet.run('full')
    expect(await both('C1')).toMatchObject([{ credit: 9.5, owed: 9.5 }])
  })

  it('P4: the newest wins, in whichever job it has to', async () => {
    await couplet.import({ ...customerMapping, updateConflict: 'newest wins' })
    await couplet.run('full')
    await edit('local', 'C1', `city = 'Old'`)
    await edit('remote', 'C1', `city = 'New'`)
    await edit('remote', 'C2', `city = 'Old'`)
    await edit('local', 'C2', `city = 'New'`)
    await couplet.run('modified')
    expect([await both('C1'), await both('C2')]).toMatchObject([
      [{ city: 'New', there: 'New' }],
      [{ city: 'New', there: 'New' }],
    ])
  })
})

describe('records that are matched for the first time', () => {
  const matched = (initialDirection: string) => ({
    ...customerMapping,
    initialDirection,
    fields: customerMapping.fields.map((field) => (field.local === 'no' ? { ...field, match: {} } : field)),
  })
  beforeEach(() =>
    couplet.systems.query(`INSERT INTO crm.account (number, city, credit) VALUES ('C1', 'There', 1.25)`),
  )

  it('P4: "remote is master" brings the remote values to the local side in the same run', async () => {
    await couplet.import(matched('remote is master'))
    await couplet.run('full')
    expect(await both('C1')).toMatchObject([{ city: 'There', there: 'There' }])
  })

  it('P5: "couple only" leaves both as they are until somebody edits the field', async () => {
    await couplet.import(matched('couple only'))
    await couplet.run('full')
    await couplet.run('full')
    expect(await both('C1')).toMatchObject([{ city: 'City 1', there: 'There' }])
    await edit('local', 'C1', `city = 'Ribe'`)
    await couplet.run('modified')
    expect(await both('C1')).toMatchObject([{ city: 'Ribe', there: 'Ribe' }])
  })

  it('P4: "merge" couples them and asks about what differs; the answer completes them', async () => {
    await couplet.import(matched('merge'))
    await couplet.run('full')
    const [conflict] = await issues()
    expect(conflict?.conflicts).toMatchObject([
      { local: { field: 'city', base: null, value: 'text:City 1' } },
    ])
    await resolve(conflict?.id, 'remote')
    await solved()
    expect(await couplet.rows(`SELECT name, city FROM crm.account WHERE number = 'C1'`)).toEqual([
      { name: 'Customer 1', city: 'There' },
    ])
    expect(await both('C1')).toMatchObject([{ city: 'There' }])
  })
})

describe('a field that goes back and forth', () => {
  it('P10: sets its record aside, naming both values and sides, until a person releases it', async () => {
    await couplet.import({ ...customerMapping, pingPongLimit: 2 })
    await couplet.run('full')
    for (const [side, city] of [
      ['local', 'A'],
      ['remote', 'B'],
      ['local', 'A'],
      ['remote', 'B'],
      ['local', 'A'],
    ] as const) {
      await edit(side, 'C1', `city = '${city}'`)
      await couplet.run('modified')
    }
    const [aside] = await issues()
    expect(aside).toMatchObject({ kind: 'skipped', code: 'PING_PONG', field: 'city', value: 'A' })
    expect(aside?.message).toMatch(/customer keeps writing 'A'.*account keeps writing 'B'/)
    expect(await both('C1')).toMatchObject([{ city: 'A', there: 'B' }])
    const selection = ofIssues({ code: 'PING_PONG' })
    await workOff({ task: { kind: 'retry' }, selection }, couplet.context.deps)
    await solved()
    expect(await both('C1')).toMatchObject([{ city: 'A', there: 'A' }])
  })
})
