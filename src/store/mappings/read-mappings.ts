import { and, asc, desc, eq, lt, sql } from 'drizzle-orm'
import { SyncError } from '../../core/errors.ts'
import type { MappingDefinition } from '../../core/mapping/definition.ts'
import type { MappingVersion, StoredMapping } from '../../core/ports/mapping-store.ts'
import { type Executor, unnamed } from '../database.ts'
import { mappingVersion } from '../schema/mapping-version.ts'
import { tableMapping } from '../schema/table-mapping.ts'
import { type ReadDefinitions, readDefinitions } from './definitions.ts'

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

/** State and date of the current version of mappings; their definitions come with `withDefinitions`. */
function selectStates(db: Executor) {
  return db
    .select({ state: stateColumns, madeAt: mappingVersion.createdAt })
    .from(tableMapping)
    .innerJoin(mappingVersion, isCurrentVersion)
    .$dynamic()
}

async function withDefinitions(
  db: Executor,
  rows: Awaited<ReturnType<typeof selectStates>>,
  read: ReadDefinitions,
): Promise<StoredMapping[]> {
  const versions = rows.map(({ state: { id, version }, madeAt }) => ({ id, version, madeAt }))
  const definitions = await read(db, versions)
  return rows.flatMap(({ state }) => {
    const definition = definitions.get(state.id)
    return definition === undefined ? [] : [{ ...state, definition }]
  })
}

export async function listMappings(
  db: Executor,
  pairId: number,
  read: ReadDefinitions = readDefinitions,
): Promise<StoredMapping[]> {
  const rows = await selectStates(db)
    .where(eq(tableMapping.pairId, pairId))
    .orderBy(asc(tableMapping.position), sql`${tableMapping.name} collate "C"`)
  return withDefinitions(db, rows, read)
}

/** Finds a mapping by its name; throws MAPPING_UNKNOWN. */
export type GetMapping = (pairId: number, name: string) => Promise<StoredMapping>

/** Nearly every request asks for one: the statement is built once. */
export function prepareGetMapping(db: Executor, read: ReadDefinitions): GetMapping {
  const isMeant = and(
    eq(tableMapping.pairId, sql.placeholder('pairId')),
    eq(tableMapping.name, sql.placeholder('name')),
  )
  const statement = selectStates(db).where(isMeant).prepare(unnamed)
  return async (pairId, name) => {
    const [found] = await withDefinitions(db, await statement.execute({ pairId, name }), read)
    if (found) return found
    throw new SyncError('MAPPING_UNKNOWN', `There is no mapping named '${name}'`, { data: { name } })
  }
}

export async function getMappingById(
  db: Executor,
  mappingId: number,
  read: ReadDefinitions,
): Promise<StoredMapping> {
  const rows = await selectStates(db).where(eq(tableMapping.id, mappingId))
  const [found] = await withDefinitions(db, rows, read)
  if (found) return found
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
  const definition = (await readDefinitions(db, [{ id: mappingId, version }])).get(mappingId)
  if (definition) return definition
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
