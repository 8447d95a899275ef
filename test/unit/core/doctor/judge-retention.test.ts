import { expect, it } from 'vitest'
import { judgeRetention } from '../../../../src/core/doctor/judge-retention.ts'
import { agingKinds, type RetentionRound } from '../../../../src/core/ports/retention-store.ts'

const keep = {
  outcomes: 90,
  'match lists': 90,
  operations: 90,
  previews: 30,
  runs: 90,
  alerts: 365,
  'webhook events': 30,
  keys: 365,
  audit: null,
}
const kept = agingKinds.filter((kind) => kind !== 'audit')
const round = (kind: RetentionRound['kind'], more: Partial<RetentionRound> = {}): RetentionRound => ({
  kind,
  secondsAgo: 3_600,
  removed: 0,
  removedInAll: 0,
  ...more,
})

it('retention is well while every kind that is not kept for ever was looked through within a day', () => {
  expect(judgeRetention([], keep).state).toBe('good')
  expect(
    judgeRetention(
      kept.map((kind) => round(kind)),
      keep,
    ),
  ).toMatchObject({ state: 'good', remedy: null })
  const late = kept.map((kind) => round(kind, kind === 'runs' ? { secondsAgo: 90_000 } : {}))
  expect(judgeRetention(late, keep)).toMatchObject({ state: 'warning', detail: 'not done for a day: runs' })
  const isKeptForEver = kept.map((kind) => round(kind))
  expect(judgeRetention(isKeptForEver, { ...keep, audit: 400 })).toMatchObject({
    detail: 'not done for a day: audit',
  })
})

it('retention tells what it has removed', () => {
  const rounds = kept.map((kind) => round(kind, kind === 'runs' ? { removed: 3, removedInAll: 40 } : {}))
  expect(judgeRetention(rounds, keep).detail).toBe('removed so far: 40 runs (3 last)')
})
