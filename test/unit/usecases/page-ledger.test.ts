import { expect, it } from 'vitest'
import type { Coupling } from '../../../src/core/coupling/coupling.ts'
import type { KnownIssue } from '../../../src/core/sync/ledger.ts'
import type { LineSession } from '../../../src/usecases/line/session.ts'
import { enterTroubles, noIssues, type PageLedger } from '../../../src/usecases/page/ledger.ts'
import type { PageFrame, PageItem } from '../../../src/usecases/page/page.ts'
import { quietResult } from '../../../src/usecases/page/results.ts'

const item: PageItem = {
  key: 'text:A',
  snapshot: null,
  jobIds: [1],
  isRequested: false,
  isForced: false,
  mayCreate: false,
  resolution: null,
  isReleased: false,
  sourceWins: false,
}
const key = 'text:A'
const issues = new Map([[key, {} as KnownIssue]])
const coupled = new Map([[key, {} as Coupling]])

/** What is to be closed of an unchanged record. */
function closesOf(ledger: Partial<PageLedger>) {
  const results = [quietResult(item, 'unchanged', 'to')]
  const entered = enterTroubles({} as LineSession, {} as PageFrame, results, { ...noIssues, ...ledger })
  return entered.flatMap(({ closes }) => closes)
}

it('nothing is closed of a coupled record of which nothing is wrong on either side', () => {
  expect(closesOf({ coupled })).toEqual([])
})

it('what is wrong on a side is closed, and always where only one side has been looked at', () => {
  const close = { direction: 'to', key }
  expect(closesOf({ coupled, own: issues })).toEqual([close])
  expect(closesOf({ coupled, opposite: issues })).toEqual([close])
  expect(closesOf({})).toEqual([close])
})
