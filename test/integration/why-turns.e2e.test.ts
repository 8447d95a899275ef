import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Api, startApi } from '../support/api.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

const path = '/api/v1/records/why?mapping=CUSTOMER&key=C1'

let couplet: Installation
let api: Api
let systems: Client
beforeEach(async () => {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(3)}`,
    env: { COUPLET_PORT: '0' },
  })
  await couplet.import(customerMapping)
  api = await startApi(couplet.context)
  systems = new Client({ connectionString: couplet.env['SYSTEMS_URL'] })
  await systems.connect()
})
afterEach(async () => {
  await systems.end()
  await api.close()
  await couplet.close()
})

/** Sessions that read the table of customers and wait for whoever holds it. */
async function looking(): Promise<number> {
  const { rows } = await systems.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_locks WHERE relation = 'nav.customer'::regclass AND NOT granted`,
  )
  return rows[0]?.n ?? 0
}

describe('looks at records of systems that do not answer', () => {
  it('are few at once; what is asked beyond is refused, and who hangs up asks no further', async () => {
    expect(await api.get(path)).toMatchObject({ status: 200 })
    await systems.query('BEGIN; LOCK TABLE nav.customer IN ACCESS EXCLUSIVE MODE')
    const caller = new AbortController()
    const headers = { authorization: `Bearer ${api.key}` }
    const asked = Array.from({ length: 54 }, () =>
      api.send(path, { headers, signal: caller.signal }).catch(() => 'given up'),
    )
    await waitFor('the looks before the lock', async () => (await looking()) > 0)
    await waitFor('the last place to be taken', async () => {
      const answer = await Promise.race([api.get(path), looking().then(() => null)])
      return answer?.status === 429 && answer.text.includes('TOO_MANY_ATTEMPTS')
    })
    expect(await looking()).toBeLessThanOrEqual(4)
    caller.abort()
    // One of them may have come later than a question of this test, and have been refused.
    const answers = (await Promise.all(asked)).map((each) => (typeof each === 'string' ? each : each.status))
    expect(['given up', 429]).toEqual(expect.arrayContaining([...new Set(answers)]))
    expect(answers).toContain('given up')
    await systems.query('ROLLBACK')
    await waitFor('a look to be answered', async () => (await api.get(path)).status === 200)
  })
})
