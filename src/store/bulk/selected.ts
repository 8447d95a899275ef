import { and, eq, isNotNull, type SQL, sql } from 'drizzle-orm'
import type { BulkSelection, CouplingFilter } from '../../core/bulk/operation.ts'
import type { BulkCount, SelectedGroup } from '../../core/ports/bulk-store.ts'
import type { IssueKind } from '../../core/sync/issue.ts'
import { type Executor, idArray } from '../database.ts'
import { beginsWith } from '../operations/coupled.ts'
import { meant } from '../operations/issues.ts'
import { issue } from '../schema/issue.ts'
import { tableMapping } from '../schema/table-mapping.ts'
import { toErrorCode } from '../sync/due-work.ts'

/** What is selected, as rows of (id, mapping_id, mapping, direction, key, partner_key, kind, code, field, attempts). */
export function selectedRows(db: Executor, selection: BulkSelection): SQL {
  if (selection.of === 'couplings') return selectedCouplings(selection.filter)
  const rows = db
    .select({
      id: issue.id,
      mappingId: issue.mappingId,
      mapping: sql`${tableMapping.name}`.as('mapping'),
      direction: issue.direction,
      key: issue.key,
      partnerKey: issue.partnerKey,
      kind: issue.kind,
      code: issue.code,
      field: issue.field,
      attempts: issue.attempts,
    })
    .from(issue)
    .innerJoin(tableMapping, eq(tableMapping.id, issue.mappingId))
    .where(and(...meant(selection.filter)))
  return rows.getSQL()
}

/** In the order of their local keys, as pages take them. */
function selectedCouplings({ pairId, mapping, ids, startsWith }: CouplingFilter): SQL {
  return sql`
    select coupling.id, coupling.mapping_id, table_mapping.name as mapping, null::text as direction, local_key as key,
      remote_key as partner_key, null::text as kind, null::text as code, null::text as field, null::int as attempts
    from couplet.coupling join couplet.table_mapping on table_mapping.id = coupling.mapping_id
    where coupling.pair_id = ${pairId} and table_mapping.name = ${mapping}
      and ${ids === undefined ? sql`true` : sql`coupling.id = any(${idArray(ids)})`}
      and ${startsWith === undefined ? sql`true` : beginsWith(startsWith)}`
}

interface GroupRow extends Record<string, unknown> {
  readonly mapping_id: string
  readonly mapping: string
  readonly kind: IssueKind | null
  readonly code: string | null
  readonly has_partner: boolean
  readonly records: number
}

export async function count(db: Executor, selection: BulkSelection): Promise<BulkCount> {
  const { rows } = await db.execute<GroupRow>(sql`
    select mapping_id, mapping, kind, code, ${isNotNull(sql`partner_key`)} as has_partner, count(*)::int as records
    from (${selectedRows(db, selection)}) s
    group by 1, 2, 3, 4, 5 order by 2, 1, 3, 4, 5`)
  const groups = rows.map(toGroup)
  const { ids } = selection.filter
  const found = groups.reduce((sum, { records }) => sum + records, 0)
  return { groups, unknown: ids == null ? 0 : new Set(ids).size - found }
}

function toGroup({ mapping_id, mapping, kind, code, has_partner, records }: GroupRow): SelectedGroup {
  const facts =
    kind === null || code === null ? null : { kind, code: toErrorCode(code), hasPartner: has_partner }
  return { mappingId: Number(mapping_id), mapping, issue: facts, records }
}
