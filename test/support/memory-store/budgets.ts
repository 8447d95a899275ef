import { exchange } from '../../../src/core/budget/exchange.ts'
import { type BudgetState, freshBudget } from '../../../src/core/budget/state.ts'
import type { BudgetStore } from '../../../src/core/ports/budget-store.ts'
import type { Clock } from '../../../src/core/ports/runtime.ts'

export function createBudgetStore(clock: Clock): BudgetStore {
  const budgets = new Map<number, Map<string, BudgetState>>()
  const now = () => clock.now().getTime()
  return {
    exchange: async ({ connectionId, identity, limits, report }) => {
      const ofConnection = budgets.get(connectionId) ?? new Map<string, BudgetState>()
      budgets.set(connectionId, ofConnection)
      const { state, grant } = exchange(
        ofConnection.get(identity) ?? freshBudget(now()),
        report,
        now(),
        limits,
      )
      ofConnection.set(identity, state)
      return grant
    },
    readBudgets: async (connectionId) =>
      [...(budgets.get(connectionId) ?? [])]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([identity, state]) => ({ identity, state, now: now() })),
  }
}
