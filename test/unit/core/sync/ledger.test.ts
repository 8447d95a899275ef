import { describe, expect, it } from 'vitest'
import {
  ABSENT,
  type Circumstances,
  hasChanged,
  isSetAside,
  judgeTrouble,
  type KnownIssue,
  type LedgerPolicy,
} from '../../../../src/core/sync/ledger.ts'

const policy: LedgerPolicy = {
  skipAfter: 3,
  transient: { firstMs: 1_000, maxMs: 60_000 },
  permanent: { firstMs: 10_000, maxMs: 60_000 },
}
const now: Circumstances = {
  sourceVersion: '7',
  partnerVersion: '8',
  mappingVersion: 2,
  configuration: 'c',
}
const trouble = {
  kind: 'failed',
  code: 'VALUE_TRUNCATED',
  errorKind: 'permanent',
  field: 'name',
  retryInMs: null,
} as const
const locked = { ...trouble, code: 'RECORD_LOCKED', errorKind: 'transient', field: null } as const
const known = (changes: Partial<KnownIssue> = {}): KnownIssue => ({
  ...now,
  direction: 'to',
  key: 'text:A',
  kind: 'failed',
  code: trouble.code,
  field: trouble.field,
  repeats: 1,
  createMissing: false,
  ...changes,
})
const judge = (
  facts: { known?: KnownIssue | null; isAsked?: boolean; now?: Circumstances },
  what: Parameters<typeof judgeTrouble>[0] = trouble,
  random = 0.5,
) => judgeTrouble(what, { known: null, now, isAsked: true, ...facts }, policy, random)

describe('the failure ledger (domain.md §11.4)', () => {
  it('a first permanent failure is tried again after a while', () => {
    expect(judge({})).toEqual({ kind: 'failed', isAttempt: true, repeats: 1, retryInMs: 7_500 })
  })

  it('a permanent failure is set aside after the given number of equal attempts, and not before', () => {
    expect(judge({ known: known({ repeats: 1 }) })).toMatchObject({ kind: 'failed', repeats: 2 })
    expect(judge({ known: known({ repeats: 2 }) })).toEqual({
      kind: 'skipped',
      isAttempt: true,
      repeats: 3,
      retryInMs: null,
    })
  })

  it.each([
    ['another code', { code: 'VALUE_MISSING' }],
    ['another field', { field: 'city' }],
    ['another version of the source', { sourceVersion: '6' }],
    ['another version of the partner', { partnerVersion: ABSENT }],
    ['another version of the mapping', { mappingVersion: 1 }],
    ['another configuration', { configuration: 'd' }],
  ] as const)('%s begins to count anew', (_what, before) => {
    expect(judge({ known: known({ repeats: 2, ...before }) })).toMatchObject({ kind: 'failed', repeats: 1 })
  })

  it('an equal failure is told by code and field, whatever its text says (domain.md §11.1, 4)', () => {
    const other = { ...trouble, message: 'Failed at 10:15:03', value: '123' }
    expect(judge({ known: known({ repeats: 2 }) }, other).kind).toBe('skipped')
  })

  it('a transient failure is never set aside, and comes back later and later up to a limit', () => {
    const pauses = [0, 1, 2, 5, 50].map(
      (repeats) => judge({ known: known({ ...locked, repeats }) }, locked, 0).retryInMs,
    )
    expect(pauses).toEqual([500, 1_000, 2_000, 16_000, 30_000])
    expect(judge({ known: known({ ...locked, repeats: 1_000 }) }, locked).kind).toBe('failed')
  })

  it('never comes back before the other system has said, and spreads what comes back', () => {
    expect(judge({}, { ...locked, retryInMs: 45_000 }).retryInMs).toBe(45_000)
    expect(judge({}, locked, 0.999).retryInMs).toBeGreaterThan(judge({}, locked, 0).retryInMs ?? 0)
  })

  it.each(['waiting', 'conflict'] as const)(
    'a record in state %s is neither polled nor set aside',
    (kind) => {
      const what = { ...trouble, kind, errorKind: kind }
      expect(judge({ known: known({ repeats: 9 }) }, what)).toMatchObject({ kind, retryInMs: null })
    },
  )

  it('a record that is only read once more counts no attempt', () => {
    const entry = judge({ known: known({ repeats: 2 }), isAsked: false })
    expect(entry).toEqual({ kind: 'failed', isAttempt: false, repeats: 2, retryInMs: null })
  })

  it('a record that is read once more and has changed, or fails otherwise, is an attempt', () => {
    expect(judge({ known: known({ sourceVersion: '6' }), isAsked: false }).isAttempt).toBe(true)
    expect(judge({ known: known({ code: 'VALUE_MISSING' }), isAsked: false }).isAttempt).toBe(true)
  })
})

describe('a record that was set aside', () => {
  const skipped = known({ kind: 'skipped' })
  it('stays so while nothing is known to have changed', () => {
    expect(isSetAside(skipped, now)).toBe(true)
    expect(isSetAside(skipped, { ...now, partnerVersion: null })).toBe(true)
    expect(isSetAside({ ...skipped, partnerVersion: null }, now)).toBe(true)
    expect(isSetAside(known(), now)).toBe(false)
  })

  it.each([
    { sourceVersion: '9' },
    { partnerVersion: '9' },
    { partnerVersion: ABSENT },
    { mappingVersion: 3 },
    { configuration: 'd' },
  ])('is released by %j', (change) => {
    expect(hasChanged(skipped, { ...now, ...change })).toBe(true)
    expect(isSetAside(skipped, { ...now, ...change })).toBe(false)
  })
})
