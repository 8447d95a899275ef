import { text } from 'drizzle-orm/pg-core'
import { bigNumber, couplet, instant, keyText } from './columns.ts'

/** Fencing tokens of all leases come from one sequence: a later acquisition always has the larger one. */
export const leaseToken = couplet.sequence('lease_token')

/** Who may work on a resource, until when. A takeover updates the row; rows are never deleted. */
export const lease = couplet.table('lease', {
  resource: keyText().primaryKey(),
  token: bigNumber().notNull(),
  holder: text().notNull(),
  expiresAt: instant().notNull(),
})
