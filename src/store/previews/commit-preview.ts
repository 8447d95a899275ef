import { type SQL, sql } from 'drizzle-orm'
import type { Fence } from '../../core/ports/lease-store.ts'
import type { PlannedCoupling, PlannedRecord, PreviewCommit } from '../../core/ports/preview-store.ts'
import { type PreviewFinding, SAMPLES } from '../../core/sync/preview.ts'
import { type BulkColumns, bulkRows, type Executor } from '../database.ts'
import { assertFence } from '../leases/fence.ts'
import { saveProgress } from '../sync/commit/counters.ts'
import { addReleased, removeJudged } from './due-records.ts'
import { requestPreview } from './requests.ts'
import { noteSuspects } from './suspects.ts'

/** One transaction and a constant number of statements; touches nothing but what belongs to the preview. */
export async function commitPreview(db: Executor, fence: Fence, commit: PreviewCommit): Promise<void> {
  await db.transaction(async (tx) => {
    await assertFence(tx, fence)
    await saveCouplings(tx, commit)
    await addFindings(tx, commit.findings)
    await addCosts(tx, commit.costs)
    await saveProgress(tx, commit.counters, commit.checkpoint)
    await removeJudged(tx, commit)
    await noteSuspects(tx, commit)
    await addReleased(tx, commit)
    const { runId, mappingId, requests } = commit
    await requestPreview(
      tx,
      runId,
      requests.map((request) => ({ ...request, mappingId, force: true })),
    )
  })
}

const plain = {
  local_key: ['text', ({ local }) => local.key],
  remote_key: ['text', ({ remote }) => remote.key],
  local_reference: ['text', ({ local }) => local.reference],
  remote_reference: ['text', ({ remote }) => remote.reference],
  local_real_key: ['text', ({ written }) => written.local?.realKey ?? null],
  remote_real_key: ['text', ({ written }) => written.remote?.realKey ?? null],
} satisfies BulkColumns<PlannedCoupling>
const names = Object.keys(plain)

function documentsOf(
  planned: PlannedCoupling,
): readonly [object, PlannedRecord | null, PlannedRecord | null] {
  const { id: _, direction: _direction, jobId: _job, written, ...coupling } = planned
  return [coupling, written.local, written.remote]
}

/** What one direction has planned for a side stays when the other one plans for the other side. */
async function saveCouplings(tx: Executor, { runId, mappingId, couplings }: PreviewCommit): Promise<void> {
  if (couplings.length === 0) return
  const columns = { ...plain, id: ['bigint', ({ id }) => id] } satisfies BulkColumns<PlannedCoupling>
  const rows = bulkRows(couplings, columns, documentsOf, 'w')
  await tx.execute(sql`
    insert into couplet.preview_coupling as p (run_id, coupling_id, mapping_id, local_group, remote_group,
      ${sql.raw(names.join(', '))}, coupling, local_record, remote_record)
    select ${runId}, coalesce(w.id, -nextval('couplet.preview_coupling_id')), m.id, m.local_group, m.remote_group,
      ${sql.raw(names.map((name) => `w.${name}`).join(', '))}, w.documents->0,
      nullif(w.documents->1, 'null'), nullif(w.documents->2, 'null')
    from couplet.table_mapping m, ${rows}
    where m.id = ${mappingId}
    on conflict (run_id, coupling_id) do update set coupling = excluded.coupling,
      local_key = excluded.local_key, remote_key = excluded.remote_key,
      local_reference = excluded.local_reference, remote_reference = excluded.remote_reference,
      ${written('local')}, ${written('remote')}`)
}

function written(side: 'local' | 'remote'): SQL {
  return sql.raw(`${side}_record = coalesce(excluded.${side}_record, p.${side}_record),
    ${side}_real_key = coalesce(excluded.${side}_real_key, p.${side}_real_key)`)
}

const findingColumns = {
  job_id: ['bigint', ({ jobId }) => jobId],
  kind: ['text', ({ kind }) => kind],
  code: ['text', ({ code }) => code ?? ''],
  field: ['text', ({ field }) => field ?? ''],
  records: ['bigint', ({ records }) => records],
} satisfies BulkColumns<PreviewFinding>

/** The samples of the first pages stay. */
async function addFindings(tx: Executor, findings: readonly PreviewFinding[]): Promise<void> {
  if (findings.length === 0) return
  const rows = bulkRows(findings, findingColumns, ({ samples }) => samples, 'w')
  await tx.execute(sql`
    insert into couplet.preview_finding as f (job_id, kind, code, field, records, samples)
    select w.job_id, w.kind, w.code, w.field, w.records, w.documents from ${rows}
    on conflict (job_id, kind, code, field) do update set records = f.records + excluded.records,
      samples = jsonb_path_query_array(f.samples || excluded.samples, ${sql.raw(`'$[0 to ${SAMPLES - 1}]'`)})`)
}

async function addCosts(tx: Executor, costs: PreviewCommit['costs']): Promise<void> {
  if (costs === null) return
  const { local, remote } = costs.costs
  await tx.execute(sql`
    insert into couplet.preview_cost as c (job_id, local_reads, local_writes, local_records, remote_reads, remote_writes,
      remote_records)
    values (${costs.jobId}, ${local.reads}, ${local.writes}, ${local.records}, ${remote.reads}, ${remote.writes},
      ${remote.records})
    on conflict (job_id) do update set local_reads = c.local_reads + excluded.local_reads,
      local_writes = c.local_writes + excluded.local_writes, local_records = c.local_records + excluded.local_records,
      remote_reads = c.remote_reads + excluded.remote_reads,
      remote_writes = c.remote_writes + excluded.remote_writes,
      remote_records = c.remote_records + excluded.remote_records`)
}
