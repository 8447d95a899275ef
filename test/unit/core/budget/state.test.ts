import { expect, it } from 'vitest'
import { BudgetState, freshBudget } from '../../../../src/core/budget/state.ts'

it('what another version has stored is understood as far as it goes', () => {
  const worker = {
    exchangedAt: 1,
    validUntil: 2,
    requestsTotal: 3,
    executionTotalMs: 4,
    requests: 5,
    interactive: 0,
    executionMs: 6,
    slots: 1,
    interactiveSlots: 0,
    running: 1,
    want: { requests: 1, executionMs: 1, slots: 1, interactiveSlots: 0, mappings: 1 },
    credit: { requests: 0, executionMs: 0 },
    addedLater: 1,
  }
  const stored = { ...freshBudget(10), workers: { one: worker }, addedLater: 1 }
  expect(BudgetState.parse(stored).workers['one']).toMatchObject({ requests: 5, lastsMs: 1_000 })
})
