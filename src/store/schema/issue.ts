import { sql } from 'drizzle-orm'
import { boolean, check, foreignKey, index, integer, text, unique } from 'drizzle-orm/pg-core'
import { issueKinds } from '../../core/sync/issue.ts'
import { errorKinds, jobDirections, parseConflicts, parseResolution } from '../json.ts'
import { bigNumber, couplet, identity, instant, isOneOf, json, keyText } from './columns.ts'
import { tableMapping } from './table-mapping.ts'

/** What is currently wrong with one record in one direction (domain.md §11.4); removed when it is solved. */
export const issue = couplet.table(
  'issue',
  {
    id: identity(),
    pairId: bigNumber().notNull(),
    mappingId: bigNumber().notNull(),
    direction: text({ enum: jobDirections }).notNull(),
    key: keyText().notNull(),
    partnerKey: keyText(),
    kind: text({ enum: issueKinds }).notNull(),
    code: text().notNull(),
    errorKind: text({ enum: errorKinds }).notNull(),
    field: text(),
    value: text(),
    message: text().notNull(),
    waitsFor: keyText(),
    conflicts: json(parseConflicts)().notNull(),
    /** What somebody has decided, to be applied at the next attempt. */
    resolution: json(parseResolution)(),
    createMissing: boolean().notNull(),
    attempts: integer().notNull().default(1),
    /** Attempts in a row that ended alike, by code and field. */
    repeats: integer().notNull().default(1),
    /** What the last attempt has looked at (core/sync/ledger.ts); the defaults make older rows due. */
    sourceVersion: text(),
    partnerVersion: text(),
    mappingVersion: integer().notNull().default(0),
    configuration: text().notNull().default(''),
    /** Last job that met it; jobs may be removed before the issue is solved, so no foreign key. */
    jobId: bigNumber().notNull(),
    firstAt: instant().notNull(),
    lastAt: instant().notNull(),
    nextAttemptAt: instant(),
    /** Who has set it aside, and why; null: nobody, or the rule of the ledger. */
    parkedBy: text(),
    parkedReason: text(),
  },
  (table) => [
    foreignKey({
      name: 'issue_mapping',
      columns: [table.mappingId, table.pairId],
      foreignColumns: [tableMapping.id, tableMapping.pairId],
    }),
    unique('issue_of_record').on(table.mappingId, table.direction, table.key),
    index('issue_waiting').on(table.waitsFor, table.pairId).where(sql`${table.waitsFor} is not null`),
    index('issue_due')
      .on(table.mappingId, table.direction, table.nextAttemptAt)
      .where(sql`${table.nextAttemptAt} is not null`),
    index('issue_of_version').on(table.mappingId, table.mappingVersion),
    index('issue_of_kind').on(table.kind, table.id),
    index('issue_of_mapping').on(table.mappingId, table.id),
    index('issue_held').on(table.jobId).where(sql`${table.code} = 'DELETION_HELD'`),
    index('issue_of_job').on(table.jobId),
    index('issue_conflict_of_partner')
      .on(table.mappingId, table.partnerKey)
      .where(sql`${table.kind} = 'conflict'`),
    check('issue_direction', isOneOf(table.direction, jobDirections)),
    check('issue_kind', isOneOf(table.kind, issueKinds)),
    check('issue_error_kind', isOneOf(table.errorKind, errorKinds)),
  ],
)
