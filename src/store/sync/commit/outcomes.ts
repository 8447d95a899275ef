import { type SQL, sql } from 'drizzle-orm'
import type { PageCommit } from '../../../core/ports/sync-store.ts'
import type { Outcome } from '../../../core/sync/outcome.ts'
import { type BulkColumns, bulkRows, rowsParameter } from '../../database.ts'
import { packChanges } from '../../json.ts'

const columns = {
  job_id: ['bigint', ({ jobId }) => jobId],
  direction: ['text', ({ direction }) => direction],
  kind: ['text', ({ kind }) => kind],
  local_key: ['text', ({ localKey }) => localKey],
  remote_key: ['text', ({ remoteKey }) => remoteKey],
  code: ['text', ({ code }) => code],
  error_kind: ['text', ({ errorKind }) => errorKind],
  field: ['text', ({ field }) => field],
  value: ['text', ({ value }) => value],
  message: ['text', ({ message }) => message],
  local_version: ['text', ({ localVersion }) => localVersion],
  remote_version: ['text', ({ remoteVersion }) => remoteVersion],
  recovered: ['boolean', ({ recovered }) => recovered],
} satisfies BulkColumns<Outcome>
const names = Object.keys(columns)

/** What is left out here is null in its column. */
const documentOf = ({ changes, warnings }: Outcome) => ({
  ...(changes.length > 0 && { changes: packChanges(changes) }),
  ...(warnings.length > 0 && { warnings }),
})

/**
 * Nothing is sent yet: to be built while the server is busy with another statement; null when there is none. The same
 * statement keeps the totals: their rows belong to the mapping, so that only the holder of its lease changes them.
 */
export function outcomesStatement({ pairId, mappingId, outcomes }: PageCommit): SQL | null {
  if (outcomes.length === 0) return null
  return sql`
    with counted as (
      insert into couplet.outcome_total as t (mapping_id, direction, kind, code, records)
      select ${mappingId}, n.direction, n.kind, n.code, n.records
      from jsonb_to_recordset(${rowsParameter(countOutcomes(outcomes))})
        as n(direction text, kind text, code text, records bigint)
      order by n.direction, n.kind, n.code
      on conflict (mapping_id, direction, kind, code) do update set records = t.records + excluded.records)
    insert into couplet.outcome (pair_id, mapping_id, ${sql.raw(names.join(', '))}, changes, warnings)
    select ${pairId}, ${mappingId}, ${sql.raw(names.map((name) => `w.${name}`).join(', '))},
      w.documents->'changes', w.documents->'warnings'
    from ${bulkRows(outcomes, columns, documentOf, 'w')}`
}

function countOutcomes(outcomes: readonly Outcome[]) {
  const counts = new Map<string, { direction: string; kind: string; code: string; records: number }>()
  for (const { direction, kind, code } of outcomes) {
    const name = JSON.stringify([direction, kind, code])
    const count = counts.get(name) ?? { direction, kind, code: code ?? '', records: 0 }
    count.records += 1
    counts.set(name, count)
  }
  return [...counts.values()]
}
