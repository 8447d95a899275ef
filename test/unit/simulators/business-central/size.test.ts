import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningBusinessCentral } from '../../../../src/simulators/business-central/simulator.ts'
import { type Client, signIn, startCronus } from '../../../support/business-central.ts'

const customers = 1_000_000

let server: RunningBusinessCentral
let client: Client

beforeAll(async () => {
  server = await startCronus({ customers })
  client = await signIn(server)
})
afterAll(() => server.close())

/** Records that are held in memory, in all tables. */
async function kept(): Promise<number> {
  const { json } = await client.admin('tables')
  return json.reduce((sum: number, table: { kept: number }) => sum + table.kept, 0)
}

describe('a million customers', () => {
  it('are there, and none of them is kept in memory however they are read', async () => {
    expect((await client.company('customers/$count')).text).toBe(String(customers))
    const first = await client.company('customers?$select=number', {
      headers: { prefer: 'odata.maxpagesize=100' },
    })
    expect(first.json['@odata.nextLink']).toBeDefined()
    const last = await client.company(
      'customers?$filter=lastModifiedDateTime ge 2024-01-03T21:26:39.5Z&$orderby=lastModifiedDateTime,id&$select=number',
    )
    expect(last.json.value.map((row: { number: string }) => row.number)).toEqual(['C999999', 'C1000000'])
    const one = await client.custom(
      "contacts?$filter=number eq 'CT1600001'&$select=displayName,customerNumber",
    )
    expect(one.json.value[0].customerNumber).toBe('C00001')
    expect(await kept()).toBe(0)
  })

  it('only what somebody has touched is kept', async () => {
    const created = await client.custom('customers', { body: { displayName: 'One more' } })
    expect(created.json.number).toBe('C1000001')
    const path = 'customers(0000006e-0000-4000-806e-000000000000)'
    const headers = { 'if-match': '*' }
    await client.custom(path, { method: 'PATCH', body: { displayName: 'Edited' }, headers })
    // The two customers and their company contacts.
    expect(await kept()).toBe(4)
    expect((await client.company('customers/$count')).text).toBe(String(customers + 1))
    const seen = await client.company(
      'customers?$orderby=lastModifiedDateTime,id&$filter=lastModifiedDateTime gt 2025-01-01T00:00:00Z',
    )
    expect(seen.json.value).toHaveLength(2)
  })
})
