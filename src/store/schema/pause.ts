import { sql } from 'drizzle-orm'
import { check, index, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { pauseCauses, pauseScopes } from '../../core/control/pause.ts'
import { bigNumber, couplet, identity, instant, isOneOf, stamp } from './columns.ts'
import { connection } from './connection.ts'
import { tableMapping } from './table-mapping.ts'

/** What is paused, by whom and why; a row for each thing that is. */
export const pause = couplet.table(
  'pause',
  {
    id: identity(),
    scope: text({ enum: pauseScopes }).notNull(),
    connectionId: bigNumber().references(() => connection.id, { onDelete: 'cascade' }),
    mappingId: bigNumber().references(() => tableMapping.id, { onDelete: 'cascade' }),
    cause: text({ enum: pauseCauses }).notNull(),
    pausedBy: text().notNull(),
    reason: text().notNull(),
    at: stamp(),
    until: instant(),
  },
  (table) => [
    uniqueIndex('pause_of').on(
      table.scope,
      sql`coalesce(${table.connectionId}, 0)`,
      sql`coalesce(${table.mappingId}, 0)`,
    ),
    index('pause_connection').on(table.connectionId),
    index('pause_mapping').on(table.mappingId),
    check('pause_scope', isOneOf(table.scope, pauseScopes)),
    check('pause_cause', isOneOf(table.cause, pauseCauses)),
    check(
      'pause_names_its_scope',
      sql`(${table.scope} = 'connection') = (${table.connectionId} is not null)
        and (${table.scope} = 'mapping') = (${table.mappingId} is not null)`,
    ),
  ],
)
