import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { bulkKinds, bulkRecordStates, bulkStates } from '../../core/bulk/operation.ts'
import { parseBulkSelection, parseBulkTask } from '../bulk/json.ts'
import { jobDirections } from '../json.ts'
import { bigNumber, couplet, identity, instant, isOneOf, json, keyText, stamp } from './columns.ts'
import { pair } from './pair.ts'
import { tableMapping } from './table-mapping.ts'

const counter = () => integer().notNull().default(0)

/** A change of many records that somebody has asked for, with how it goes. Retention removes it with its records. */
export const bulkOperation = couplet.table(
  'bulk_operation',
  {
    id: identity(),
    kind: text({ enum: bulkKinds }).notNull(),
    task: json(parseBulkTask)().notNull(),
    selection: json(parseBulkSelection)().notNull(),
    pairId: bigNumber().references(() => pair.id),
    mapping: text(),
    state: text({ enum: bulkStates }).notNull().default('waiting'),
    selected: counter(),
    done: counter(),
    refused: counter(),
    failed: counter(),
    requestedBy: text().notNull(),
    reason: text(),
    idempotencyKey: text(),
    payloadHash: text(),
    runIds: bigNumber().array().notNull().default([]),
    generation: integer().notNull().default(1),
    errorCode: text(),
    errorMessage: text(),
    cancelledBy: text(),
    createdAt: stamp(),
    startedAt: instant(),
    finishedAt: instant(),
  },
  (table) => [
    uniqueIndex('bulk_operation_key').on(sql`coalesce(${table.pairId}, 0)`, table.idempotencyKey),
    index('bulk_operation_unfinished').on(table.id).where(sql`${table.state} in ('waiting', 'running')`),
    index('bulk_operation_finished').on(table.finishedAt),
    check('bulk_operation_kind', isOneOf(table.kind, bulkKinds)),
    check('bulk_operation_state', isOneOf(table.state, bulkStates)),
    check(
      'bulk_operation_counts',
      sql`${table.done} + ${table.refused} + ${table.failed} <= ${table.selected}`,
    ),
    check(
      'bulk_operation_idempotency',
      sql`(${table.idempotencyKey} is null) = (${table.payloadHash} is null)`,
    ),
    check('bulk_operation_error', sql`(${table.errorCode} is null) = (${table.errorMessage} is null)`),
  ],
)

/**
 * One record of an operation: written when it is asked for, so that exactly what was counted is worked on, and told here what
 * has become of it. Issues and couplings may be gone before it, so no foreign key leads to them.
 */
export const bulkRecord = couplet.table(
  'bulk_record',
  {
    operationId: bigNumber()
      .notNull()
      .references(() => bulkOperation.id, { onDelete: 'cascade' }),
    position: integer().notNull(),
    subjectId: bigNumber().notNull(),
    mappingId: bigNumber().references(() => tableMapping.id),
    direction: text({ enum: jobDirections }),
    key: keyText(),
    partnerKey: keyText(),
    /** The issue as it was selected. */
    seenCode: text(),
    seenField: text(),
    seenAttempts: integer(),
    state: text({ enum: bulkRecordStates }).notNull().default('pending'),
    code: text(),
    message: text(),
    endedAt: instant(),
  },
  (table) => [
    primaryKey({ columns: [table.operationId, table.position] }),
    index('bulk_record_of_state').on(table.operationId, table.state, table.position),
    check('bulk_record_state', isOneOf(table.state, bulkRecordStates)),
    check('bulk_record_direction', isOneOf(table.direction, jobDirections)),
  ],
)
