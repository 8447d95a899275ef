import type { PreviewRequestRow, Tables } from './tables.ts'

/** A record that waits already stays as it was asked for. */
export function requestPreview(
  tables: Tables,
  runId: number,
  request: Omit<PreviewRequestRow, 'id' | 'runId'>,
): void {
  const { mappingId, direction, key, jobIds, force, createMissing, task = null } = request
  const waiting = tables.previewRequests.find(
    (row) =>
      row.runId === runId && row.mappingId === mappingId && row.direction === direction && row.key === key,
  )
  if (waiting) return
  tables.previewRequests.insert({ runId, mappingId, direction, key, jobIds, force, createMissing, task })
}

/** The real run would begin with the issues that are due now. */
export function copyDueIssues(tables: Tables, runId: number): void {
  const now = tables.now()
  for (const { mappingId, direction } of tables.jobs.where((job) => job.runId === runId)) {
    const due = tables.issues.where(
      (issue) =>
        issue.mappingId === mappingId &&
        issue.direction === direction &&
        issue.nextAttemptAt !== null &&
        issue.nextAttemptAt <= now,
    )
    for (const { key, createMissing } of due)
      requestPreview(tables, runId, { mappingId, direction, key, jobIds: null, force: true, createMissing })
  }
}

/** What a preview has kept to go on with; its result stays. */
export function clearPreview(tables: Tables, runId: number): void {
  tables.planned.removeWhere((row) => row.runId === runId)
  tables.previewRequests.removeWhere((row) => row.runId === runId)
  tables.previewSuspects.removeWhere((row) => row.runId === runId)
}
