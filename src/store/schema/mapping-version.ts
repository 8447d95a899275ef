import { integer, primaryKey, text } from 'drizzle-orm/pg-core'
import { MappingHead } from '../json.ts'
import { bigNumber, couplet, json, stamp } from './columns.ts'
import { tableMapping } from './table-mapping.ts'

/** One immutable version of a table mapping; a line of a run pins one. Its field mappings are rows of their own. */
export const mappingVersion = couplet.table(
  'mapping_version',
  {
    mappingId: bigNumber()
      .notNull()
      .references(() => tableMapping.id),
    version: integer().notNull(),
    /** The definition without its field mappings. */
    head: json(MappingHead.parse)().notNull(),
    changedBy: text().notNull(),
    reason: text().notNull(),
    createdAt: stamp(),
  },
  (table) => [primaryKey({ columns: [table.mappingId, table.version] })],
)
