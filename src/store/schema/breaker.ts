import { BreakerState } from '../../core/control/breaker.ts'
import { bigNumber, couplet, plainJson, stamp } from './columns.ts'
import { connection } from './connection.ts'

/** The circuit breaker of a connection, shared by all workers; no row: it has never been open. */
export const breaker = couplet.table('breaker', {
  connectionId: bigNumber()
    .primaryKey()
    .references(() => connection.id, { onDelete: 'cascade' }),
  /** Grows with every change: a change is made only to the state it was worked out from. */
  revision: bigNumber().notNull(),
  state: plainJson((raw) => BreakerState.parse(raw))().notNull(),
  updatedAt: stamp(),
})
