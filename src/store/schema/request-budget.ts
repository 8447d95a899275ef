import { primaryKey } from 'drizzle-orm/pg-core'
import { BudgetState } from '../../core/budget/state.ts'
import { bigNumber, couplet, keyText, plainJson } from './columns.ts'
import { connection } from './connection.ts'

/** What one identity (application user) of a connection may still use, shared by all workers. */
export const requestBudget = couplet.table(
  'request_budget',
  {
    connectionId: bigNumber()
      .notNull()
      .references(() => connection.id, { onDelete: 'cascade' }),
    identity: keyText().notNull(),
    /** Grows with every change: a change is made only to the state it was worked out from. */
    revision: bigNumber().notNull(),
    state: plainJson((raw) => BudgetState.parse(raw))().notNull(),
  },
  (table) => [primaryKey({ columns: [table.connectionId, table.identity] })],
)
