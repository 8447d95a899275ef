import { sql } from 'drizzle-orm'
import { check, foreignKey, index, integer, text, unique } from 'drizzle-orm/pg-core'
import { lineStates, selections } from '../../core/sync/run.ts'
import { bigNumber, couplet, identity, instant, isOneOf, stamp } from './columns.ts'
import { mappingVersion } from './mapping-version.ts'
import { run } from './run.ts'
import { tableMapping } from './table-mapping.ts'

/** One mapping inside a run, pinned to a mapping version, with its dependencies and its state. */
export const line = couplet.table(
  'line',
  {
    id: identity(),
    runId: bigNumber().notNull(),
    pairId: bigNumber().notNull(),
    mappingId: bigNumber().notNull(),
    mappingVersion: integer().notNull(),
    position: integer().notNull(),
    selection: text({ enum: selections }).notNull(),
    state: text({ enum: lineStates }).notNull().default('pending'),
    dependsOn: bigNumber().array().notNull().default([]),
    ignoredDependencies: text().array().notNull().default([]),
    generation: integer().notNull().default(1),
    /** Starts in a row that found the line where the one before had found it, and did not end. */
    starts: integer().notNull().default(0),
    /** What the jobs looked like at the last start. */
    startMark: text(),
    errorCode: text(),
    errorMessage: text(),
    blockedBy: text().array().notNull().default([]),
    createdAt: stamp(),
    startedAt: instant(),
    finishedAt: instant(),
  },
  (table) => [
    foreignKey({
      name: 'line_run',
      columns: [table.runId, table.pairId],
      foreignColumns: [run.id, run.pairId],
    }),
    foreignKey({
      name: 'line_mapping',
      columns: [table.mappingId, table.pairId],
      foreignColumns: [tableMapping.id, tableMapping.pairId],
    }),
    foreignKey({
      name: 'line_mapping_version',
      columns: [table.mappingId, table.mappingVersion],
      foreignColumns: [mappingVersion.mappingId, mappingVersion.version],
    }),
    unique('line_of_mapping_in_run').on(table.id, table.runId, table.mappingId),
    index('line_of_run').on(table.runId, table.position),
    index('line_of_mapping').on(table.mappingId, table.mappingVersion),
    index('line_failed').on(table.mappingId, table.finishedAt).where(sql`${table.state} = 'failed'`),
    index('line_unfinished')
      .on(table.mappingId)
      .where(sql`${table.state} in ('pending', 'ready', 'running')`),
    check('line_selection', isOneOf(table.selection, selections)),
    check('line_state', isOneOf(table.state, lineStates)),
    check('line_error', sql`(${table.errorCode} is null) = (${table.errorMessage} is null)`),
  ],
)
