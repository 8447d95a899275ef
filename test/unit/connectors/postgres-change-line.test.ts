import { expect, it } from 'vitest'
import { createChangeLine } from '../../../src/connectors/postgres/change-line.ts'
import type { Session } from '../../../src/connectors/postgres/session.ts'

const lineOf = (maxPrepared: string) =>
  createChangeLine({
    session: { rows: async () => [[maxPrepared]] } as unknown as Session,
    url: '',
    searchSchema: 'public',
    beatMs: 1_000,
  })

it('warns where programs may commit in two phases, which those who have told something cannot', async () => {
  const { signal } = new AbortController()
  expect(await lineOf('0').findHazards(signal)).toEqual([])
  expect(await lineOf('64').findHazards(signal)).toEqual([
    expect.stringMatching(/^max_prepared_transactions is 64: .*PREPARE TRANSACTION/),
  ])
})
