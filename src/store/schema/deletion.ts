import { check, index, primaryKey, text } from 'drizzle-orm/pg-core'
import { jobDirections } from '../json.ts'
import { bigNumber, couplet, instant, isOneOf, keyText } from './columns.ts'
import { coupling } from './coupling.ts'
import { tableMapping } from './table-mapping.ts'

const sides = ['local', 'remote'] as const

/** Where the search for deleted records stands on one side of a mapping. */
export const deletionLook = couplet.table(
  'deletion_look',
  {
    mappingId: bigNumber()
      .notNull()
      .references(() => tableMapping.id, { onDelete: 'cascade' }),
    side: text({ enum: sides }).notNull(),
    /** Tombstones before it are worked off; opaque, as the system gave it. */
    mark: text(),
    comparedAt: instant(),
    /** What the connection could see at the last comparison that counted; opaque, as the system gave it. */
    access: text(),
  },
  (table) => [
    primaryKey({ columns: [table.mappingId, table.side] }),
    check('deletion_look_side', isOneOf(table.side, sides)),
  ],
)

/**
 * Keys that exist on one side, while a comparison goes on; a mapping has one comparison at a time. Unlogged
 * (see the migration): a server that crashes loses them, and the comparison begins again. Without an index: they are read
 * as a whole, once, and keeping them in order would cost more than writing them does.
 */
export const stagedKey = couplet.table('staged_key', {
  mappingId: bigNumber().notNull(),
  key: keyText().notNull(),
})

/**
 * Couplings of which a full compare has met both records, page by page. Unlogged as well: a server that crashes loses them,
 * and then more couplings than need be are looked at once more.
 */
export const seenCoupling = couplet.table('seen_coupling', {
  mappingId: bigNumber().notNull(),
  couplingIds: bigNumber().array().notNull(),
})

/** Couplings of which a record seems to have gone, until a job of that direction has looked. */
export const deletionSuspect = couplet.table(
  'deletion_suspect',
  {
    couplingId: bigNumber()
      .primaryKey()
      .references(() => coupling.id, { onDelete: 'cascade' }),
    mappingId: bigNumber().notNull(),
    direction: text({ enum: jobDirections }).notNull(),
  },
  (table) => [
    index('deletion_suspect_order').on(table.mappingId, table.direction, table.couplingId),
    check('deletion_suspect_direction', isOneOf(table.direction, jobDirections)),
  ],
)
