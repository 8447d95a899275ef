import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { referenceName } from '../../src/core/sync/issue.ts'
import { wantedEvents } from '../../src/core/webhooks/event.ts'
import { createCare } from '../../src/store/care.ts'
import { createStore, type Store } from '../../src/store/store.ts'
import { waitFor } from '../support/servers.ts'
import { openTestPool, openTestStore, type TestStore } from '../support/store.ts'
import {
  couplingWrite,
  givenMapping,
  givenWorkplace,
  issueWrite,
  newLine,
  newRun,
  outcome,
  type Workplace,
} from '../support/store-fixtures.ts'

/** Writes down every statement that a client of the pool is given. */
function listen(pool: Pool): string[] {
  const statements: string[] = []
  pool.on('connect', (client) => {
    const query: unknown = client.query
    if (typeof query !== 'function') throw new Error('No query function')
    Object.assign(client, {
      query: (...args: unknown[]): unknown => {
        const [statement] = args
        statements.push(typeof statement === 'string' ? statement : JSON.stringify(statement))
        return Reflect.apply(query, client, args)
      },
    })
  })
  return statements
}

describe('a page commit', () => {
  let opened: TestStore
  let pool: Pool
  let statements: string[]
  let store: Store
  beforeAll(async () => {
    opened = await openTestStore()
    pool = openTestPool(opened.url)
    statements = listen(pool)
    store = createStore(pool)
  })
  afterAll(async () => {
    await pool.end()
    await opened.close()
  })

  async function waitForBlocked(what: string): Promise<void> {
    const waiting = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`
    await waitFor(what, async () => (await opened.pool.query(waiting)).rowCount === 1)
  }

  /** How long after the end of the lease the deadline of an intent is. */
  async function secondsBehindLease(intentId: number, { fence }: Workplace): Promise<number | undefined> {
    const { rows } = await opened.pool.query<{ seconds: number }>(
      `SELECT extract(epoch FROM deadline_at - (SELECT max(expires_at) FROM couplet.lease WHERE resource = ANY($2)))::float AS seconds
       FROM couplet.page_intent WHERE id = $1`,
      [intentId, fence.resources],
    )
    return rows[0]?.seconds
  }

  async function fullPage(place: Workplace, size: number) {
    const names = Array.from({ length: size }, (_, index) => `N${index}`)
    const old = names.map((name) => couplingWrite(`old ${name}`, `old ${name}`))
    await place.commit({ couplings: old })
    const keys = old.map(({ local }) => local.key)
    const known = await store.sync.findCouplings(place.mapping.id, 'local', keys)
    const requests = names.map((name) => ({
      direction: 'to' as const,
      key: `text:${name}`,
      force: false,
      createMissing: false,
    }))
    await store.runs.createRun(newRun(place.pair, [newLine(place.mapping, { requests })]))
    const mapping = place.mapping.definition.name
    const intent = await store.sync.openIntent(place.fence, {
      mappingId: place.mapping.id,
      direction: 'to',
      jobId: place.jobId,
      writes: [],
      serverRunMs: 60_000,
    })
    return {
      couplings: [
        ...names.map((name) => couplingWrite(name, name)),
        ...known.map(({ id, local, remote }) => ({ ...couplingWrite('', ''), id, local, remote })),
      ],
      outcomes: names.map((name) => outcome(place.jobId, name)),
      openIssues: names.map((name) =>
        issueWrite(place.jobId, name, { waitsFor: referenceName(mapping, 'local', name) }),
      ),
      closeIssues: names.map((name) => ({ direction: 'from' as const, key: name })),
      releases: names.map((name) => referenceName(mapping, 'local', `text:${name}`)),
      counters: new Map([[place.jobId, { read: size, inserted: size }]]),
      checkpoint: { jobId: place.jobId, value: { cursor: 'c', ceiling: null, pages: 1, passDone: false } },
      watermark: { side: 'local' as const, value: 'w', runId: place.runId },
      scannedGeneration: 1,
      closeIntents: [intent],
      keepForLastLook: [intent],
      doneInbox: await store.sync.findInbox(place.mapping.id, 'to', size),
    }
  }

  async function countStatements(): Promise<readonly number[]> {
    const counts: number[] = []
    for (const size of [1, 10, 1_000]) {
      const place = await givenWorkplace(store)
      const page = await fullPage(place, size)
      statements.length = 0
      await place.commit(page)
      counts.push(statements.length)
    }
    return counts
  }

  it('is the same number of statements for 1, 10 and 1,000 records', async () => {
    expect(await countStatements()).toEqual([18, 18, 18])
  })

  it('that somebody wants to hear of is some statements more, as many for 1,000 records', async () => {
    const webhook = {
      name: 'all',
      url: 'https://example.com/',
      events: wantedEvents,
      pairName: null,
      mappingNames: [],
    }
    const { webhooks } = createCare(pool)
    await webhooks.save(webhook, 'sealed', { by: 'test', reason: null })
    // The issues before and after, and what has come of them.
    expect(await countStatements()).toEqual([21, 21, 21])
    await webhooks.remove('all', { by: 'test', reason: null })
  })

  it('sends nothing for what is empty: the fence between begin and commit', async () => {
    const place = await givenWorkplace(store)
    statements.length = 0
    await place.commit()
    expect(statements).toHaveLength(3)
    expect(statements[1]).toMatch(/expires_at > clock_timestamp\(\).*for share/s)
  })

  it('of an unchanged page is the fence, and one for the counters and the checkpoint', async () => {
    const place = await givenWorkplace(store)
    const { counters, checkpoint } = await fullPage(place, 1)
    statements.length = 0
    await place.commit({ counters, checkpoint })
    expect(statements).toHaveLength(4)
  })

  it('writes the result per direction into the coupling, also the failure', async () => {
    const place = await givenWorkplace(store)
    await place.commit({ couplings: [couplingWrite('A', 'B', { jobId: place.jobId })] })
    const results = async () => {
      const { rows } = await opened.pool.query(
        'select last_to_result, last_to_job_id, last_from_result from couplet.coupling where mapping_id = $1',
        [place.mapping.id],
      )
      return rows[0]
    }
    expect(await results()).toEqual({
      last_to_result: 'success',
      last_to_job_id: String(place.jobId),
      last_from_result: null,
    })
    const conflict = { kind: 'conflict', direction: 'from' } as const
    await place.commit({
      openIssues: [issueWrite(7, 'A', { kind: 'failed' }), issueWrite(8, 'B', conflict)],
    })
    expect(await results()).toEqual({
      last_to_result: 'failed',
      last_to_job_id: '7',
      last_from_result: 'conflict',
    })
  })

  it('P2: an intent that waits for a renewal counts its deadline from the lease as it was renewed', async () => {
    const place = await givenWorkplace(store)
    const { mapping, jobId, fence } = place
    const renewal = await opened.pool.connect()
    await renewal.query('BEGIN')
    const renewed = `UPDATE couplet.lease SET expires_at = expires_at + interval '1 hour' WHERE resource = ANY($1)`
    await renewal.query(renewed, [fence.resources])
    const intent = { mappingId: mapping.id, direction: 'to', jobId, writes: [], serverRunMs: 60_000 } as const
    const opening = store.sync.openIntent(fence, intent)
    await waitForBlocked('the intent to wait for the renewal')
    await renewal.query('COMMIT')
    renewal.release()
    expect(await secondsBehindLease(await opening, place)).toBe(60)
  })

  it('P2: does not hide an intent that is opened beside it from a renewal of the lease that waits for it', async () => {
    const place = await givenWorkplace(store)
    const page = await opened.pool.connect()
    await page.query('BEGIN')
    await page.query('SELECT FROM couplet.lease WHERE resource = ANY($1) FOR SHARE', [place.fence.resources])
    const renewal = store.leases.renew(place.fence, 120_000)
    await waitForBlocked('the renewal to wait for the page')
    const { mapping, jobId, fence } = place
    const intent = { mappingId: mapping.id, direction: 'to', jobId, writes: [], serverRunMs: 60_000 } as const
    const id = await store.sync.openIntent(fence, intent)
    await page.query('COMMIT')
    page.release()
    expect(await renewal).toBe(true)
    expect(await secondsBehindLease(id, place)).toBe(60)
  })

  it('reads mappings in a constant number of statements, and what it has read once in one', async () => {
    const place = await givenWorkplace(store)
    for (let index = 0; index < 5; index += 1) await givenMapping(store, place.pair)
    statements.length = 0
    expect(await store.mappings.listMappings(place.pair.id)).toHaveLength(6)
    expect(statements.length).toBeLessThanOrEqual(3)
    statements.length = 0
    expect(await store.mappings.listMappings(place.pair.id)).toHaveLength(6)
    expect(statements).toHaveLength(1)
  })
})
