import type { TableSchema } from '../mapping/schema.ts'
import type { RecordSnapshot } from '../ports/connector.ts'
import type { Values } from '../values/value.ts'

/** As far as the clocks of two systems may be apart: the overlap with which changes are read whose time is not sure. */
const CLOCK_SKEW_MS = 300_000
/** A time without a zone is at most this much earlier than the same time in UTC. */
const ZONE_MS = 12 * 3_600_000
const DAY_MS = 24 * 3_600_000

/**
 * True when a record was last changed before `sentAt` (an ISO time of the store), for sure: whatever was sent then, the record
 * is not its work. False where nothing can be said: the table keeps no time, or the time is among what was sent. Pure.
 */
export function isSurelyOlder(
  record: Pick<RecordSnapshot, 'modifiedAt'>,
  { fields, modifiedField }: Pick<TableSchema, 'fields' | 'modifiedField'>,
  sent: Values,
  sentAt: string,
): boolean {
  const { modifiedAt } = record
  if (modifiedField === null || modifiedAt === null || modifiedField in sent) return false
  const kind = fields.get(modifiedField)?.type.kind
  const zoned =
    kind === 'instant' ? modifiedAt : kind === 'date' ? `${modifiedAt}T00:00:00Z` : `${modifiedAt}Z`
  const vagueMs = kind === 'instant' ? 0 : kind === 'date' ? DAY_MS + ZONE_MS : ZONE_MS
  // Times that no Date can hold (infinity, before Christ) compare as false.
  return Date.parse(zoned) + vagueMs + CLOCK_SKEW_MS < Date.parse(sentAt)
}
