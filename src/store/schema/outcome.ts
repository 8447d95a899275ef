import { sql } from 'drizzle-orm'
import { boolean, check, index, primaryKey, text } from 'drizzle-orm/pg-core'
import { type Outcome, outcomeKinds } from '../../core/sync/outcome.ts'
import { errorKinds, jobDirections, parseChanges, parseWarnings } from '../json.ts'
import { bigNumber, couplet, instant, isOneOf, json, keyText } from './columns.ts'

export const outcomeId = couplet.sequence('outcome_id')

/**
 * The ledger: what happened to one record in one job. Append-only, partitioned by month (0001_rules.sql); dropping a
 * partition is retention. No foreign keys: it outlives nothing and is written by the thousand inside a page commit
 * that has just locked the job it belongs to.
 */
export const outcome = couplet.table(
  'outcome',
  {
    /** From a sequence and not an identity column, which partitions before Postgres 17 cannot share. */
    id: bigNumber().notNull().default(sql`nextval('couplet.outcome_id')`),
    at: instant().notNull().default(sql`clock_timestamp()`),
    pairId: bigNumber().notNull(),
    mappingId: bigNumber().notNull(),
    jobId: bigNumber().notNull(),
    direction: text({ enum: jobDirections }).notNull(),
    kind: text().$type<Outcome['kind']>().notNull(),
    localKey: keyText(),
    remoteKey: keyText(),
    code: text(),
    /** Class of the error: what is done about it next (domain.md §2.4). */
    errorKind: text({ enum: errorKinds }),
    field: text(),
    /** The offending value. */
    value: text(),
    message: text(),
    /** Changed fields of the destination, before and after; null when nothing was written. */
    changes: json(parseChanges)(),
    /** Null where there are none. */
    warnings: json(parseWarnings)(),
    localVersion: text(),
    remoteVersion: text(),
    recovered: boolean().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.id, table.at] }),
    index('outcome_of_job').on(table.jobId, table.id),
    index('outcome_of_code').on(table.code, table.id).where(sql`${table.code} is not null`),
    index('outcome_of_mapping').on(table.mappingId, table.id),
    // Costs a commit next to nothing, and is enough because rows lie in the order of time.
    index('outcome_at').using('brin', table.at),
    index('outcome_of_local').on(table.mappingId, table.localKey),
    index('outcome_of_remote').on(table.mappingId, table.remoteKey),
    check('outcome_direction', isOneOf(table.direction, jobDirections)),
    check('outcome_error_kind', isOneOf(table.errorKind, errorKinds)),
    check(
      'outcome_kind',
      isOneOf(
        table.kind,
        outcomeKinds.filter((kind) => kind !== 'unchanged'),
      ),
    ),
  ],
)
