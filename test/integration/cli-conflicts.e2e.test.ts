import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from '../support/cli.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

/** One story: the commands build on each other, as a person would type them. */
describe('conflicts on the command line', () => {
  let installation: Installation
  let issue = ''
  const couplet = (...args: string[]) => runCommand(args, { ...installation.env })

  beforeAll(async () => {
    installation = await createInstallation({ systemsSql: `${twoTablesSql} ${insertCustomers(2)}` })
    await installation.import(customerMapping)
    await installation.work()
    await installation.run('full')
    await installation.systems.query(`
      UPDATE nav.customer SET city = 'Here', name = 'Mine' WHERE no = 'C1';
      UPDATE crm.account SET city = 'There', name = 'Yours' WHERE number = 'C1'`)
    await installation.run('modified')
  })
  afterAll(() => installation.close())

  it('are listed field by field, with base and both values', async () => {
    const { stdout, code } = await couplet('conflicts', '--mapping', 'CUSTOMER')
    expect(code).toBe(0)
    expect(stdout).toMatch(/CUSTOMER .* city +'City 1' +'Here' .*'There'/)
    expect(stdout).toMatch(/CUSTOMER .* name +'Customer 1' +'Mine' .*'Yours'/)
    const { conflicts } = JSON.parse((await couplet('conflicts', '--json')).stdout)
    expect(conflicts).toHaveLength(1)
    issue = String(conflicts[0].id)
  })

  it('cannot be decided in part, or by a value that the field cannot hold, and nothing is stored', async () => {
    const part = await couplet('resolve', issue, '--field', 'city=local')
    expect(part).toMatchObject({ code: 1, stderr: expect.stringMatching(/about name.*RESOLUTION_INVALID/s) })
    const long = await couplet('resolve', issue, '--take', `value=${'x'.repeat(40)}`)
    expect(long.stderr).toMatch(/city: .* has 40 characters, but the field takes 30/)
    expect((await couplet('conflicts')).stdout).not.toContain('by cli')
  })

  it('are not decided like a deletion, and a deletion not like a conflict', async () => {
    const deletion = await couplet('resolve', issue, '--deletion', 'restore')
    expect(deletion).toMatchObject({ code: 1, stderr: expect.stringMatching(/--take.*RESOLUTION_INVALID/s) })
    const both = await couplet('resolve', issue, '--deletion', 'restore', '--take', 'local')
    expect(both.stderr).toMatch(/'--deletion <choice>' cannot be used with option '--take <choice>'/)
    await installation.systems.query(`DELETE FROM crm.account WHERE number = 'C2'`)
    await installation.run('deletions')
    const { issues } = JSON.parse((await couplet('issues', '--code', 'COUPLED_TO_DELETED', '--json')).stdout)
    const lost = String(issues[0].id)
    const conflict = await couplet('resolve', lost, '--take', 'local')
    expect(conflict.stderr).toMatch(/--deletion.*RESOLUTION_INVALID/s)
    expect(await couplet('resolve', '--all', '--wait', '--take', 'local')).toMatchObject({ code: 1 })
    expect(await couplet('resolve', lost, '--deletion', 'restore', '--wait')).toMatchObject({ code: 0 })
    expect(await installation.rows(`SELECT number FROM crm.account WHERE number = 'C2'`)).toHaveLength(1)
  })

  it('are decided as a whole, and carried out by a running service', async () => {
    const result = await couplet('resolve', issue, '--take', 'remote', '--field', 'city=value=Ribe', '--json')
    expect(JSON.parse(result.stdout)).toEqual({ decided: 1, metAgain: 0 })
    await waitFor('the decision', async () =>
      (await couplet('conflicts')).stderr.includes('There are no conflicts.') ? true : null,
    )
    expect(
      await installation.rows(`SELECT c.name, c.city, a.name AS named, a.city AS there
        FROM nav.customer c JOIN crm.account a ON a.number = c.no WHERE c.no = 'C1'`),
    ).toEqual([{ name: 'Yours', city: 'Ribe', named: 'Yours', there: 'Ribe' }])
  })

  it('are decided with those that are alike, however fast the first is carried out', async () => {
    await installation.systems.query(
      `UPDATE nav.customer SET city = 'Here'; UPDATE crm.account SET city = 'There'`,
    )
    await installation.run('modified')
    const [first] = JSON.parse((await couplet('conflicts', '--json')).stdout).conflicts
    const result = await couplet('resolve', String(first.id), '--alike', '--take', 'remote')
    expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining('2 conflict(s) decided.') })
  })
})
