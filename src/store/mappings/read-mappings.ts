import { and, asc, desc, eq, lt, type SQL, sql } from 'drizzle-orm'
import { SyncError } from '../../core/errors.ts'
import type { MappingDefinition } from '../../core/mapping/definition.ts'
import type { MappingVersion, StoredMapping } from '../../core/ports/mapping-store.ts'
import { groupBy } from '../../lib/group.ts'
import type { Executor } from '../database.ts'
import { fieldMapping } from '../schema/field-mapping.ts'
import { mappingVersion } from '../schema/mapping-version.ts'
import { tableMapping } from '../schema/table-mapping.ts'
import { toDefinition } from './definition-rows.ts'

const stateColumns = {
  id: tableMapping.id,
  pairId: tableMapping.pairId,
  version: tableMapping.version,
  localWatermark: tableMapping.localWatermark,
  remoteWatermark: tableMapping.remoteWatermark,
  localWatermarkRun: tableMapping.localWatermarkRun,
  remoteWatermarkRun: tableMapping.remoteWatermarkRun,
  selectionGeneration: tableMapping.selectionGeneration,
  scannedGeneration: tableMapping.scannedGeneration,
}

const isCurrentVersion = and(
  eq(mappingVersion.mappingId, tableMapping.id),
  eq(mappingVersion.version, tableMapping.version),
)

/** Two statements, whatever the number of mappings: state with head, then the field mappings of the current versions. */
async function findMappings(db: Executor, which: SQL): Promise<StoredMapping[]> {
  const mappings = await db
    .select({ state: stateColumns, head: mappingVersion.head })
    .from(tableMapping)
    .innerJoin(mappingVersion, isCurrentVersion)
    .where(which)
    .orderBy(asc(tableMapping.position), sql`${tableMapping.name} collate "C"`)
  if (mappings.length === 0) return []
  const versions = mappings.map(({ state }) => sql`(${state.id}::bigint, ${state.version}::int)`)
  const rows = await db
    .select()
    .from(fieldMapping)
    .where(sql`(${fieldMapping.mappingId}, ${fieldMapping.version}) in (${sql.join(versions, sql`, `)})`)
    .orderBy(asc(fieldMapping.position))
  const rowsOf = groupBy(rows, (row) => row.mappingId)
  return mappings.map(({ state, head }) => ({
    ...state,
    definition: toDefinition(head, rowsOf.get(state.id) ?? []),
  }))
}

export function listMappings(db: Executor, pairId: number): Promise<StoredMapping[]> {
  return findMappings(db, eq(tableMapping.pairId, pairId))
}

async function findMapping(db: Executor, pairId: number, name: string): Promise<StoredMapping | null> {
  const found = await findMappings(
    db,
    sql`${tableMapping.pairId} = ${pairId} and ${tableMapping.name} = ${name}`,
  )
  return found[0] ?? null
}

export async function getMapping(db: Executor, pairId: number, name: string): Promise<StoredMapping> {
  const found = await findMapping(db, pairId, name)
  if (found) return found
  throw new SyncError('MAPPING_UNKNOWN', `There is no mapping named '${name}'`, { data: { name } })
}

export async function getMappingById(db: Executor, mappingId: number): Promise<StoredMapping> {
  const found = await findMappings(db, eq(tableMapping.id, mappingId))
  if (found[0]) return found[0]
  throw unknownNumber(mappingId)
}

export async function getCurrentVersion(db: Executor, mappingId: number): Promise<number> {
  const { rows } = await db.execute<{ version: number }>(
    sql`select version from couplet.table_mapping where id = ${mappingId}`,
  )
  if (rows[0]) return rows[0].version
  throw unknownNumber(mappingId)
}

function unknownNumber(mappingId: number): SyncError {
  return new SyncError('MAPPING_UNKNOWN', `There is no mapping with the number ${mappingId}`, {
    data: { mappingId },
  })
}

export async function getMappingVersion(
  db: Executor,
  mappingId: number,
  version: number,
): Promise<MappingDefinition> {
  const heads = await db
    .select({ head: mappingVersion.head })
    .from(mappingVersion)
    .where(and(eq(mappingVersion.mappingId, mappingId), eq(mappingVersion.version, version)))
  const rows = await db
    .select()
    .from(fieldMapping)
    .where(and(eq(fieldMapping.mappingId, mappingId), eq(fieldMapping.version, version)))
    .orderBy(asc(fieldMapping.position))
  if (heads[0]) return toDefinition(heads[0].head, rows)
  throw new SyncError('MAPPING_UNKNOWN', `Mapping ${mappingId} has no version ${version}`, {
    data: { mappingId, version },
  })
}

export function listMappingVersions(
  db: Executor,
  mappingId: number,
  { limit, before }: { readonly limit: number; readonly before: number | null },
): Promise<MappingVersion[]> {
  return db
    .select({
      version: mappingVersion.version,
      changedBy: mappingVersion.changedBy,
      reason: mappingVersion.reason,
      at: mappingVersion.createdAt,
    })
    .from(mappingVersion)
    .where(
      and(
        eq(mappingVersion.mappingId, mappingId),
        before === null ? undefined : lt(mappingVersion.version, before),
      ),
    )
    .orderBy(desc(mappingVersion.version))
    .limit(limit)
}
