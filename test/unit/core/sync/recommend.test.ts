import { describe, expect, it } from 'vitest'
import {
  choiceOf,
  type Recommendation,
  type RecordCount,
  recommend,
} from '../../../../src/core/sync/recommend.ts'

const judge = (
  mapping: string,
  local: RecordCount,
  remote: RecordCount,
  more: { isBaseCurrency?: boolean; hasMatchFields?: boolean } = {},
) => recommend({ mapping, local, remote, isBaseCurrency: false, hasMatchFields: true, ...more })

type Row = readonly [string, RecordCount, RecordCount, Recommendation]

describe('the recommendation for a line of a full synchronization (domain.md §13.2)', () => {
  it.each<Row>([
    ['CUSTOMER', 'none', 'none', 'No Records Found'],
    ['CUSTOMER', 'one', 'none', 'Full Synchronization'],
    ['CUSTOMER', 'none', 'more', 'Full Synchronization'],
    ['CUSTOMER', 'more', 'one', 'Couple Records'],
    ['CUSTOMER', 'more', 'more', 'Couple Records'],
    ['SALESPEOPLE', 'none', 'none', 'Full Synchronization'],
    ['SALESPEOPLE', 'more', 'more', 'Full Synchronization'],
    ['UNIT OF MEASURE', 'more', 'one', 'Full Synchronization'],
    ['UNIT OF MEASURE', 'more', 'more', 'Couple Records'],
    ['UNIT OF MEASURE', 'none', 'one', 'No Records Found'],
    ['UNIT GROUP', 'more', 'one', 'Full Synchronization'],
    ['CURRENCY', 'more', 'none', 'Couple Records'],
    ['CURRENCY', 'more', 'one', 'Couple Records'],
    ['CURRENCY', 'more', 'more', 'Couple Records'],
    // A mapping may be called like something every object has.
    ['constructor', 'more', 'more', 'Couple Records'],
  ])('%s with %s local and %s remote: %s', (mapping, local, remote, expected) => {
    expect(judge(mapping, local, remote)).toBe(expected)
  })

  it('is full for currencies while the other side has its base currency only', () => {
    expect(judge('CURRENCY', 'more', 'one', { isBaseCurrency: true })).toBe('Full Synchronization')
    expect(judge('CUSTOMER', 'more', 'one', { isBaseCurrency: true })).toBe('Couple Records')
  })

  it('leaves out a mapping whose records cannot find each other, instead of coupling or doubling them', () => {
    const matchless = { hasMatchFields: false }
    expect(judge('CUSTOMER', 'more', 'more', matchless)).toBe('No Match Fields')
    expect(judge('CURRENCY', 'more', 'none', matchless)).toBe('No Match Fields')
    expect(choiceOf['No Match Fields']).toBe('leave out')
    expect(judge('CUSTOMER', 'more', 'none', matchless)).toBe('Full Synchronization')
    expect(judge('SALESPEOPLE', 'more', 'more', matchless)).toBe('Full Synchronization')
  })

  it('is followed by a choice that never creates where both sides have records', () => {
    expect(choiceOf[judge('CUSTOMER', 'more', 'more')]).toBe('couple')
    expect(choiceOf[judge('CUSTOMER', 'none', 'none')]).toBe('leave out')
    expect(choiceOf[judge('CUSTOMER', 'more', 'none')]).toBe('full')
  })
})
