import { sql } from 'drizzle-orm'
import { boolean, check, foreignKey, index, integer, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { parseReferences, parseSwings, parseValues, syncResults } from '../json.ts'
import { bigNumber, couplet, identity, instant, isOneOf, json, keyText, stamp } from './columns.ts'
import { tableMapping } from './table-mapping.ts'

const values = json(parseValues)

/**
 * The link between one local and one remote record (domain.md §2.3), unique on both sides within an exclusivity group.
 * Couplings are found by key through the unique indexes, so that no further index on the keys is needed.
 */
export const coupling = couplet.table(
  'coupling',
  {
    id: identity(),
    pairId: bigNumber().notNull(),
    mappingId: bigNumber().notNull(),
    localGroup: keyText().notNull(),
    remoteGroup: keyText().notNull(),
    localKey: keyText().notNull(),
    remoteKey: keyText().notNull(),
    localReference: keyText().notNull(),
    remoteReference: keyText().notNull(),
    localVersion: text(),
    remoteVersion: text(),
    /** As the owning system wrote it: a `moment` has no zone, so this is no timestamp. */
    localModifiedAt: text(),
    remoteModifiedAt: text(),
    localFingerprint: text(),
    remoteFingerprint: text(),
    localBase: values().notNull(),
    remoteBase: values().notNull(),
    refs: json(parseReferences)().notNull(),
    /** Last writes to fields that both sides may change, so that one that goes back and forth is noticed. */
    swings: json(parseSwings)().notNull().default(sql`'{}'`),
    mappingVersion: integer().notNull(),
    generation: integer().notNull(),
    /** Set by a recovery, cleared by the first agreement: the systems may be ahead of the bases. */
    isRestored: boolean().notNull().default(false),
    lastToResult: text({ enum: syncResults }),
    lastToJobId: bigNumber(),
    lastToAt: instant(),
    lastFromResult: text({ enum: syncResults }),
    lastFromJobId: bigNumber(),
    lastFromAt: instant(),
    createdAt: stamp(),
    updatedAt: stamp(),
  },
  (table) => [
    foreignKey({
      name: 'coupling_mapping',
      columns: [table.mappingId, table.pairId],
      foreignColumns: [tableMapping.id, tableMapping.pairId],
    }),
    uniqueIndex('coupling_local').on(table.localKey, table.localGroup),
    uniqueIndex('coupling_remote').on(table.remoteKey, table.remoteGroup),
    index('coupling_local_reference').on(table.mappingId, table.localReference),
    index('coupling_remote_reference').on(table.mappingId, table.remoteReference),
    // Who refers to a record: asked for when it is uncoupled; mappings without references pay nothing for it.
    index('coupling_refs').using('gin', table.refs.op('jsonb_path_ops')).where(sql`${table.refs} <> '{}'`),
    check('coupling_last_to_result', isOneOf(table.lastToResult, syncResults)),
    check('coupling_last_from_result', isOneOf(table.lastFromResult, syncResults)),
  ],
)
