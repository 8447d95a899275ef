import { type SQL, sql } from 'drizzle-orm'
import type { CouplingWrite } from '../../../core/coupling/coupling.ts'
import type { PageCommit } from '../../../core/ports/sync-store.ts'
import { assert } from '../../../lib/assert.ts'
import { type BulkColumns, bulkRows, type Executor, rowsParameter } from '../../database.ts'

/** Columns that insert and update both write. */
const plain = {
  local_key: ['text', ({ local }) => local.key],
  remote_key: ['text', ({ remote }) => remote.key],
  local_reference: ['text', ({ local }) => local.reference],
  remote_reference: ['text', ({ remote }) => remote.reference],
  local_version: ['text', ({ local }) => local.version],
  remote_version: ['text', ({ remote }) => remote.version],
  local_modified_at: ['text', ({ local }) => local.modifiedAt],
  remote_modified_at: ['text', ({ remote }) => remote.modifiedAt],
  local_fingerprint: ['text', ({ local }) => local.fingerprint],
  remote_fingerprint: ['text', ({ remote }) => remote.fingerprint],
  mapping_version: ['int', ({ mappingVersion }) => mappingVersion],
  generation: ['int', ({ generation }) => generation],
  is_restored: ['boolean', ({ isRestored }) => isRestored],
} satisfies BulkColumns<CouplingWrite>
const documents = ['local_base', 'remote_base', 'refs', 'swings'] as const
const documentsOf = ({ bases, references, swings }: CouplingWrite) => [
  bases.local,
  bases.remote,
  references,
  swings,
]

/** Every written column with its value in a statement where the rows are called `w`. */
const values: readonly (readonly [name: string, value: string])[] = [
  ...Object.keys(plain).map((name) => [name, `w.${name}`] as const),
  ...documents.map((name, index) => [name, `w.documents->${index}`] as const),
]
const list = (item: (name: string, value: string) => string): SQL =>
  sql.raw(values.map(([name, value]) => item(name, value)).join(', '))

function rowsOf(writes: readonly CouplingWrite[]): SQL {
  const columns: BulkColumns<CouplingWrite> = {
    ...plain,
    id: ['bigint', ({ id }) => id],
    direction: ['text', ({ direction }) => direction],
    job_id: ['bigint', ({ jobId }) => jobId],
  }
  return bulkRows(writes, columns, documentsOf, 'w')
}

/**
 * Takes couplings that get another key off the old one: Postgres looks at its unique indexes row by row, and a key that one
 * record of the page hands on to another would be there twice for a moment. No key of a record looks like these.
 */
export async function freeKeys(tx: Executor, { mappingId, couplings }: PageCommit): Promise<void> {
  const rows = couplings.flatMap(({ id, local, remote }) =>
    id === null ? [] : [{ id, local: local.key, remote: remote.key }],
  )
  await tx.execute(sql`
    update couplet.coupling c set local_key = 'moving/' || c.id, remote_key = 'moving/' || c.id
    from jsonb_to_recordset(${rowsParameter(rows)}) as w(id bigint, local text, remote text)
    where c.id = w.id and c.mapping_id = ${mappingId} and (c.local_key <> w.local or c.remote_key <> w.remote)`)
}

export async function insertCouplings(
  tx: Executor,
  { pairId, mappingId }: PageCommit,
  writes: readonly CouplingWrite[],
): Promise<void> {
  if (writes.length === 0) return
  const { rowCount } = await tx.execute(sql`
    insert into couplet.coupling (pair_id, mapping_id, local_group, remote_group, ${list((name) => name)},
      last_to_result, last_to_job_id, last_to_at, last_from_result, last_from_job_id, last_from_at)
    select m.pair_id, m.id, m.local_group, m.remote_group, ${list((_, value) => value)},
      case w.direction when 'to' then 'success' end, case w.direction when 'to' then w.job_id end,
      case w.direction when 'to' then clock_timestamp() end,
      case w.direction when 'from' then 'success' end, case w.direction when 'from' then w.job_id end,
      case w.direction when 'from' then clock_timestamp() end
    from couplet.table_mapping m, ${rowsOf(writes)}
    where m.id = ${mappingId} and m.pair_id = ${pairId}`)
  assert(rowCount === writes.length, `mapping ${mappingId} of pair ${pairId} takes all couplings of the page`)
}

export async function updateCouplings(
  tx: Executor,
  { mappingId }: PageCommit,
  writes: readonly CouplingWrite[],
): Promise<void> {
  if (writes.length === 0) return
  const { rowCount } = await tx.execute(sql`
    update couplet.coupling c set ${list((name, value) => `${name} = ${value}`)}, updated_at = clock_timestamp(),
      last_to_result = case w.direction when 'to' then 'success' else c.last_to_result end,
      last_to_job_id = case w.direction when 'to' then w.job_id else c.last_to_job_id end,
      last_to_at = case w.direction when 'to' then clock_timestamp() else c.last_to_at end,
      last_from_result = case w.direction when 'from' then 'success' else c.last_from_result end,
      last_from_job_id = case w.direction when 'from' then w.job_id else c.last_from_job_id end,
      last_from_at = case w.direction when 'from' then clock_timestamp() else c.last_from_at end
    from ${rowsOf(writes)}
    where c.id = w.id and c.mapping_id = ${mappingId}`)
  assert(rowCount === writes.length, `each coupling of the page exists in mapping ${mappingId}, once`)
}
