import { check, primaryKey, text } from 'drizzle-orm/pg-core'
import { KnownSchema } from '../../core/mapping/schema-drift.ts'
import { bigNumber, couplet, isOneOf, plainJson, stamp } from './columns.ts'
import { tableMapping } from './table-mapping.ts'

const sides = ['local', 'remote'] as const

/** What a table of a mapping looked like when somebody looked last: a job, or who imported the mapping. */
export const knownSchema = couplet.table(
  'known_schema',
  {
    mappingId: bigNumber()
      .notNull()
      .references(() => tableMapping.id, { onDelete: 'cascade' }),
    side: text({ enum: sides }).notNull(),
    fields: plainJson((raw) => KnownSchema.parse(raw))().notNull(),
    seenAt: stamp(),
  },
  (table) => [
    primaryKey({ columns: [table.mappingId, table.side] }),
    check('known_schema_side', isOneOf(table.side, sides)),
  ],
)
