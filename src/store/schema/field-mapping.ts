import { sql } from 'drizzle-orm'
import { boolean, check, foreignKey, index, integer, primaryKey, text } from 'drizzle-orm/pg-core'
import { normalisers } from '../../core/coupling/normalise.ts'
import { conflictStrategies } from '../../core/mapping/conflict-strategy.ts'
import { directions, tooLongPolicies } from '../../core/mapping/definition.ts'
import { parseTransform, ValueMap } from '../json.ts'
import { bigNumber, couplet, isOneOf, json } from './columns.ts'
import { mappingVersion } from './mapping-version.ts'

/** One row of a mapping version (domain.md §2.2), in the order in which fields are processed; immutable like it. */
export const fieldMapping = couplet.table(
  'field_mapping',
  {
    mappingId: bigNumber().notNull(),
    version: integer().notNull(),
    position: integer().notNull(),
    local: text(),
    remote: text(),
    direction: text({ enum: directions }).notNull(),
    enabled: boolean().notNull(),
    constant: text(),
    referenceMapping: text(),
    referenceDeferred: boolean(),
    remoteWhenLocalBlank: text(),
    remoteWhenNotCoupled: text(),
    valueMap: json(ValueMap.parse)(),
    atLeast: text(),
    transform: json(parseTransform)(),
    onTooLong: text({ enum: tooLongPolicies }),
    notNull: boolean().notNull(),
    clearOnFailedSync: boolean().notNull(),
    matchPriority: integer(),
    matchCaseSensitive: boolean(),
    matchNormalise: text({ enum: normalisers }).array(),
    conflict: text({ enum: conflictStrategies }),
    validateLocal: boolean().notNull(),
    validateRemote: boolean().notNull(),
    userDefined: boolean().notNull(),
    sensitive: boolean().notNull().default(false),
  },
  (table) => [
    primaryKey({ columns: [table.mappingId, table.version, table.position] }),
    index('field_mapping_sensitive').on(table.mappingId).where(sql`${table.sensitive}`),
    foreignKey({
      name: 'field_mapping_of_version',
      columns: [table.mappingId, table.version],
      foreignColumns: [mappingVersion.mappingId, mappingVersion.version],
    }),
    check('field_mapping_direction', isOneOf(table.direction, directions)),
    check('field_mapping_conflict', isOneOf(table.conflict, conflictStrategies)),
    check('field_mapping_too_long', isOneOf(table.onTooLong, tooLongPolicies)),
    check(
      'field_mapping_reference',
      sql`(${table.referenceMapping} is null) = (${table.referenceDeferred} is null)`,
    ),
    check(
      'field_mapping_match',
      sql`(${table.matchPriority} is null) = (${table.matchCaseSensitive} is null)`,
    ),
  ],
)
