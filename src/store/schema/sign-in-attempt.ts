import { index, text } from 'drizzle-orm/pg-core'
import { couplet, instant } from './columns.ts'

/** Somebody who was sent to the identity provider and is expected back; `id` is the hash of what the cookie holds. */
export const signInAttempt = couplet.table(
  'sign_in_attempt',
  {
    id: text().primaryKey(),
    state: text().notNull(),
    nonce: text().notNull(),
    verifier: text().notNull(),
    expiresAt: instant().notNull(),
  },
  (table) => [index('sign_in_attempt_expiry').on(table.expiresAt)],
)
