import { sql } from 'drizzle-orm'
import { check, foreignKey, index, integer, text, unique } from 'drizzle-orm/pg-core'
import { jobStates, jobTypes } from '../../core/sync/run.ts'
import { jobDirections, parseCheckpoint, parseStepCosts } from '../json.ts'
import { bigNumber, couplet, identity, instant, isOneOf, json, stamp } from './columns.ts'
import { line } from './line.ts'
import { tableMapping } from './table-mapping.ts'

const counter = () => bigNumber().notNull().default(0)

/** One direction of one mapping inside a run (Integration Synch. Job): counters, times, checkpoint (domain.md §2.4). */
export const job = couplet.table(
  'job',
  {
    id: identity(),
    lineId: bigNumber().notNull(),
    runId: bigNumber().notNull(),
    pairId: bigNumber().notNull(),
    mappingId: bigNumber().notNull(),
    type: text({ enum: jobTypes }).notNull().default('synchronization'),
    direction: text({ enum: jobDirections }).notNull(),
    state: text({ enum: jobStates }).notNull().default('ready'),
    read: counter(),
    reread: counter(),
    inserted: counter(),
    modified: counter(),
    unchanged: counter(),
    coupled: counter(),
    uncoupled: counter(),
    deleted: counter(),
    skipped: counter(),
    waiting: counter(),
    conflict: counter(),
    failed: counter(),
    ignored: counter(),
    notCoupled: counter(),
    newlySkipped: counter(),
    failedTransient: counter(),
    failedPermanent: counter(),
    failedConfig: counter(),
    duplicatesPrevented: counter(),
    checkpoint: json(parseCheckpoint)(),
    /** What each step has cost; null before the first attempt has ended. */
    stepCosts: json(parseStepCosts)(),
    estimatedRows: bigNumber(),
    takeovers: integer().notNull().default(0),
    errorCode: text(),
    errorMessage: text(),
    createdAt: stamp(),
    startedAt: instant(),
    finishedAt: instant(),
  },
  (table) => [
    foreignKey({
      name: 'job_line',
      columns: [table.lineId, table.runId, table.mappingId],
      foreignColumns: [line.id, line.runId, line.mappingId],
    }),
    foreignKey({
      name: 'job_mapping',
      columns: [table.mappingId, table.pairId],
      foreignColumns: [tableMapping.id, tableMapping.pairId],
    }),
    unique('job_direction_of_line').on(table.lineId, table.direction),
    index('job_of_run').on(table.runId),
    index('job_of_state').on(table.state, table.id),
    index('job_of_mapping').on(table.mappingId, table.id),
    index('job_created').on(table.createdAt),
    // What has ended lately (alerts), and what retention may remove.
    index('job_succeeded')
      .on(table.mappingId, table.direction, table.id)
      .where(
        sql`${table.type} = 'synchronization' and ${table.state} in ('succeeded', 'succeeded-with-failures')`,
      ),
    index('job_finished').on(table.finishedAt),
    check('job_type', isOneOf(table.type, jobTypes)),
    check('job_direction', isOneOf(table.direction, jobDirections)),
    check('job_state', isOneOf(table.state, jobStates)),
    check('job_error', sql`(${table.errorCode} is null) = (${table.errorMessage} is null)`),
  ],
)
