import { and, eq, isNotNull, ne, or, sql } from 'drizzle-orm'
import type { Coupling, CouplingBases } from '../../core/coupling/coupling.ts'
import type { Side } from '../../core/mapping/definition.ts'
import type { PlannedRecord } from '../../core/ports/preview-store.ts'
import type { ResolvedReference } from '../../core/ports/sync-store.ts'
import type { RecordKey } from '../../core/values/key.ts'
import { type Executor, idArray, isAnyOf } from '../database.ts'
import { previewCoupling } from '../schema/preview.ts'
import { tableMapping } from '../schema/table-mapping.ts'
import { nameTakers } from '../sync/couplings.ts'

export interface PreviewOf {
  readonly runId: number
  readonly mappingId: number
}

const columns = {
  local: {
    key: previewCoupling.localKey,
    group: previewCoupling.localGroup,
    reference: previewCoupling.localReference,
    record: previewCoupling.localRecord,
    realKey: previewCoupling.localRealKey,
  },
  remote: {
    key: previewCoupling.remoteKey,
    group: previewCoupling.remoteGroup,
    reference: previewCoupling.remoteReference,
    record: previewCoupling.remoteRecord,
    realKey: previewCoupling.remoteRealKey,
  },
} as const

const ofPreview = ({ runId, mappingId }: PreviewOf) =>
  and(eq(previewCoupling.runId, runId), eq(previewCoupling.mappingId, mappingId))

export async function findPlannedCouplings(
  db: Executor,
  preview: PreviewOf,
  side: Side,
  keys: readonly RecordKey[],
  realIds: readonly number[],
): Promise<Coupling[]> {
  if (keys.length === 0) return []
  const isReal = sql`${previewCoupling.couplingId} = any(${idArray(realIds)})`
  const rows = await db
    .select({ id: previewCoupling.couplingId, coupling: previewCoupling.coupling })
    .from(previewCoupling)
    .where(and(ofPreview(preview), or(isAnyOf(columns[side].key, keys), isReal)))
  return rows.map(({ id, coupling: { bases: _, ...coupling } }) => ({
    ...coupling,
    id,
    mappingId: preview.mappingId,
  }))
}

export async function loadPlannedBases(
  db: Executor,
  runId: number,
  couplingIds: readonly number[],
): Promise<ReadonlyMap<number, CouplingBases>> {
  if (couplingIds.length === 0) return new Map()
  const rows = await db
    .select({ id: previewCoupling.couplingId, coupling: previewCoupling.coupling })
    .from(previewCoupling)
    .where(
      and(
        eq(previewCoupling.runId, runId),
        sql`${previewCoupling.couplingId} = any(${idArray(couplingIds)})`,
      ),
    )
  return new Map(rows.map(({ id, coupling }) => [id, coupling.bases]))
}

export async function findPlannedTaken(
  db: Executor,
  runId: number,
  group: string,
  side: Side,
  keys: readonly RecordKey[],
  exceptMappingId: number,
): Promise<ReadonlyMap<RecordKey, string>> {
  if (keys.length === 0) return new Map()
  const { key, group: groupOf } = columns[side]
  const partner = columns[side === 'local' ? 'remote' : 'local'].key
  const rows = await db
    .select({ key, partner, name: tableMapping.name })
    .from(previewCoupling)
    .innerJoin(tableMapping, eq(tableMapping.id, previewCoupling.mappingId))
    .where(
      and(
        eq(previewCoupling.runId, runId),
        isAnyOf(key, keys),
        eq(groupOf, group),
        ne(previewCoupling.mappingId, exceptMappingId),
      ),
    )
  return nameTakers(rows)
}

export async function resolvePlannedReferences(
  db: Executor,
  preview: PreviewOf,
  side: Side,
  references: readonly string[],
): Promise<ReadonlyMap<string, ResolvedReference>> {
  if (references.length === 0) return new Map()
  const rows = await db
    .select({ local: previewCoupling.localReference, remote: previewCoupling.remoteReference })
    .from(previewCoupling)
    .where(and(ofPreview(preview), isAnyOf(columns[side].reference, references)))
  return new Map(rows.map((row) => [row[side], row]))
}

export async function findPlannedRecords(
  db: Executor,
  preview: PreviewOf,
  side: Side,
  keys: readonly RecordKey[],
): Promise<PlannedRecord[]> {
  if (keys.length === 0) return []
  const { key, record, realKey } = columns[side]
  const rows = await db
    .select({ record })
    .from(previewCoupling)
    .where(and(ofPreview(preview), isNotNull(record), or(isAnyOf(key, keys), isAnyOf(realKey, keys))))
  return rows.flatMap((row) => row.record ?? [])
}
