import { describe, expect, it } from 'vitest'
import { detailsOf } from '../../../../src/core/sync/outcome.ts'

const outcome = { kind: 'failed', code: 'VALUE_TRUNCATED', errorKind: 'permanent', recovered: false } as const

describe('what else is counted for an outcome (domain.md §15.1)', () => {
  it.each([
    ['transient', 'failedTransient'],
    ['permanent', 'failedPermanent'],
    ['config', 'failedConfig'],
    [null, 'failedPermanent'],
  ] as const)('a failure of class %s counts as %s', (errorKind, detail) => {
    expect(detailsOf({ ...outcome, errorKind })).toEqual([detail])
  })

  it('a record set aside now is newly skipped and no failure', () => {
    expect(detailsOf({ ...outcome, kind: 'skipped' })).toEqual(['newlySkipped'])
  })

  it.each(['POSSIBLE_DUPLICATE', 'NO_UNIQUE_MATCH', 'ALREADY_COUPLED'] as const)(
    '%s has prevented a duplicate',
    (code) => expect(detailsOf({ ...outcome, code })).toContain('duplicatesPrevented'),
  )

  it('so has a creation that was recognised instead of repeated', () => {
    const created = { kind: 'inserted', code: null, errorKind: null } as const
    expect(detailsOf({ ...created, recovered: true })).toEqual(['duplicatesPrevented'])
    expect(detailsOf({ ...created, recovered: false })).toEqual([])
  })
})
