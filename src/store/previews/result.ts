import { asc, eq } from 'drizzle-orm'
import type { PreviewResult } from '../../core/ports/preview-store.ts'
import type { Executor } from '../database.ts'
import { job } from '../schema/job.ts'
import {
  previewCost,
  previewCoupling,
  previewFinding,
  previewRequest,
  previewSuspect,
} from '../schema/preview.ts'
import { toErrorCode } from '../sync/due-work.ts'

export async function getPreviewResult(db: Executor, runId: number): Promise<PreviewResult> {
  const findings = await db
    .select({ finding: previewFinding, direction: job.direction })
    .from(previewFinding)
    .innerJoin(job, eq(job.id, previewFinding.jobId))
    .where(eq(job.runId, runId))
    .orderBy(
      asc(previewFinding.jobId),
      asc(previewFinding.kind),
      asc(previewFinding.code),
      asc(previewFinding.field),
    )
  const costs = await db
    .select({ cost: previewCost })
    .from(previewCost)
    .innerJoin(job, eq(job.id, previewCost.jobId))
    .where(eq(job.runId, runId))
    .orderBy(asc(previewCost.jobId))
  return {
    findings: findings.map(({ finding, direction }) => ({
      ...finding,
      direction,
      code: finding.code === '' ? null : toErrorCode(finding.code),
      field: finding.field === '' ? null : finding.field,
    })),
    costs: costs.map(({ cost }) => ({
      jobId: cost.jobId,
      local: { reads: cost.localReads, writes: cost.localWrites, records: cost.localRecords },
      remote: { reads: cost.remoteReads, writes: cost.remoteWrites, records: cost.remoteRecords },
    })),
  }
}

/** What a preview has kept to go on with; its result stays. */
export async function clearPreview(tx: Executor, runId: number): Promise<void> {
  await tx.delete(previewCoupling).where(eq(previewCoupling.runId, runId))
  await tx.delete(previewRequest).where(eq(previewRequest.runId, runId))
  await tx.delete(previewSuspect).where(eq(previewSuspect.runId, runId))
}
