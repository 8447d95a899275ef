import { afterEach, beforeEach, expect, it } from 'vitest'
import { runCommand } from '../support/cli.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import {
  customerMapping,
  insertCustomers,
  orderMapping,
  orderTablesSql,
  twoTablesSql,
} from '../support/two-tables.ts'

const [number, ...others] = customerMapping.fields
const matching = { ...customerMapping, fields: [{ ...number, match: {} }, ...others] }

let couplet: Installation
beforeEach(async () => {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(2)};
      INSERT INTO crm.account (number, name) VALUES ('C1', 'One'), ('C2', 'Two'); ${orderTablesSql}`,
  })
  await couplet.import(matching as never, orderMapping)
})
afterEach(() => couplet.close())
const say = (...args: string[]) => runCommand(args, couplet.env)

it('couples by match and by hand, lists the matches, and uncouples', async () => {
  const tried = JSON.parse(
    (await say('couple', 'CUSTOMER', '--match', '--dry-run', '--wait', '--json')).stdout,
  )
  expect(tried).toMatchObject({ run: { kind: 'couple', state: 'succeeded' }, counters: { coupled: 2 } })
  const list = JSON.parse((await say('matches', String(tried.run.id), '--result', 'unique', '--json')).stdout)
  expect(list.matches).toHaveLength(2)
  expect(list.matches[0]).toMatchObject({ verdict: 'unique', candidateCount: 1 })
  const [account] = await couplet.rows<{ id: string }>(`SELECT id FROM crm.account WHERE number = 'C2'`)
  const pair = ['couple', 'CUSTOMER', 'C1', account?.id ?? '', '--wait']
  const previewed = await say(...pair, '--dry-run')
  expect(previewed.stdout).toContain('This was a preview: nothing has been written.')
  expect(previewed.stdout).toMatch(/CUSTOMER +local → remote +coupled +1/)
  const coupled = await say(...pair, '--json')
  expect(JSON.parse(coupled.stdout)).toMatchObject({ counters: { coupled: 1 } })
  const refused = await say('couple', 'CUSTOMER', 'C2', account?.id ?? '')
  expect(refused).toMatchObject({ stderr: expect.stringContaining('ALREADY_COUPLED') })
  expect((await say('uncouple', 'CUSTOMER', '--all')).stderr).toContain('--yes')
  const uncoupled = await say('uncouple', 'CUSTOMER', 'C1', '--wait', '--json')
  expect(JSON.parse(uncoupled.stdout)).toMatchObject({ counters: { uncoupled: 1 } })
}, 180_000)

it('names who refers to a record before it is uncoupled, in a dry run and in the outcome', async () => {
  await say('sync', 'full', '--keep-creating', 'no', '--wait')
  const refused = await say('uncouple', 'CUSTOMER', 'C1')
  expect(refused.stderr).toMatch(
    /C1 would be uncoupled; still referred to by 1 record of ORDERS \(.+\); confirm it with --yes/,
  )
  expect((await say('uncouple', 'CUSTOMER', '--all')).stderr).toContain('2 records of ORDERS')
  const previewed = await say('uncouple', 'CUSTOMER', '--all', '--dry-run', '--wait')
  expect(previewed.stdout).toMatch(/uncoupled +STILL_REFERRED_TO +2 +Still referred to by 1 record of ORDERS/)
  const done = JSON.parse((await say('uncouple', 'CUSTOMER', 'C1', '--yes', '--wait', '--json')).stdout)
  expect(done).toMatchObject({ run: { state: 'succeeded' }, counters: { uncoupled: 1 } })
  const listed = JSON.parse((await say('outcomes', '--run', String(done.run.id), '--json')).stdout)
  expect(listed.outcomes).toMatchObject([{ kind: 'uncoupled', code: 'STILL_REFERRED_TO' }])
}, 180_000)

it('leaves out what cannot be coupled, and synchronizes the rest as recommended', async () => {
  await couplet.import(customerMapping)
  const reviewed = await say('review')
  expect(reviewed.stdout).toMatch(/^CUSTOMER.*No Match Fields/m)
  const run = await say('sync', 'full', '--review', '--dry-run', '--wait', '--json')
  expect(run.stderr).toContain('CUSTOMER is left out: both sides have records, and no field has `match`')
  const { lines } = JSON.parse(run.stdout)
  expect(lines.map(({ mappingName }: { mappingName: string }) => mappingName)).toEqual(['ORDERS'])
}, 180_000)
