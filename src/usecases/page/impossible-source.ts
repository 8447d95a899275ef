import { problem } from '../../core/errors.ts'
import { sourceSide } from '../../core/mapping/definition.ts'
import { displayKey } from '../../core/values/key.ts'
import type { LineSession } from '../line/session.ts'
import type { PageFrame, PageItem, RecordResult } from './page.ts'
import { quietResult, troubledResult } from './results.ts'

/** An uncoupled record that is not there: an answer for who asked; otherwise what was wrong with it is over. */
export function missingSourceResult(session: LineSession, frame: PageFrame, item: PageItem): RecordResult {
  if (!item.isRequested) return quietResult(item, 'ignored', frame.direction)
  const table = session.mapping[sourceSide[frame.direction]].schema.table
  const result = troubledResult({
    item,
    direction: frame.direction,
    kind: 'failed',
    problem: problem('RECORD_NOT_FOUND', `${table} ${displayKey(item.key)} does not exist`),
    source: null,
    partnerKey: null,
    awaits: null,
    conflicts: [],
    retryInMs: null,
    mayCreate: item.mayCreate,
    leavesIssue: false,
  })
  return { ...result, closes: [{ direction: frame.direction, key: item.key }] }
}

/** A key that no coupling can hold: it stands in the ledger, and nothing else of the page is held up (P6). */
export function keyTooLongResult(session: LineSession, frame: PageFrame, item: PageItem): RecordResult {
  const table = session.mapping[sourceSide[frame.direction]].schema.table
  const message = `${table}: the key ${displayKey(item.key).slice(0, 60)}… has ${item.key.length} characters, more than a coupling can hold`
  return troubledResult({
    item,
    direction: frame.direction,
    kind: 'failed',
    problem: problem('KEY_TOO_LONG', message),
    source: item.snapshot,
    partnerKey: null,
    awaits: null,
    conflicts: [],
    retryInMs: null,
    mayCreate: item.mayCreate,
    leavesIssue: false,
  })
}
