import { foreignKey, index, primaryKey, text } from 'drizzle-orm/pg-core'
import { bigNumber, couplet } from './columns.ts'
import { run } from './run.ts'

/** Idempotency keys of requests that a waiting run has taken along; they go with it. */
export const joinedRequest = couplet.table(
  'joined_request',
  {
    pairId: bigNumber().notNull(),
    idempotencyKey: text().notNull(),
    payloadHash: text().notNull(),
    runId: bigNumber().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.pairId, table.idempotencyKey] }),
    foreignKey({
      name: 'joined_request_run',
      columns: [table.runId, table.pairId],
      foreignColumns: [run.id, run.pairId],
    }).onDelete('cascade'),
    index('joined_request_of_run').on(table.runId),
  ],
)
