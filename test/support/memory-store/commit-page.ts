import type { Fence } from '../../../src/core/ports/lease-store.ts'
import type { PageCommit } from '../../../src/core/ports/sync-store.ts'
import { addCounters } from '../../../src/core/sync/outcome.ts'
import { assert } from '../../../src/lib/assert.ts'
import { removeCouplings, writeCouplings } from './couplings.ts'
import { noteDeletions } from './deletions.ts'
import { commitIssues } from './issues.ts'
import { assertFence } from './leases.ts'
import { honestState } from './lines.ts'
import { requestRecord } from './run-rows.ts'
import type { Tables } from './tables.ts'

/** Everything of the page, or nothing of it. */
export function commitPage(tables: Tables, fence: Fence, commit: PageCommit): void {
  tables.run(() => {
    assertFence(tables, fence)
    removeCouplings(tables, commit)
    writeCouplings(tables, commit)
    noteDeletions(tables, commit)
    for (const outcome of commit.outcomes)
      tables.outcomes.insert({ ...outcome, mappingId: commit.mappingId, at: tables.now() })
    for (const [jobId, added] of commit.counters) {
      const job = tables.jobs.get(jobId, 'job')
      const counters = addCounters(job.counters, added)
      const state = job.state === 'succeeded' ? honestState({ counters }, 'succeeded') : job.state
      tables.jobs.update(jobId, { counters, state })
    }
    if (commit.checkpoint)
      tables.jobs.update(commit.checkpoint.jobId, { checkpoint: commit.checkpoint.value })
    saveMappingState(tables, commit)
    settleIntents(tables, commit)
    removeDoneInbox(tables, commit)
    for (const request of commit.requests)
      requestRecord(tables, commit.mappingId, request.jobIds, { ...request, force: true })
    commitIssues(tables, commit)
  })
}

function saveMappingState(tables: Tables, commit: PageCommit): void {
  const { mappingId, pairId, watermark, scannedGeneration } = commit
  if (!watermark && scannedGeneration === null) return
  const mapping = tables.mappings.byId(mappingId)
  assert(mapping?.pairId === pairId, `mapping ${mappingId} of pair ${pairId} exists`)
  if (watermark?.side === 'local')
    tables.mappings.update(mappingId, {
      localWatermark: watermark.value,
      localWatermarkRun: watermark.runId,
    })
  if (watermark?.side === 'remote')
    tables.mappings.update(mappingId, {
      remoteWatermark: watermark.value,
      remoteWatermarkRun: watermark.runId,
    })
  if (scannedGeneration !== null)
    tables.mappings.update(mappingId, {
      scannedGeneration: Math.max(mapping.scannedGeneration, scannedGeneration),
    })
}

function settleIntents(tables: Tables, { mappingId, closeIntents, keepForLastLook }: PageCommit): void {
  tables.intents.removeWhere((intent) => intent.mappingId === mappingId && closeIntents.includes(intent.id))
  tables.intents.updateWhere(
    (intent) => intent.mappingId === mappingId && keepForLastLook.includes(intent.id),
    { settledOnce: true },
  )
}

/** A row that was asked for again meanwhile stays, but no longer for the jobs that have their answer. */
function removeDoneInbox(tables: Tables, { mappingId, doneInbox }: PageCommit): void {
  for (const done of doneInbox) {
    const row = tables.inbox.byId(done.id)
    if (row?.mappingId !== mappingId) continue
    if (String(row.seq) === done.seq) tables.inbox.removeWhere(({ id }) => id === done.id)
    else tables.inbox.update(done.id, { jobIds: row.jobIds.filter((jobId) => !done.jobIds.includes(jobId)) })
  }
}
