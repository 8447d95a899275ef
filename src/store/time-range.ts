import { and, gte, lt, type SQL } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { TimeRange } from '../core/ports/time-range.ts'

/** From `since` on, before `until`; undefined where neither is given. */
export function isWithin(column: PgColumn, { since, until }: TimeRange): SQL | undefined {
  return and(since ? gte(column, since) : undefined, until ? lt(column, until) : undefined)
}
