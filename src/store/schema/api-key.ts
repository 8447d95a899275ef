import { check, text } from 'drizzle-orm/pg-core'
import { roles } from '../../core/access/role.ts'
import { couplet, identity, instant, isOneOf, stamp } from './columns.ts'

/** Hashes of the keys by which other services sign in, and what each may do; the keys themselves are stored nowhere. */
export const apiKey = couplet.table(
  'api_key',
  {
    id: identity(),
    name: text().notNull().unique(),
    hash: text().notNull().unique(),
    role: text({ enum: roles }).notNull().default('administer'),
    /** Names of the pairs and mappings it is for; null: all. */
    pairs: text().array(),
    mappings: text().array(),
    createdAt: stamp(),
    createdBy: text().notNull().default(''),
    expiresAt: instant(),
    lastUsedAt: instant(),
    revokedAt: instant(),
  },
  (table) => [check('api_key_role', isOneOf(table.role, roles))],
)
