import { sql } from 'drizzle-orm'
import { boolean, check, foreignKey, index, integer, smallint, text, time, unique } from 'drizzle-orm/pg-core'
import { bigNumber, couplet, identity, instant, isOneOf, stamp } from './columns.ts'
import { pair } from './pair.ts'
import { tableMapping } from './table-mapping.ts'

export const scheduleKinds = ['full', 'modified', 'mapping'] as const

/** A recurring run: fixed rate from a fixed anchor (domain.md §14.5). */
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
    everyMinutes: integer().notNull(),
    enabled: boolean().notNull(),
    anchorAt: stamp(),
    /** ISO weekdays (1 = Monday) and time of day in which slots may start; null: always. */
    weekdays: smallint().array(),
    windowFrom: time(),
    windowTo: time(),
    timeZone: text().notNull().default('UTC'),
    /** Minutes to the next look after a run that found nothing to do; 0: no sleep (domain.md §14.3). */
    inactivityMinutes: integer().notNull().default(0),
    category: text(),
    pausedReason: text(),
    pausedAt: instant(),
    expiresAt: instant(),
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
  ],
)
