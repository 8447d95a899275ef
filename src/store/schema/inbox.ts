import { sql } from 'drizzle-orm'
import { boolean, check, foreignKey, index, text, unique } from 'drizzle-orm/pg-core'
import { jobDirections, parseInboxTask } from '../json.ts'
import { bigNumber, couplet, identity, isOneOf, json, keyText, stamp } from './columns.ts'
import { tableMapping } from './table-mapping.ts'

export const inboxSeq = couplet.sequence('inbox_seq')

/** Requests to synchronize single records soon; asking again renews `seq`, so work under way cannot swallow it. */
export const inbox = couplet.table(
  'inbox',
  {
    id: identity(),
    seq: bigNumber().notNull().default(sql`nextval('couplet.inbox_seq')`),
    pairId: bigNumber().notNull(),
    mappingId: bigNumber().notNull(),
    direction: text({ enum: jobDirections }).notNull(),
    key: keyText().notNull(),
    jobIds: bigNumber().array().notNull(),
    /** Operations that have asked for it: they are carried out by a run, and given up with it. */
    operationIds: bigNumber().array().notNull().default(sql`'{}'`),
    /** Somebody has asked for it outside of any run and operation, too: a run that is cancelled does not take it along. */
    isWantedAnyway: boolean().notNull().default(false),
    force: boolean().notNull(),
    createMissing: boolean().notNull(),
    /** Null: to be synchronized. */
    task: json(parseInboxTask)(),
    requestedAt: stamp(),
  },
  (table) => [
    foreignKey({
      name: 'inbox_mapping',
      columns: [table.mappingId, table.pairId],
      foreignColumns: [tableMapping.id, tableMapping.pairId],
    }),
    unique('inbox_of_record').on(table.mappingId, table.direction, table.key),
    index('inbox_order').on(table.mappingId, table.direction, table.seq),
    check('inbox_direction', isOneOf(table.direction, jobDirections)),
  ],
)
