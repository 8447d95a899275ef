import { sql } from 'drizzle-orm'
import { boolean, check, index, primaryKey, text } from 'drizzle-orm/pg-core'
import type { Outcome } from '../../core/sync/outcome.ts'
import { jobDirections, parseInboxTask } from '../json.ts'
import { parsePlannedCoupling, parsePlannedRecord, parseSamples } from '../preview-json.ts'
import { bigNumber, couplet, isOneOf, json, keyText } from './columns.ts'
import { job } from './job.ts'
import { run } from './run.ts'
import { tableMapping } from './table-mapping.ts'

export const previewCouplingId = couplet.sequence('preview_coupling_id')
export const previewRequestId = couplet.sequence('preview_request_id')

const ofRun = () =>
  bigNumber()
    .notNull()
    .references(() => run.id)
const ofJob = () =>
  bigNumber()
    .notNull()
    .references(() => job.id)
const ofMapping = () =>
  bigNumber()
    .notNull()
    .references(() => tableMapping.id)

/**
 * Couplings as a preview would leave them, and the records it would have written; removed when the run ends. Not
 * unlogged: a preview goes on after a crash of the database server, and its references must still be there then.
 */
export const previewCoupling = couplet.table(
  'preview_coupling',
  {
    runId: ofRun(),
    /** That of the real coupling it stands for; negative for one that would be made. */
    couplingId: bigNumber().notNull(),
    mappingId: ofMapping(),
    localGroup: keyText().notNull(),
    remoteGroup: keyText().notNull(),
    localKey: keyText().notNull(),
    remoteKey: keyText().notNull(),
    localReference: keyText().notNull(),
    remoteReference: keyText().notNull(),
    coupling: json(parsePlannedCoupling)().notNull(),
    localRecord: json(parsePlannedRecord)(),
    remoteRecord: json(parsePlannedRecord)(),
    localRealKey: keyText(),
    remoteRealKey: keyText(),
  },
  (table) => [
    primaryKey({ columns: [table.runId, table.couplingId] }),
    index('preview_coupling_local').on(table.runId, table.localKey),
    index('preview_coupling_remote').on(table.runId, table.remoteKey),
    index('preview_coupling_local_reference').on(table.runId, table.localReference),
    index('preview_coupling_remote_reference').on(table.runId, table.remoteReference),
    index('preview_coupling_local_real')
      .on(table.runId, table.localRealKey)
      .where(sql`${table.localRealKey} is not null`),
    index('preview_coupling_remote_real')
      .on(table.runId, table.remoteRealKey)
      .where(sql`${table.remoteRealKey} is not null`),
  ],
)

/** Records a preview has still to look at: those it was asked for, with the jobs that get the outcome, and those whose issue is due, without. */
export const previewRequest = couplet.table(
  'preview_request',
  {
    id: bigNumber().notNull().default(sql`nextval('couplet.preview_request_id')`),
    runId: ofRun(),
    mappingId: ofMapping(),
    direction: text({ enum: jobDirections }).notNull(),
    key: keyText().notNull(),
    jobIds: bigNumber().array(),
    force: boolean().notNull(),
    createMissing: boolean().notNull(),
    /** Null: to be synchronized. */
    task: json(parseInboxTask)(),
  },
  (table) => [
    primaryKey({ columns: [table.runId, table.mappingId, table.direction, table.key] }),
    check('preview_request_direction', isOneOf(table.direction, jobDirections)),
  ],
)

/** Real couplings of which a record seems to have gone, until a page of the preview has judged them. */
export const previewSuspect = couplet.table(
  'preview_suspect',
  {
    runId: ofRun(),
    mappingId: ofMapping(),
    direction: text({ enum: jobDirections }).notNull(),
    couplingId: bigNumber().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.runId, table.couplingId] }),
    check('preview_suspect_direction', isOneOf(table.direction, jobDirections)),
  ],
)

/** What a job of a preview would do, added up, with a few records of each kind; kept as long as its run. */
export const previewFinding = couplet.table(
  'preview_finding',
  {
    jobId: ofJob(),
    kind: text().$type<Outcome['kind']>().notNull(),
    /** Empty where there is none, because both are part of the key. */
    code: text().notNull(),
    field: text().notNull(),
    records: bigNumber().notNull(),
    samples: json(parseSamples)().notNull(),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.kind, table.code, table.field] })],
)

/** Requests that the real run would send. */
export const previewCost = couplet.table('preview_cost', {
  jobId: bigNumber()
    .primaryKey()
    .references(() => job.id),
  localReads: bigNumber().notNull(),
  localWrites: bigNumber().notNull(),
  localRecords: bigNumber().notNull(),
  remoteReads: bigNumber().notNull(),
  remoteWrites: bigNumber().notNull(),
  remoteRecords: bigNumber().notNull(),
})
