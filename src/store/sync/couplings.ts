import { and, eq, ne, sql } from 'drizzle-orm'
import type { Coupling, CouplingBases } from '../../core/coupling/coupling.ts'
import type { Side } from '../../core/mapping/definition.ts'
import type { ResolvedReference, SyncStore } from '../../core/ports/sync-store.ts'
import { displayKey, type RecordKey } from '../../core/values/key.ts'
import { type Executor, idArray, isAnyOf } from '../database.ts'
import { parseReferences, parseSwings } from '../json.ts'
import { coupling } from '../schema/coupling.ts'
import { tableMapping } from '../schema/table-mapping.ts'

/** As the driver gives it: drizzle's mapping of a thousand rows costs more than the query. */
interface Row extends Record<string, unknown> {
  readonly id: string
  readonly mapping_id: string
  readonly local_key: string
  readonly local_reference: string
  readonly local_version: string | null
  readonly local_modified_at: string | null
  readonly local_fingerprint: string | null
  readonly remote_key: string
  readonly remote_reference: string
  readonly remote_version: string | null
  readonly remote_modified_at: string | null
  readonly remote_fingerprint: string | null
  readonly refs: unknown
  readonly swings: unknown
  readonly mapping_version: number
  readonly generation: number
  readonly is_restored: boolean
}

const columns =
  sql.raw(`id, mapping_id, local_key, local_reference, local_version, local_modified_at, local_fingerprint,
  remote_key, remote_reference, remote_version, remote_modified_at, remote_fingerprint,
  refs, swings, mapping_version, generation, is_restored`)

const keyOf = { local: coupling.localKey, remote: coupling.remoteKey } as const
const groupOf = { local: coupling.localGroup, remote: coupling.remoteGroup } as const
const referenceOf = { local: coupling.localReference, remote: coupling.remoteReference } as const
const mappingGroupOf = { local: tableMapping.localGroup, remote: tableMapping.remoteGroup } as const

/** By the unique index of that side: key and exclusivity group. */
export async function findCouplings(
  db: Executor,
  mappingId: number,
  side: Side,
  keys: readonly RecordKey[],
): Promise<Coupling[]> {
  if (keys.length === 0) return []
  const { rows } = await db.execute<Row>(sql`
    select ${columns} from couplet.coupling
    where ${isAnyOf(keyOf[side], keys)} and mapping_id = ${mappingId}
      and ${groupOf[side]} = (select ${mappingGroupOf[side]} from couplet.table_mapping where id = ${mappingId})`)
  return rows.map(toCoupling)
}

/** Oldest first. */
export async function findCouplingsByReference(
  db: Executor,
  mappingId: number,
  side: Side,
  references: readonly string[],
): Promise<Coupling[]> {
  if (references.length === 0) return []
  const { rows } = await db.execute<Row>(sql`
    select ${columns} from couplet.coupling
    where mapping_id = ${mappingId} and ${isAnyOf(referenceOf[side], references)} order by id`)
  return rows.map(toCoupling)
}

export async function listCouplings(
  db: Executor,
  mappingId: number,
  { after, last, limit }: Parameters<SyncStore['listCouplings']>[1],
): Promise<Coupling[]> {
  const { rows } = await db.execute<Row>(sql`
    select ${columns} from couplet.coupling
    where mapping_id = ${mappingId} and id > ${after} and id <= ${last} order by id limit ${limit}`)
  return rows.map(toCoupling)
}

export async function findLastCoupling(db: Executor, mappingId: number): Promise<number> {
  const { rows } = await db.execute<{ last: string | null }>(sql`
    select max(id) as last from couplet.coupling where mapping_id = ${mappingId}`)
  return Number(rows[0]?.last ?? 0)
}

function toCoupling(row: Row): Coupling {
  return {
    id: Number(row.id),
    mappingId: Number(row.mapping_id),
    local: {
      key: row.local_key,
      reference: row.local_reference,
      version: row.local_version,
      modifiedAt: row.local_modified_at,
      fingerprint: row.local_fingerprint,
    },
    remote: {
      key: row.remote_key,
      reference: row.remote_reference,
      version: row.remote_version,
      modifiedAt: row.remote_modified_at,
      fingerprint: row.remote_fingerprint,
    },
    references: parseReferences(row.refs),
    swings: parseSwings(row.swings),
    mappingVersion: row.mapping_version,
    generation: row.generation,
    isRestored: row.is_restored,
  }
}

export async function loadBases(
  db: Executor,
  couplingIds: readonly number[],
): Promise<ReadonlyMap<number, CouplingBases>> {
  if (couplingIds.length === 0) return new Map()
  const rows = await db
    .select({ id: coupling.id, local: coupling.localBase, remote: coupling.remoteBase })
    .from(coupling)
    .where(sql`${coupling.id} = any(${idArray(couplingIds)})`)
  return new Map(rows.map(({ id, local, remote }) => [id, { local, remote }]))
}

export async function findTaken(
  db: Executor,
  group: string,
  side: Side,
  keys: readonly RecordKey[],
  exceptMappingId: number,
): Promise<ReadonlyMap<RecordKey, string>> {
  if (keys.length === 0) return new Map()
  const rows = await db
    .select({
      key: keyOf[side],
      partner: keyOf[side === 'local' ? 'remote' : 'local'],
      name: tableMapping.name,
    })
    .from(coupling)
    .innerJoin(tableMapping, eq(tableMapping.id, coupling.mappingId))
    .where(and(isAnyOf(keyOf[side], keys), eq(groupOf[side], group), ne(coupling.mappingId, exceptMappingId)))
  return nameTakers(rows)
}

/** By key: the mapping that has coupled the record, and with whom, for messages. */
export function nameTakers(
  rows: readonly { readonly key: RecordKey; readonly partner: RecordKey; readonly name: string }[],
): ReadonlyMap<RecordKey, string> {
  return new Map(rows.map(({ key, partner, name }) => [key, `${name} (with ${displayKey(partner)})`]))
}

export async function isGroupShared(
  db: Executor,
  group: string,
  side: Side,
  mappingId: number,
): Promise<boolean> {
  const column = side === 'local' ? tableMapping.localGroup : tableMapping.remoteGroup
  const others = await db
    .select({ id: tableMapping.id })
    .from(tableMapping)
    .where(and(eq(column, group), ne(tableMapping.id, mappingId)))
    .limit(1)
  return others.length > 0
}

/** Where several records share a reference, the one that was coupled first stands for it. */
export async function resolveReferences(
  db: Executor,
  mappingId: number,
  side: Side,
  references: readonly string[],
): Promise<ReadonlyMap<string, ResolvedReference>> {
  if (references.length === 0) return new Map()
  const rows = await db
    .select({ id: coupling.id, local: coupling.localReference, remote: coupling.remoteReference })
    .from(coupling)
    .where(and(eq(coupling.mappingId, mappingId), isAnyOf(referenceOf[side], references)))
  const resolved = new Map<string, ResolvedReference>()
  for (const { local, remote } of rows.sort((a, b) => b.id - a.id)) {
    resolved.set(side === 'local' ? local : remote, { local, remote })
  }
  return resolved
}
