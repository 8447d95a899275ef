import { index, integer, text } from 'drizzle-orm/pg-core'
import { bigNumber, couplet, keyText } from './columns.ts'

/**
 * Match keys of both sides while a coupling job compares them. Unlogged (the migration says so): a server that crashes
 * empties it, which the job notices. `position` is the match group; -1 stands for the record itself.
 */
export const matchKey = couplet.table(
  'match_key',
  {
    jobId: bigNumber().notNull(),
    mappingId: bigNumber().notNull(),
    side: text({ enum: ['local', 'remote'] }).notNull(),
    position: integer().notNull(),
    matchKey: keyText().notNull(),
    recordKey: keyText().notNull(),
  },
  // No more than this one: all rows of a job are read at once, and an index over the keys costs more than all else here.
  (table) => [index('match_key_of_job').on(table.jobId)],
)
