import { sql } from 'drizzle-orm'
import { boolean, check, foreignKey, index, integer, smallint, text, time, unique } from 'drizzle-orm/pg-core'
import {
  catchUpPolicies,
  overlapPolicies,
  scheduleKinds,
  slotDecisions,
} from '../../core/schedules/schedule.ts'
import { bigNumber, couplet, identity, instant, isOneOf, stamp } from './columns.ts'
import { pair } from './pair.ts'
import { tableMapping } from './table-mapping.ts'

/** A recurring run: fixed rate from a fixed anchor, or cron in a time zone (domain.md §14.5). */
export const schedule = couplet.table(
  'schedule',
  {
    id: identity(),
    pairId: bigNumber()
      .notNull()
      .references(() => pair.id),
    name: text().notNull(),
    kind: text({ enum: scheduleKinds }).notNull(),
    mappingName: text(),
    everyMinutes: integer(),
    cron: text(),
    enabled: boolean().notNull(),
    anchorAt: stamp(),
    /** ISO weekdays (1 = Monday) and time of day in which slots may start; null: always. */
    weekdays: smallint().array(),
    windowFrom: time(),
    windowTo: time(),
    timeZone: text().notNull().default('UTC'),
    calendar: text(),
    overlap: text({ enum: overlapPolicies }).notNull().default('merge'),
    catchUp: text({ enum: catchUpPolicies }).notNull().default('once'),
    /** Minutes to the next look after a run that found nothing to do; 0: no sleep (domain.md §14.3). */
    inactivityMinutes: integer().notNull().default(0),
    pausedBy: text(),
    pausedReason: text(),
    pausedAt: instant(),
    expiresAt: instant(),
    settledUntil: stamp(),
    lastDecision: text({ enum: slotDecisions }),
    isPending: boolean().notNull().default(false),
    /** What the sources showed behind the watermarks when they were looked at last. */
    seen: text(),
    createdAt: stamp(),
    updatedAt: stamp(),
  },
  (table) => [
    unique('schedule_name').on(table.pairId, table.name),
    foreignKey({
      name: 'schedule_mapping',
      columns: [table.pairId, table.mappingName],
      foreignColumns: [tableMapping.pairId, tableMapping.name],
    }),
    index('schedule_mapping_name').on(table.pairId, table.mappingName),
    check('schedule_kind', isOneOf(table.kind, scheduleKinds)),
    check('schedule_mapping_named', sql`(${table.kind} = 'mapping') = (${table.mappingName} is not null)`),
    check('schedule_every', sql`${table.everyMinutes} > 0`),
    check('schedule_rate', sql`(${table.everyMinutes} is null) <> (${table.cron} is null)`),
    check('schedule_window', sql`(${table.windowFrom} is null) = (${table.windowTo} is null)`),
    check('schedule_overlap', isOneOf(table.overlap, overlapPolicies)),
    check('schedule_catch_up', isOneOf(table.catchUp, catchUpPolicies)),
    check('schedule_decision', isOneOf(table.lastDecision, slotDecisions)),
    check(
      'schedule_paused',
      sql`(${table.pausedAt} is null) = (${table.pausedReason} is null) and (${table.pausedAt} is null) = (${table.pausedBy} is null)`,
    ),
  ],
)
