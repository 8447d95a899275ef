import { text } from 'drizzle-orm/pg-core'
import { couplet, identity, stamp } from './columns.ts'

/** Hashes of the keys by which other services sign in; the keys themselves are stored nowhere. */
export const apiKey = couplet.table('api_key', {
  id: identity(),
  name: text().notNull().unique(),
  hash: text().notNull().unique(),
  createdAt: stamp(),
})
