import { describe, expect, it } from 'vitest'
import { checkEdits, checkFirstRun, checkNothingWritten, checkProblems } from '../../src/cli/demo/checks.ts'
import type { Counters } from '../../src/core/sync/outcome.ts'
import type { DemoProblem } from '../../src/demo/problems.ts'
import { detailsOf, jobOf, lineOf } from './cli-run-details.ts'

const customers = lineOf(1, 'CUSTOMER')
const runWith = (counters: Partial<Counters>) =>
  detailsOf([customers], [jobOf(1, customers, { direction: 'to' }, counters)])
const broken = (checks: readonly { ok: boolean; what: string }[]) =>
  checks.filter((check) => !check.ok).map((check) => check.what)

describe('the checks of the demo', () => {
  it('name the table that was written, although its content is the same', () => {
    const table = { table: 'account', rows: 1, content: 'a', writes: 'b' }
    expect(checkNothingWritten('Second run', [table], [{ ...table }]).ok).toBe(true)
    expect(checkNothingWritten('Second run', [table], [{ ...table, writes: 'c' }])).toEqual({
      what: 'Second run',
      ok: false,
      found: 'account instead of no table written',
    })
  })

  it('notice a record too few or too many in the first run', () => {
    const expected = [
      { mapping: 'CUSTOMER', direction: 'to', inserted: 5, matched: 1, failed: 0, waiting: 0 },
    ] as const
    expect(broken(checkFirstRun(expected, runWith({ inserted: 5, coupled: 1 })))).toEqual([])
    expect(broken(checkFirstRun(expected, runWith({ inserted: 4, coupled: 1 })))).toEqual([
      'CUSTOMER to remote',
    ])
    expect(broken(checkFirstRun(expected, runWith({ inserted: 5, coupled: 2 })))).toEqual([
      'CUSTOMER to remote',
    ])
  })

  it('notice a deliberate problem that was not found', () => {
    const problem: DemoProblem = {
      title: 'Too long',
      remedy: '',
      mapping: 'CUSTOMER',
      direction: 'to',
      outcome: 'failed',
      code: 'VALUE_TRUNCATED',
      field: 'name',
      records: [{ name: 'C1', key: 'C1' }],
    }
    expect(broken(checkProblems([problem], []))).toEqual(['Too long', 'Problems that are not deliberate'])
  })

  it('notice a record that was carried without having been edited', () => {
    const edits = {
      customers: [],
      accounts: [],
      bothSides: [],
      items: [],
      newContacts: [],
      expected: { remote: { account: 3, product: 0, newContacts: 0 }, local: { customer: 0 } },
    }
    expect(broken(checkEdits(edits, runWith({ modified: 3 })))).toEqual([])
    expect(broken(checkEdits(edits, runWith({ modified: 3, inserted: 1 })))).toEqual([
      'Records written in all',
    ])
  })
})
