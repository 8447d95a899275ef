import { afterAll, beforeAll, it } from 'vitest'
import { openTestStore, type TestStore } from '../support/store.ts'
import { assertHistories } from './assert-histories.ts'

let opened: TestStore
beforeAll(async () => {
  opened = await openTestStore()
})
afterAll(() => opened.close())

/** Its clock cannot be moved, so everything that it keeps for later is moved towards it. */
async function pass(ms: number): Promise<void> {
  const earlier = `- ${ms} * interval '1 millisecond'`
  await opened.pool.query(`
    update couplet.lease set expires_at = expires_at ${earlier};
    update couplet.page_intent set deadline_at = deadline_at ${earlier};
    update couplet.issue set next_attempt_at = next_attempt_at ${earlier};
    update couplet.line set finished_at = finished_at ${earlier}`)
}

async function openEmptyStore() {
  await opened.pool.query('truncate couplet.connection, couplet.outcome cascade')
  return { stores: opened.store, pass }
}

it(
  'P1–P12: the same histories end the same way on Postgres',
  () => assertHistories({ seed: 1, stage: { openStore: openEmptyStore }, runs: 15 }),
  3_600_000,
)
