import { boolean, foreignKey, index, integer, text, unique } from 'drizzle-orm/pg-core'
import { bigNumber, couplet, identity, keyText, stamp } from './columns.ts'
import { tableMapping } from './table-mapping.ts'

/** Memory of a coupling that was removed, so that nothing is coupled or created again by accident (domain.md §10). */
export const uncoupledPair = couplet.table(
  'uncoupled_pair',
  {
    id: identity(),
    pairId: bigNumber().notNull(),
    mappingId: bigNumber().notNull(),
    localKey: keyText().notNull(),
    remoteKey: keyText().notNull(),
    /** Generation of the coupling that was removed; the next one of this record starts above it. */
    generation: integer().notNull(),
    reason: text().notNull(),
    uncoupledBy: text().notNull(),
    jobId: bigNumber(),
    /** The record of that side may get a new partner: a person has said so since. */
    localReleased: boolean().notNull().default(false),
    remoteReleased: boolean().notNull().default(false),
    uncoupledAt: stamp(),
  },
  (table) => [
    foreignKey({
      name: 'uncoupled_pair_mapping',
      columns: [table.mappingId, table.pairId],
      foreignColumns: [tableMapping.id, tableMapping.pairId],
    }),
    unique('uncoupled_pair_keys').on(table.mappingId, table.localKey, table.remoteKey),
    index('uncoupled_pair_remote_key').on(table.mappingId, table.remoteKey),
  ],
)
