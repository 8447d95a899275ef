import type { RecordSnapshot } from '../../core/ports/connector.ts'
import type { Value, Values } from '../../core/values/value.ts'
import { getColumn, type TableShape } from './shape.ts'
import { asKept } from './values.ts'

/**
 * A record that had to be read after its creation, since the answer did not show it. Only what equals the values sent is
 * taken for our own deed (architecture.md §4.4): somebody may have changed the rest in between. Such a field keeps the value
 * that was sent, and the version is marked, so that the next run compares the record and finds the change.
 */
export function asWritten(shape: TableShape, sent: Values, record: RecordSnapshot): RecordSnapshot {
  const changed: Record<string, Value> = {}
  for (const name in sent) {
    const now = record.values[name]
    const value = sent[name] ?? null
    if (now === undefined || now === value) continue
    const column = getColumn(shape, name)
    // Where a lookup was sent nowhere, its table was not sent either.
    if (column.typeOf !== null && (sent[column.typeOf] ?? null) === null) continue
    const kept = asKept(column, value)
    if (now !== kept) changed[name] = kept
  }
  if (Object.keys(changed).length === 0) return record
  const { key, version, modifiedAt, values } = record
  return { key, version: `changed since: ${version}`, modifiedAt, values: { ...values, ...changed } }
}
