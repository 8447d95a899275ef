import { describe, expect, it } from 'vitest'
import type { Store } from '../../../src/store/store.ts'
import { budgetReport, dataverse, type ReportParts } from '../../support/budget-fixtures.ts'
import { unique } from '../../support/store-fixtures.ts'

/** What is granted is the rule's matter; the store's is that all workers see one state, and one after another. */
export function budgetContract(store: () => Store): void {
  const givenConnection = async () => {
    const connection = { name: unique('budget'), kind: 'memory', settings: {} }
    return (await store().mappings.saveConnection(connection)).id
  }
  const exchange = (connectionId: number, worker: string, parts: ReportParts, identity = 'sync') =>
    store().budgets.exchange({
      connectionId,
      identity,
      limits: dataverse,
      report: budgetReport(worker, parts),
    })

  describe('request budgets', () => {
    it('what one worker is granted and uses is missing for the others', async () => {
      const connectionId = await givenConnection()
      const grant = await exchange(connectionId, 'a', { want: { interactive: 6_000 } })
      expect(grant).toMatchObject({ interactive: 6_000, holdForMs: 0, validForMs: 3_000 })
      expect(await exchange(connectionId, 'b', { want: { interactive: 10 } })).toMatchObject({
        interactive: 0,
      })
      await exchange(connectionId, 'a', { requestsTotal: 100, keep: { interactive: 5_000 } })
      expect(await exchange(connectionId, 'b', { want: { interactive: 6_000 } })).toMatchObject({
        interactive: 900,
      })
    })

    it('each identity and each connection has a budget of its own', async () => {
      const connectionId = await givenConnection()
      const all = { want: { interactive: 6_000 } }
      for (const identity of ['one', 'two']) {
        expect(await exchange(connectionId, 'a', all, identity)).toMatchObject({ interactive: 6_000 })
      }
      expect(await exchange(await givenConnection(), 'a', all, 'one')).toMatchObject({ interactive: 6_000 })
      const budgets = await store().budgets.readBudgets(connectionId)
      expect(budgets.map(({ identity }) => identity)).toEqual(['one', 'two'])
    })

    it('exchanges at the same time happen one after another: nothing is granted twice', async () => {
      const connectionId = await givenConnection()
      const workers = Array.from({ length: 12 }, (_, each) => `w${each}`)
      const grants = await Promise.all(
        workers.map((worker) => exchange(connectionId, worker, { want: { interactive: 1_000 } })),
      )
      expect(grants.reduce((sum, { interactive }) => sum + interactive, 0)).toBe(6_000)
    })

    it('a hold that one worker reports holds them all, and can be read', async () => {
      const connectionId = await givenConnection()
      await exchange(connectionId, 'a', {
        signals: { throttled: ['requests'], holdForMs: 60_000 },
        want: { requests: 1 },
      })
      const other = await exchange(connectionId, unique('w'), { want: { requests: 5, interactive: 5 } })
      expect(other).toMatchObject({ requests: 0, interactive: 0 })
      expect(other.holdForMs).toBeGreaterThan(50_000)
      const [budget] = await store().budgets.readBudgets(connectionId)
      expect(budget?.state.holdUntil).toBeGreaterThan((budget?.now ?? 0) + 50_000)
    })

    it('a connection whose budget nobody has used has none to read', async () => {
      expect(await store().budgets.readBudgets(await givenConnection())).toEqual([])
    })
  })
}
