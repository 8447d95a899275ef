import { sql } from 'drizzle-orm'
import { check, index, integer, text, unique } from 'drizzle-orm/pg-core'
import { bigNumber, couplet, identity, keyText, stamp } from './columns.ts'
import { pair } from './pair.ts'

/**
 * A table mapping: its name and its state. What it says stands in `mapping_version`; (id, version) refers there by a
 * deferred foreign key (0001_rules.sql). Watermarks carry the run that set them (domain.md §2.1).
 */
export const tableMapping = couplet.table(
  'table_mapping',
  {
    id: identity(),
    pairId: bigNumber()
      .notNull()
      .references(() => pair.id),
    name: text().notNull(),
    version: integer().notNull(),
    /** Copied from the current version, for the order of lists. */
    position: integer().notNull(),
    /** Exclusivity groups of both sides, computed from the pair's connections and the current version. */
    localGroup: keyText().notNull(),
    remoteGroup: keyText().notNull(),
    localWatermark: text(),
    localWatermarkRun: bigNumber(),
    remoteWatermark: text(),
    remoteWatermarkRun: bigNumber(),
    selectionGeneration: integer().notNull().default(1),
    scannedGeneration: integer().notNull().default(0),
    createdAt: stamp(),
    updatedAt: stamp(),
  },
  (table) => [
    unique('table_mapping_name').on(table.pairId, table.name),
    unique('table_mapping_pair').on(table.id, table.pairId),
    index('table_mapping_local_watermark_run').on(table.localWatermarkRun),
    index('table_mapping_remote_watermark_run').on(table.remoteWatermarkRun),
    check(
      'table_mapping_name_without_slash',
      sql`${table.name} <> '' and position('/' in ${table.name}) = 0`,
    ),
    check('table_mapping_scanned', sql`${table.scannedGeneration} <= ${table.selectionGeneration}`),
  ],
)
