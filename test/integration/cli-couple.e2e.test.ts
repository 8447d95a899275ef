import { afterEach, beforeEach, expect, it } from 'vitest'
import { runCommand } from '../support/cli.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
beforeEach(async () => {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(2)};
      INSERT INTO crm.account (number, name) VALUES ('C1', 'One'), ('C2', 'Two')`,
  })
  const [no, ...fields] = customerMapping.fields
  await couplet.import({ ...customerMapping, fields: [{ ...no, match: {} }, ...fields] } as never)
})
afterEach(() => couplet.close())

it('couples by match and by hand, lists the matches, and uncouples', async () => {
  const say = (...args: string[]) => runCommand(args, couplet.env)
  const tried = JSON.parse(
    (await say('couple', 'CUSTOMER', '--match', '--dry-run', '--wait', '--json')).stdout,
  )
  expect(tried).toMatchObject({ run: { kind: 'couple', state: 'succeeded' }, counters: { coupled: 2 } })
  const list = JSON.parse((await say('matches', String(tried.run.id), '--result', 'unique', '--json')).stdout)
  expect(list.matches).toHaveLength(2)
  expect(list.matches[0]).toMatchObject({ verdict: 'unique', candidateCount: 1 })
  const [account] = await couplet.rows<{ id: string }>(`SELECT id FROM crm.account WHERE number = 'C2'`)
  const coupled = await say('couple', 'CUSTOMER', 'C1', account?.id ?? '', '--wait', '--json')
  expect(JSON.parse(coupled.stdout)).toMatchObject({ counters: { coupled: 1 } })
  const refused = await say('couple', 'CUSTOMER', 'C2', account?.id ?? '')
  expect(refused).toMatchObject({ stderr: expect.stringContaining('ALREADY_COUPLED') })
  expect((await say('uncouple', 'CUSTOMER', '--all')).stderr).toContain('--yes')
  const uncoupled = await say('uncouple', 'CUSTOMER', 'C1', '--wait', '--json')
  expect(JSON.parse(uncoupled.stdout)).toMatchObject({ counters: { uncoupled: 1 } })
}, 180_000)
