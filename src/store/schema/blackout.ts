import { sql } from 'drizzle-orm'
import { check, index, text } from 'drizzle-orm/pg-core'
import { couplet, identity, instant, stamp } from './columns.ts'

/** A time in which the schedules of a calendar start nothing. */
export const blackout = couplet.table(
  'blackout',
  {
    id: identity(),
    calendar: text().notNull(),
    startsAt: instant().notNull(),
    endsAt: instant().notNull(),
    reason: text().notNull(),
    createdAt: stamp(),
  },
  (table) => [
    index('blackout_calendar').on(table.calendar, table.startsAt),
    check('blackout_ends_later', sql`${table.startsAt} < ${table.endsAt}`),
  ],
)
