import { boolean, check, foreignKey, index, text } from 'drizzle-orm/pg-core'
import { parseIntendedWrites } from '../intended-writes.ts'
import { jobDirections } from '../json.ts'
import { bigNumber, couplet, identity, instant, isOneOf, plainJson, stamp } from './columns.ts'
import { job } from './job.ts'
import { tableMapping } from './table-mapping.ts'

/** What a worker was about to write outside (architecture §4.2); removed by the commit that settles it. */
export const pageIntent = couplet.table(
  'page_intent',
  {
    id: identity(),
    pairId: bigNumber().notNull(),
    mappingId: bigNumber().notNull(),
    direction: text({ enum: jobDirections }).notNull(),
    jobId: bigNumber()
      .notNull()
      .references(() => job.id),
    token: bigNumber().notNull(),
    writes: plainJson(parseIntendedWrites)().notNull(),
    settledOnce: boolean().notNull().default(false),
    openedAt: stamp(),
    deadlineAt: instant().notNull(),
    searchFrom: text(),
  },
  (table) => [
    foreignKey({
      name: 'page_intent_mapping',
      columns: [table.mappingId, table.pairId],
      foreignColumns: [tableMapping.id, tableMapping.pairId],
    }),
    index('page_intent_of_mapping').on(table.mappingId, table.deadlineAt),
    index('page_intent_of_job').on(table.jobId),
    check('page_intent_direction', isOneOf(table.direction, jobDirections)),
  ],
)
