import { index, text } from 'drizzle-orm/pg-core'
import { bigNumber, couplet, identity, stamp } from './columns.ts'
import { connection } from './connection.ts'

/** One local connection + company and one remote connection + company; every mapping belongs to one. */
export const pair = couplet.table(
  'pair',
  {
    id: identity(),
    name: text().notNull().unique(),
    localConnectionId: bigNumber()
      .notNull()
      .references(() => connection.id),
    localCompany: text().notNull(),
    remoteConnectionId: bigNumber()
      .notNull()
      .references(() => connection.id),
    remoteCompany: text().notNull(),
    createdAt: stamp(),
    updatedAt: stamp(),
  },
  (table) => [
    index('pair_local_connection').on(table.localConnectionId),
    index('pair_remote_connection').on(table.remoteConnectionId),
  ],
)
