import { boolean, text } from 'drizzle-orm/pg-core'
import { Settings } from '../json.ts'
import { couplet, identity, json, stamp } from './columns.ts'

/** A business system: kind and settings, never a secret (domain.md §16.1). */
export const connection = couplet.table('connection', {
  id: identity(),
  name: text().notNull().unique(),
  kind: text().notNull(),
  settings: json(Settings.parse)().notNull(),
  enabled: boolean().notNull().default(true),
  disabledReason: text(),
  createdAt: stamp(),
  updatedAt: stamp(),
})
