import { check, text } from 'drizzle-orm/pg-core'
import { roles } from '../../core/access/role.ts'
import { couplet, identity, isOneOf, stamp } from './columns.ts'

/** People who sign in with a password of ours; what is stored of it is its scrypt hash. */
export const account = couplet.table(
  'account',
  {
    id: identity(),
    name: text().notNull().unique(),
    password: text().notNull(),
    role: text({ enum: roles }).notNull(),
    createdAt: stamp(),
    updatedAt: stamp(),
  },
  (table) => [check('account_role', isOneOf(table.role, roles))],
)
