import { expect, test } from 'vitest'
import { problem } from '../../../src/core/errors.ts'
import { troubledResult, versionsOf } from '../../../src/usecases/page/results.ts'

const record = (version: string) => ({ key: 'text:A', version, modifiedAt: null, values: {} })
const item = {
  key: 'text:A',
  snapshot: record('7'),
  jobIds: [1],
  isRequested: false,
  isForced: false,
  mayCreate: false,
  resolution: null,
  isReleased: false,
  sourceWins: false,
}
const troubled = (retryAfterMs?: number) =>
  troubledResult({
    item,
    direction: 'from',
    kind: 'failed',
    problem: problem('RECORD_LOCKED', 'Busy', retryAfterMs === undefined ? {} : { retryAfterMs }),
    source: item.snapshot,
    partnerKey: 'text:P',
    partners: [record('8')],
    awaits: null,
    conflicts: [],
    retryInMs: null,
    mayCreate: false,
    leavesIssue: true,
  })

test('what the other system says about the next attempt reaches the ledger (Retry-After)', () => {
  expect(troubled(30_000).issues[0]?.retryInMs).toBe(30_000)
  expect(troubled().issues[0]?.retryInMs).toBeNull()
})

test('issue and outcome name both versions that were looked at', () => {
  const { issues, outcome } = troubled()
  expect(issues[0]).toMatchObject({ sourceVersion: '7', partnerVersion: '8' })
  expect(outcome).toMatchObject({ remoteVersion: '7', localVersion: '8' })
})

test('the versions of candidates do not depend on the order of the answer', () => {
  expect(versionsOf([record('b'), record('a')])).toBe(versionsOf([record('a'), record('b')]))
  expect(versionsOf([])).toBe('')
})
