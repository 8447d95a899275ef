import { index, text } from 'drizzle-orm/pg-core'
import { Detail } from '../json.ts'
import { couplet, identity, json, stamp } from './columns.ts'

/** Who changed what; append-only (0001_rules.sql). */
export const auditLog = couplet.table(
  'audit_log',
  {
    id: identity(),
    at: stamp(),
    actor: text().notNull(),
    action: text().notNull(),
    subject: text().notNull(),
    detail: json(Detail.parse)().notNull(),
  },
  (table) => [index('audit_log_subject').on(table.subject, table.id)],
)
