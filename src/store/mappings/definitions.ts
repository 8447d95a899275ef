import { asc, type SQL, sql } from 'drizzle-orm'
import type { MappingDefinition } from '../../core/mapping/definition.ts'
import { assert } from '../../lib/assert.ts'
import { deepFreeze } from '../../lib/deep-freeze.ts'
import { groupBy } from '../../lib/group.ts'
import type { Executor } from '../database.ts'
import { fieldMapping } from '../schema/field-mapping.ts'
import { mappingVersion } from '../schema/mapping-version.ts'
import { toDefinition } from './definition-rows.ts'

/** One version of a mapping. */
export interface VersionAddress {
  readonly id: number
  readonly version: number
}

/** With the moment it was made: after a restore of the database the same number may stand for something else. */
export interface DatedVersion extends VersionAddress {
  readonly madeAt: string
}

/** Gives the definitions of these versions by the id of their mapping; frozen. */
export type ReadDefinitions = (
  db: Executor,
  versions: readonly DatedVersion[],
) => Promise<ReadonlyMap<number, MappingDefinition>>

/** Reads them all, of each mapping one version. Two statements, whatever the number of mappings. */
export async function readDefinitions(
  db: Executor,
  versions: readonly VersionAddress[],
): Promise<ReadonlyMap<number, MappingDefinition>> {
  if (versions.length === 0) return new Map()
  assert(new Set(versions.map(({ id }) => id)).size === versions.length, 'one version of each mapping')
  const pairs = sql.join(
    versions.map(({ id, version }) => sql`(${id}::bigint, ${version}::int)`),
    sql`, `,
  )
  const isWanted = ({ mappingId, version }: typeof mappingVersion | typeof fieldMapping): SQL =>
    sql`(${mappingId}, ${version}) in (${pairs})`
  const heads = await db
    .select({ id: mappingVersion.mappingId, head: mappingVersion.head })
    .from(mappingVersion)
    .where(isWanted(mappingVersion))
  const rows = await db
    .select()
    .from(fieldMapping)
    .where(isWanted(fieldMapping))
    .orderBy(asc(fieldMapping.position))
  const rowsOf = groupBy(rows, (row) => row.mappingId)
  return new Map(heads.map(({ id, head }) => [id, deepFreeze(toDefinition(head, rowsOf.get(id) ?? []))]))
}

/**
 * Remembers the last version of each mapping that was read: a version never changes, and to read and check one costs more than
 * everything else that a short request needs. Not inside a transaction that saves a version: it may be rolled back.
 */
export function rememberDefinitions(): ReadDefinitions {
  const known = new Map<number, Known>()
  return async (db, versions) => {
    const missing = versions.filter((each) => !isSame(known.get(each.id), each))
    // What is gone meanwhile must not come back from memory.
    for (const { id } of missing) known.delete(id)
    const read = await readDefinitions(db, missing)
    for (const { id, version, madeAt } of missing) {
      const definition = read.get(id)
      if (definition !== undefined) known.set(id, { version, madeAt, definition })
    }
    return new Map(
      versions.flatMap((each) => {
        const one = known.get(each.id)
        // While this was read another request may have read a later version.
        const definition = isSame(one, each) ? one.definition : read.get(each.id)
        return definition === undefined ? [] : [[each.id, definition] as const]
      }),
    )
  }
}

interface Known extends Omit<DatedVersion, 'id'> {
  readonly definition: MappingDefinition
}

function isSame(known: Known | undefined, { version, madeAt }: DatedVersion): known is Known {
  return known !== undefined && known.version === version && known.madeAt === madeAt
}
