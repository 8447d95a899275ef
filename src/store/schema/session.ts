import { check, index, text } from 'drizzle-orm/pg-core'
import { roles } from '../../core/access/role.ts'
import { account } from './account.ts'
import { bigNumber, couplet, instant, isOneOf, stamp } from './columns.ts'

/** Somebody who has signed in with a browser; `id` is the hash of what the cookie holds. */
export const session = couplet.table(
  'session',
  {
    id: text().primaryKey(),
    userName: text().notNull(),
    /** Of somebody from an identity provider; that of an account stands with the account. */
    role: text({ enum: roles }),
    accountId: bigNumber().references(() => account.id, { onDelete: 'cascade' }),
    createdAt: stamp(),
    lastSeenAt: stamp(),
    /** However busy it is. */
    expiresAt: instant().notNull(),
  },
  (table) => [
    index('session_account').on(table.accountId),
    index('session_expiry').on(table.expiresAt),
    check('session_role', isOneOf(table.role, roles)),
  ],
)
