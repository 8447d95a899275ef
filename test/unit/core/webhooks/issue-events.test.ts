import { describe, expect, it } from 'vitest'
import { IssuesChanged, MOST_RECORDS } from '../../../../src/core/webhooks/event.ts'
import { type IssueTrace, issueEvents } from '../../../../src/core/webhooks/issue-events.ts'

const place = { pair: 'pair', mapping: 'CUSTOMER' }
const issue = (key: string, more: Partial<IssueTrace> = {}): IssueTrace => ({
  direction: 'to',
  key: `text:${key}`,
  partnerKey: null,
  kind: 'failed',
  code: 'VALUE_TRUNCATED',
  field: 'name',
  ...more,
})
const conflict = (more: Partial<IssueTrace> = {}) =>
  issue('L', { kind: 'conflict', code: 'CONFLICT_BOTH_CHANGED', partnerKey: 'text:R', ...more })
const turned = conflict({ direction: 'from', key: 'text:R', partnerKey: 'text:L' })
const told = (before: readonly IssueTrace[], after: readonly IssueTrace[]) =>
  issueEvents(place, before, after).map(({ type, data }) => {
    const { records } = IssuesChanged.parse(data)
    return [type, ...records.map(({ direction, key }) => `${direction} ${key}`)]
  })

describe('what a page tells of issues', () => {
  it('is what is new and what is over, and nothing of what was met again', () => {
    const met = issue('A', { code: 'VALUE_REFUSED', kind: 'skipped' })
    expect(told([issue('A'), issue('B')], [met, issue('C')])).toEqual([
      ['issue.opened', 'to C'],
      ['issue.closed', 'to B'],
    ])
    expect(told([issue('A')], [met])).toEqual([])
    expect(told([], [])).toEqual([])
  })

  it('tells the directions of one key apart', () => {
    expect(told([issue('A')], [issue('A', { direction: 'from' })])).toEqual([
      ['issue.opened', 'from A'],
      ['issue.closed', 'to A'],
    ])
  })

  it('of a conflict is one for the pair, whichever direction it stands under', () => {
    expect(told([], [conflict()])).toEqual([['conflict.opened', 'to L']])
    expect(told([conflict()], [turned])).toEqual([])
    expect(told([], [conflict(), turned])).toEqual([['conflict.opened', 'to L']])
    expect(told([turned], [])).toEqual([['issue.closed', 'from R']])
  })

  it('of an issue that becomes a conflict is that one is over and the other is open, and back', () => {
    const failed = issue('L', { partnerKey: 'text:R' })
    expect(told([failed], [conflict()])).toEqual([
      ['conflict.opened', 'to L'],
      ['issue.closed', 'to L'],
    ])
    expect(told([conflict()], [failed])).toEqual([
      ['issue.opened', 'to L'],
      ['issue.closed', 'to L'],
    ])
  })

  it('is one event however many they are: it counts all, names the first, and gives keys as people write them', () => {
    const many = Array.from({ length: 1_000 }, (_, n) => issue(`K${n}`, { partnerKey: 'text:P' }))
    const [event, ...more] = issueEvents(place, [], many)
    expect(more).toEqual([])
    const { count, records } = IssuesChanged.parse(event?.data)
    expect([count, records.length]).toEqual([1_000, MOST_RECORDS])
    expect(records[0]).toEqual({
      direction: 'to',
      key: 'K0',
      partnerKey: 'P',
      kind: 'failed',
      code: 'VALUE_TRUNCATED',
      field: 'name',
    })
    expect(event).toMatchObject({ pair: 'pair', mappings: ['CUSTOMER'] })
  })
})
