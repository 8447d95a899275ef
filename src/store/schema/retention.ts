import { text } from 'drizzle-orm/pg-core'
import type { AgingKind } from '../../core/ports/retention-store.ts'
import { bigNumber, couplet, stamp } from './columns.ts'

/** When each kind of what is removed by age was looked through last, and what went. One row per kind. */
export const retention = couplet.table('retention', {
  kind: text().$type<AgingKind>().primaryKey(),
  ranAt: stamp(),
  removed: bigNumber().notNull(),
  removedInAll: bigNumber().notNull(),
})
