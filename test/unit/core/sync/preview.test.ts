import { describe, expect, it } from 'vitest'
import type { IssueWrite } from '../../../../src/core/sync/issue.ts'
import { isPossibleDuplicate, SAMPLES, summarise } from '../../../../src/core/sync/preview.ts'
import { issueWrite, outcome } from '../../../support/store-fixtures.ts'

const change = (field: string) => ({ field, before: 'text:old', after: 'text:new' }) as const
const found = (outcomes: Parameters<typeof summarise>[0], issues: readonly IssueWrite[] = []) =>
  summarise(outcomes, issues).map(({ jobId, kind, code, field, records }) => [
    jobId,
    kind,
    code,
    field,
    records,
  ])

describe('the findings of a preview', () => {
  it('count changed fields one by one', () => {
    const both = outcome(1, 'A', { changes: [change('name'), change('city')] })
    const one = outcome(1, 'B', { changes: [change('city')] })
    expect(found([both, one])).toEqual([
      [1, 'modified', null, 'name', 1],
      [1, 'modified', null, 'city', 2],
    ])
  })

  it('keep jobs, codes and fields of troubles apart', () => {
    const failed = (jobId: number, key: string, field: string | null) =>
      outcome(jobId, key, { kind: 'failed', code: 'VALUE_TRUNCATED', field, changes: [], message: key })
    expect(found([failed(1, 'A', 'name'), failed(1, 'B', 'city'), failed(2, 'A', 'name')])).toEqual([
      [1, 'failed', 'VALUE_TRUNCATED', 'name', 1],
      [1, 'failed', 'VALUE_TRUNCATED', 'city', 1],
      [2, 'failed', 'VALUE_TRUNCATED', 'name', 1],
    ])
  })

  it('P8: keep a few samples however many records there are', () => {
    const many = Array.from({ length: 1_000 }, (_, n) =>
      outcome(1, `K${n}`, { kind: 'inserted', changes: [change('name'), change('city')] }),
    )
    const [finding, ...others] = summarise(many, [])
    expect(others).toEqual([])
    expect(finding).toMatchObject({ kind: 'inserted', field: null, records: 1_000 })
    expect(finding?.samples.map(({ localKey }) => localKey)).toEqual(
      ['K0', 'K1', 'K2', 'K3', 'K4'].map((key) => `text:${key}`).slice(0, SAMPLES),
    )
  })

  it('show both values of a conflict, whichever direction has met it', () => {
    const conflicts = [
      {
        local: { field: 'name', base: 'text:b', value: 'text:l', modifiedAt: null },
        remote: { field: 'fullname', base: 'text:b', value: 'text:r', modifiedAt: null },
      },
    ] as const
    for (const direction of ['to', 'from'] as const) {
      const keys = { localKey: 'text:A', remoteKey: 'text:R' }
      const code = 'CONFLICT_BOTH_CHANGED'
      const met = outcome(1, 'A', { direction, kind: 'conflict', code, changes: [], ...keys })
      const failed = issueWrite(1, 'A', { direction: 'from' })
      const [finding] = summarise([met], [issueWrite(1, 'A', { conflicts }), failed])
      const isTo = direction === 'to'
      expect(finding).toMatchObject({ field: isTo ? 'fullname' : 'name', direction })
      expect(finding?.samples[0]?.changes[0]).toMatchObject(
        isTo ? { before: 'text:r', after: 'text:l' } : { before: 'text:l', after: 'text:r' },
      )
    }
  })

  it('know which codes speak of records that may be the same', () => {
    const codes = ['POSSIBLE_DUPLICATE', 'NO_UNIQUE_MATCH', 'ALREADY_COUPLED', 'VALUE_TRUNCATED'] as const
    expect([...codes, null].map((code) => isPossibleDuplicate({ code }))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
  })
})
