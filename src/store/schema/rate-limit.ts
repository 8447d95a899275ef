import { bigint, integer, varchar } from 'drizzle-orm/pg-core'
import { couplet } from './columns.ts'

/** Attempts that are counted over all processes; in the form that rate-limiter-flexible reads and writes. */
export const rateLimit = couplet.table('rate_limit', {
  key: varchar({ length: 255 }).primaryKey(),
  points: integer().notNull().default(0),
  expire: bigint({ mode: 'number' }),
})
