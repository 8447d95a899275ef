import { sql } from 'drizzle-orm'
import { boolean, check, index, text } from 'drizzle-orm/pg-core'
import { Detail } from '../json.ts'
import { bigNumber, couplet, identity, json, stamp } from './columns.ts'

/**
 * Who changed what, from what to what, and why. Append-only, and a chain: a trigger gives each entry the next number and
 * a hash over itself and the entry before it, under the lock of the one row of `audit_chain`.
 */
export const auditLog = couplet.table(
  'audit_log',
  {
    id: identity(),
    at: stamp(),
    actor: text().notNull(),
    action: text().notNull(),
    subject: text().notNull(),
    reason: text(),
    before: json(Detail.parse)(),
    after: json(Detail.parse)(),
    detail: json(Detail.parse)().notNull(),
    /** From 1, without a gap; written by the trigger, as are the hashes. */
    number: bigNumber().notNull().unique().default(0),
    previousHash: text().notNull().default(''),
    hash: text().notNull().default(''),
  },
  (table) => [index('audit_log_subject').on(table.subject, table.id)],
)

/** Number and hash of the last entry; one row. */
export const auditChain = couplet.table(
  'audit_chain',
  {
    isOnly: boolean().primaryKey().default(true),
    entries: bigNumber().notNull(),
    hash: text().notNull(),
  },
  (table) => [check('audit_chain_is_only', sql`${table.isOnly}`)],
)
