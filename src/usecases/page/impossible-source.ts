import type { Coupling } from '../../core/coupling/coupling.ts'
import { problem } from '../../core/errors.ts'
import { destinationSide, sourceSide } from '../../core/mapping/definition.ts'
import { displayKey } from '../../core/values/key.ts'
import type { LineSession } from '../line/session.ts'
import type { PageFrame, PageItem, RecordResult } from './page.ts'
import { quietResult, troubledResult } from './results.ts'

/** A record that was asked for by its key and is not there: an answer for who asked, an issue if it was coupled. */
export function missingSourceResult(
  session: LineSession,
  frame: PageFrame,
  item: PageItem,
  coupling: Coupling | null,
): RecordResult {
  if (coupling === null && !item.isRequested) return quietResult(item, 'ignored', frame.direction)
  const table = session.mapping[sourceSide[frame.direction]].schema.table
  const partnerKey = coupling?.[destinationSide[frame.direction]].key ?? null
  const message = `${table} ${displayKey(item.key)} does not exist`
  const partner =
    partnerKey === null
      ? ''
      : `; it was coupled to ${session.mapping[destinationSide[frame.direction]].schema.table} ${displayKey(partnerKey)}`
  return troubledResult({
    item,
    direction: frame.direction,
    kind: 'failed',
    problem: problem(coupling ? 'COUPLED_TO_DELETED' : 'RECORD_NOT_FOUND', message + partner),
    source: null,
    partnerKey,
    awaits: null,
    conflicts: [],
    retryInMs: null,
    mayCreate: item.mayCreate,
    leavesIssue: coupling !== null,
  })
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
