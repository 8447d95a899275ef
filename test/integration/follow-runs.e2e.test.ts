import { afterAll, beforeAll, expect, it } from 'vitest'
import { CoupletClient, type RunDetails } from '../../src/client/client.ts'
import { type Api, startApi } from '../support/api.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
let api: Api
const looks: number[] = []

beforeAll(async () => {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(1)}`,
    env: { COUPLET_PORT: '0' },
  })
  await couplet.import(customerMapping)
  const { context } = couplet
  const { runs } = context.deps.stores
  const counted = {
    ...runs,
    getRun: (id: number) => {
      looks.push(performance.now())
      return runs.getRun(id)
    },
  }
  const stores = { ...context.deps.stores, runs: counted }
  api = await startApi({ ...context, deps: { ...context.deps, stores } })
})
afterAll(async () => {
  await api.close()
  await couplet.close()
})

it('many who follow one run look at it together, and nobody follows without end', async () => {
  const id = await couplet.start('full')
  const gone = new AbortController()
  const headers = { authorization: `Bearer ${api.key}` }
  const follow = () => fetch(`${api.url}/api/v1/runs/${id}/events`, { headers, signal: gone.signal })
  const streams = await Promise.all(Array.from({ length: 50 }, follow))
  expect(streams.map(({ status }) => status)).toEqual(streams.map(() => 200))
  const refused = await follow()
  expect([refused.status, await refused.text()]).toEqual([429, expect.stringContaining('TOO_MANY_ATTEMPTS')])
  looks.length = 0
  await waitFor('some looks', () => looks.length >= 4)
  expect((looks[3] ?? 0) - (looks[0] ?? 0)).toBeGreaterThan(1_000)
  gone.abort()
  const again = new AbortController()
  const found = await waitFor('a place', async () => {
    const answer = await fetch(`${api.url}/api/v1/runs/${id}/events`, { headers, signal: again.signal })
    return answer.status === 200 && answer
  })
  expect(found.headers.get('content-type')).toContain('text/event-stream')
  again.abort()
})

it('the client learns of the end of a run also where others have taken all places', async () => {
  const id = await couplet.start('modified')
  const gone = new AbortController()
  const headers = { authorization: `Bearer ${api.key}` }
  const follow = () => fetch(`${api.url}/api/v1/runs/${id}/events`, { headers, signal: gone.signal })
  await waitFor('that all places are taken', async () => (await follow()).status === 429)
  const seen: RunDetails[] = []
  const followed = (async () => {
    const client = new CoupletClient({ url: api.url, key: api.key, patienceMs: 100 })
    for await (const details of client.followRun(id)) seen.push(details)
  })()
  await waitFor('a state', () => seen.length > 0)
  const before = looks.length
  await waitFor('more looks at the run', () => looks.length > before + 4)
  expect(seen).toHaveLength(1)
  await couplet.work()
  await followed
  gone.abort()
  expect(seen.at(-1)?.run.state).toBe('succeeded')
})
