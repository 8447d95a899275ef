import { check, primaryKey, text } from 'drizzle-orm/pg-core'
import { type Outcome, outcomeKinds } from '../../core/sync/outcome.ts'
import { jobDirections } from '../json.ts'
import { bigNumber, couplet, isOneOf } from './columns.ts'
import { tableMapping } from './table-mapping.ts'

/**
 * How many outcomes there have been since the beginning, also of partitions that retention has dropped: kept by every
 * page commit, so that nobody ever has to count the ledger.
 */
export const outcomeTotal = couplet.table(
  'outcome_total',
  {
    mappingId: bigNumber()
      .notNull()
      .references(() => tableMapping.id),
    direction: text({ enum: jobDirections }).notNull(),
    kind: text().$type<Outcome['kind']>().notNull(),
    /** Empty where there is none, because it is part of the key. */
    code: text().notNull(),
    records: bigNumber().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.mappingId, table.direction, table.kind, table.code] }),
    check('outcome_total_direction', isOneOf(table.direction, jobDirections)),
    check('outcome_total_kind', isOneOf(table.kind, outcomeKinds)),
  ],
)
