import { expect, it } from 'vitest'
import { readBudgetState } from '../../../../src/core/budget/budget-reading.ts'
import { exchange } from '../../../../src/core/budget/exchange.ts'
import { freshBudget } from '../../../../src/core/budget/state.ts'
import { budgetReport, businessCentral, dataverse } from '../../../support/budget-fixtures.ts'

it('a budget that nobody has used is all there', () => {
  expect(readBudgetState(freshBudget(0), 1_000, businessCentral)).toEqual({
    facets: [
      { facet: 'requests', limit: 6_000, usable: 6_000, used: 0 },
      { facet: 'concurrency', limit: 5, usable: 5, used: 0 },
    ],
    binding: 'requests',
    holdForMs: 0,
    parallelismHint: null,
    workers: 0,
  })
})

it('says what is used of each limit, what was learned, and which limit binds', () => {
  const wanting = budgetReport('w', { want: { requests: 100, executionMs: 1e6, slots: 9 } })
  const { state } = exchange(freshBudget(0), wanting, 0, dataverse)
  const used = exchange(
    state,
    budgetReport('w', {
      requestsTotal: 60,
      executionTotalMs: 600_000,
      running: 6,
      keep: { slots: 6 },
      signals: { parallelismHint: 8 },
    }),
    1_000,
    dataverse,
  )
  const reading = readBudgetState(used.state, 2_000, dataverse)
  expect(reading).toMatchObject({ binding: 'execution-time', holdForMs: 0, parallelismHint: 8, workers: 1 })
  expect(reading.facets).toEqual([
    { facet: 'requests', limit: 6_000, usable: 6_000, used: 60 },
    { facet: 'execution-time', limit: 1_200_000, usable: 1_200_000, used: 600_000 },
    { facet: 'concurrency', limit: 51, usable: 8, used: 6 },
  ])
})

it('says that and how long it is held, after a refusal that has taught it a smaller limit', () => {
  const signals = { throttled: ['requests'], holdForMs: 30_000 } as const
  const { state } = exchange(
    freshBudget(0),
    budgetReport('w', { want: { requests: 1 }, signals }),
    0,
    dataverse,
  )
  const reading = readBudgetState(state, 10_000, dataverse)
  expect(reading).toMatchObject({ binding: 'hold', holdForMs: 20_000 })
  expect(reading.facets[0]).toMatchObject({ limit: 6_000, usable: 3_000 })
})
