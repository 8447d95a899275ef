import { describe, expect, it } from 'vitest'
import { exchange } from '../../../../src/core/budget/exchange.ts'
import { type BudgetState, freshBudget } from '../../../../src/core/budget/state.ts'
import { totalUsage } from '../../../../src/core/budget/window.ts'
import {
  budgetReport,
  businessCentral,
  dataverse,
  type ReportParts,
} from '../../../support/budget-fixtures.ts'

/** A state that exchanges go through one after another. */
function budget(limits = dataverse) {
  let state: BudgetState = freshBudget(0)
  return {
    get state() {
      return state
    },
    at(now: number, worker: string, parts: ReportParts = {}) {
      const result = exchange(state, budgetReport(worker, parts), now, limits)
      state = result.state
      return result.grant
    },
  }
}

const work = { want: { requests: 50, executionMs: 50_000, slots: 10 } }

describe('an exchange', () => {
  it('that is repeated because its answer was lost books nothing twice', () => {
    const shared = budget()
    shared.at(0, 'a', work)
    for (const now of [500, 501]) shared.at(now, 'a', { requestsTotal: 7, executionTotalMs: 70 })
    expect(totalUsage(shared.state.usage)).toEqual({ requests: 7, executionMs: 70 })
  })

  it('books the whole grant of a worker that falls silent, and lets its slots go after a while', () => {
    const shared = budget(businessCentral)
    const { requests, slots } = shared.at(0, 'dead', { lastsMs: 60_000, want: { requests: 50, slots: 5 } })
    expect(requests).toBeGreaterThan(0)
    expect(slots).toBe(5)
    const wants = { want: { requests: 5, slots: 5 } }
    expect(shared.at(2_999, 'b', wants).slots).toBe(0)
    expect(shared.at(3_001, 'b', wants).slots).toBe(0)
    expect(totalUsage(shared.state.usage).requests).toBe(requests)
    expect(shared.at(33_001, 'b', wants).slots).toBe(5)
  })

  it('lets the slots of a silent worker go sooner where its requests are short', () => {
    const shared = budget(businessCentral)
    shared.at(0, 'dead', { lastsMs: 100, want: { requests: 50, slots: 5 } })
    const wants = { want: { requests: 5, slots: 5 } }
    expect(shared.at(3_001, 'b', wants).slots).toBe(0)
    expect(shared.at(3_301, 'b', wants).slots).toBe(5)
  })

  it('takes back what is not kept, and forgets a worker that keeps and wants nothing', () => {
    const shared = budget()
    shared.at(0, 'a', { want: { interactive: 6_000 } })
    shared.at(10, 'a')
    expect(shared.state.workers).toEqual({})
    expect(shared.at(20, 'b', { want: { interactive: 6_000 } }).interactive).toBe(6_000)
  })

  it('keeps the reserved share from scheduled work', () => {
    const shared = budget()
    let total = 0
    for (let now = 0; now < 290_000; now += 500) {
      const { requests } = shared.at(now, 'a', {
        requestsTotal: total,
        want: { requests: 1_000, executionMs: 1e6, slots: 50 },
      })
      total += requests
    }
    expect(total).toBeGreaterThan(5_400)
    expect(total).toBeLessThanOrEqual(5_700)
    expect(shared.at(290_000, 'person', { want: { interactive: 200 } }).interactive).toBe(200)
  })

  it('gives the slots of scheduled work to interactive work first', () => {
    const shared = budget(businessCentral)
    expect(shared.at(0, 'a', { want: { requests: 9, slots: 9 } }).slots).toBe(5)
    const person = { want: { interactive: 1, interactiveSlots: 1 } }
    expect(shared.at(100, 'person', person).interactiveSlots).toBe(0)
    expect(shared.at(200, 'a', { keep: { slots: 5 }, running: 5, want: { slots: 9 } }).slots).toBe(4)
    shared.at(300, 'a', { keep: { slots: 4 }, running: 4, want: { slots: 9 } })
    expect(shared.at(400, 'person', person).interactiveSlots).toBe(1)
  })

  it('grants nothing new during a hold, to anybody', () => {
    const shared = budget()
    shared.at(0, 'a', { signals: { throttled: ['requests'], holdForMs: 5_000 } })
    expect(shared.at(4_000, 'b', { want: { requests: 5, interactive: 5 } })).toMatchObject({
      requests: 0,
      interactive: 0,
      holdForMs: 1_000,
    })
    expect(shared.at(5_001, 'b', { want: { requests: 5, interactive: 5 } }).interactive).toBe(5)
  })

  it('goes on at once when the clock of the database goes back', () => {
    const shared = budget()
    shared.at(1_000_000, 'a', { signals: { throttled: ['requests'], holdForMs: 5_000 } })
    expect(shared.at(400_000, 'a', work).holdForMs).toBe(5_000)
    expect(shared.at(405_001, 'a', work).holdForMs).toBe(0)
  })
})

describe('what is learned', () => {
  const refused = (facet: 'requests' | 'concurrency' | null) => ({
    ...work,
    signals: { throttled: [facet], holdForMs: 1_000 },
  })

  it('one overload cuts once, however many workers report it, and the next one cuts again', () => {
    const shared = budget()
    shared.at(0, 'a', refused('requests'))
    const share = shared.state.shares.requests
    shared.at(900, 'b', refused('requests'))
    expect(shared.state.shares.requests).toBe(share)
    shared.at(5_000, 'b', refused('requests'))
    expect(shared.state.shares.requests).toBeLessThan(share)
  })

  it('a refusal that names no limit counts for the one that is used most', () => {
    const shared = budget(businessCentral)
    shared.at(0, 'a', { want: { slots: 5 } })
    shared.at(10, 'a', { ...refused(null), running: 4, keep: { slots: 4 } })
    expect(shared.state.shares).toMatchObject({ requests: 1 })
    expect(shared.state.shares.concurrency).toBeCloseTo(0.56)
  })

  it('a server that is too slow gets less at once, without a hold', () => {
    const shared = budget(businessCentral)
    const grant = shared.at(0, 'a', { want: { slots: 5 }, running: 5, signals: { overloaded: true } })
    expect(grant).toMatchObject({ holdForMs: 0, slots: 3 })
  })

  it('what was cut comes back with time, but not while everything is held', () => {
    const shared = budget()
    shared.at(0, 'a', { ...refused('requests'), signals: { throttled: ['requests'], holdForMs: 300_000 } })
    const share = shared.state.shares.requests
    shared.at(300_000, 'a', work)
    expect(shared.state.shares.requests).toBe(share)
    shared.at(600_000, 'a', work)
    expect(shared.state.shares.requests).toBeCloseTo(share + 0.05)
  })

  it('the hint of the server limits what runs at once, until it is a window old', () => {
    const shared = budget()
    const many = { want: { slots: 40 } }
    expect(shared.at(0, 'a', { ...many, signals: { parallelismHint: 8 } }).slots).toBe(8)
    expect(shared.at(299_000, 'a', { ...many, keep: { slots: 8 } }).slots).toBe(8)
    expect(shared.at(301_000, 'a', { ...many, keep: { slots: 8 } }).slots).toBe(40)
  })
})
