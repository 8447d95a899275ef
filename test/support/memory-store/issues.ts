import type { PageCommit } from '../../../src/core/ports/sync-store.ts'
import type { Issue, IssueWrite } from '../../../src/core/sync/issue.ts'
import { indexBy } from '../../../src/lib/group.ts'
import { splitReferenceName } from '../../../src/store/sync/commit/reference-name.ts'
import type { IssueRow, Tables } from './tables.ts'

/** What is solved goes, what is wrong comes, and what waited for this page becomes due: in this order. */
export function commitIssues(tables: Tables, commit: PageCommit): void {
  closeIssues(tables, commit)
  const opened = indexBy(commit.openIssues, ({ direction, key }) => `${direction} ${key}`)
  for (const issue of opened.values()) openIssue(tables, commit, issue)
  tables.issues.updateWhere(
    ({ pairId, waitsFor }) =>
      pairId === commit.pairId && waitsFor !== null && commit.releases.includes(waitsFor),
    { nextAttemptAt: tables.now() },
  )
}

/** A conflict that is over on one side is looked at again on the other. */
function closeIssues(tables: Tables, { mappingId, closeIssues: solved }: PageCommit): void {
  const isSolved = (issue: Pick<Issue, 'direction' | 'key'>) =>
    solved.some(({ direction, key }) => direction === issue.direction && key === issue.key)
  const closed = tables.issues.removeWhere((issue) => issue.mappingId === mappingId && isSolved(issue))
  for (const { kind, direction, partnerKey } of closed) {
    if (kind !== 'conflict') continue
    tables.issues.updateWhere(
      (issue) =>
        issue.mappingId === mappingId &&
        issue.kind === 'conflict' &&
        issue.key === partnerKey &&
        issue.direction !== direction,
      { nextAttemptAt: tables.now() },
    )
  }
}

function openIssue(tables: Tables, { pairId, mappingId }: PageCommit, write: IssueWrite): void {
  const { retryInMs, ...issue } = write
  const now = tables.now()
  const nextAttemptAt = isCoupledMeanwhile(tables, pairId, issue.waitsFor)
    ? now
    : retryInMs === null
      ? null
      : tables.in(retryInMs)
  const before = tables.issues.find(
    (row) => row.mappingId === mappingId && row.direction === issue.direction && row.key === issue.key,
  )
  if (!before) {
    const row = { ...issue, pairId, mappingId, attempts: 1, firstAt: now, lastAt: now, nextAttemptAt }
    tables.issues.insert(row)
    return
  }
  tables.issues.update(before.id, {
    ...issue,
    createMissing: before.createMissing || issue.createMissing,
    attempts: before.attempts + 1,
    lastAt: now,
    nextAttemptAt,
  })
}

function isCoupledMeanwhile(tables: Tables, pairId: number, waitsFor: string | null): boolean {
  if (waitsFor === null) return false
  const { mapping: name, side, reference } = splitReferenceName(waitsFor)
  const mapping = tables.mappings.find((row) => row.pairId === pairId && row.name === name)
  return (
    mapping !== undefined &&
    tables.couplings.find((row) => row.mappingId === mapping.id && row[side].reference === reference) !==
      undefined
  )
}

export function toIssue(tables: Tables, { pairId: _pair, ...row }: IssueRow): Issue {
  return { ...row, mappingName: tables.mappingName(row.mappingId) }
}
