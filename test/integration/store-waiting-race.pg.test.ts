import type { PoolClient } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { referenceName } from '../../src/core/sync/issue.ts'
import { waitFor } from '../support/servers.ts'
import { openTestStore, type TestStore } from '../support/store.ts'
import {
  couplingWrite,
  givenPair,
  givenWorkplace,
  issueWrite,
  unique,
  type Workplace,
} from '../support/store-fixtures.ts'

/**
 * A customer page finds its salesperson uncoupled; the salesperson's page couples it and releases nobody, because the
 * issue is not there yet; then the customer page opens the issue. Each page is stopped at the end of its transaction
 * by a lock of ours, so that both are open at the same time on two real connections.
 */
describe('a record that starts to wait while what it waits for is being coupled', () => {
  let opened: TestStore
  let people: Workplace
  let customers: Workplace
  let gate: PoolClient
  beforeAll(async () => {
    opened = await openTestStore()
  })
  afterAll(() => opened.close())
  beforeEach(async () => {
    const pair = await givenPair(opened.store)
    people = await givenWorkplace(opened.store, pair, unique('PEOPLE'))
    customers = await givenWorkplace(opened.store, pair, unique('CUSTOMERS'))
  })

  const reference = () => referenceName(people.mapping.definition.name, 'local', 'text:JO')
  const couple = () => people.commit({ couplings: [couplingWrite('JO', 'R')], releases: [reference()] })
  const startWaiting = () =>
    customers.commit({
      openIssues: [issueWrite(customers.jobId, 'A', { kind: 'waiting', waitsFor: reference() })],
    })
  const dueIssues = () => opened.store.sync.findDueIssues(customers.mapping.id, 'to', 10)
  const countWaiters = async (type: string) => {
    const { rows } = await opened.pool.query<{ count: number }>(
      `select count(*)::int from pg_stat_activity where wait_event_type = 'Lock' and wait_event = $1
         and datname = current_database()`,
      [type],
    )
    return rows[0]?.count ?? 0
  }
  /** Makes every commit that writes an issue or a coupling wait at its end, until the gate opens. */
  const closeGate = async () => {
    await opened.pool.query(`
      create or replace function couplet.gate() returns trigger language plpgsql as
        $$ begin perform pg_advisory_xact_lock_shared(4711); return null; end $$;
      create constraint trigger gate after insert on couplet.issue deferrable initially deferred
        for each row execute function couplet.gate();
      create constraint trigger gate after insert on couplet.coupling deferrable initially deferred
        for each row execute function couplet.gate()`)
    gate = await opened.pool.connect()
    await gate.query('begin')
    await gate.query('select pg_advisory_xact_lock(4711)')
  }
  const openGate = async () => {
    await gate.query('commit')
    gate.release()
  }

  const removeGate = () =>
    opened.pool.query(`
      drop trigger gate on couplet.issue; drop trigger gate on couplet.coupling; drop function couplet.gate`)

  it.each([
    ['the coupling first', couple, startWaiting],
    ['the waiting record first', startWaiting, couple],
  ])('becomes due, %s', async (_order, first, second) => {
    await closeGate()
    const one = first()
    await waitFor('the first page is at its commit', async () => (await countWaiters('advisory')) === 1)
    const two = second()
    await waitFor('the second page waits too', async () => (await countWaiters('advisory')) === 2)
    await openGate()
    await Promise.all([one, two])
    await removeGate()
    expect((await dueIssues()).map(({ key }) => key)).toEqual(['text:A'])
  })

  it('becomes due in any order, again and again', async () => {
    for (let round = 0; round < 20; round += 1) {
      const names = ['A', 'B', 'C'].map((key) => `${key}${round}`)
      const name = (key: string) => referenceName(people.mapping.definition.name, 'local', `text:${key}`)
      await Promise.all([
        people.commit({ couplings: names.map((key) => couplingWrite(key, key)), releases: names.map(name) }),
        customers.commit({
          openIssues: names.map((key) => issueWrite(customers.jobId, key, { waitsFor: name(key) })),
        }),
      ])
      expect(await dueIssues()).toHaveLength(3)
      const solved = names.map((key) => ({ direction: 'to' as const, key: `text:${key}` }))
      await customers.commit({ closeIssues: solved })
    }
  })

  it('does not make pages of mappings wait that have nothing to do with each other', async () => {
    await closeGate()
    const first = couple()
    await waitFor('the first page is at its commit', async () => (await countWaiters('advisory')) === 1)
    await customers.commit({
      releases: [referenceName(customers.mapping.definition.name, 'local', 'text:A')],
    })
    await openGate()
    await first
    await removeGate()
  })
})
