import { isDeepStrictEqual } from 'node:util'
import type { JobDirection } from '../../../src/core/mapping/definition.ts'
import type { CountedGroup, IssueCount, OperationsStore } from '../../../src/core/ports/operations-store.ts'
import type { PageCommit, SyncStore } from '../../../src/core/ports/sync-store.ts'
import { deletionCodes } from '../../../src/core/sync/deletion.ts'
import {
  conflictResolution,
  groupName,
  type Issue,
  type IssueFilter,
  type IssueWrite,
} from '../../../src/core/sync/issue.ts'
import type { KnownIssue } from '../../../src/core/sync/ledger.ts'
import { groupBy, indexBy } from '../../../src/lib/group.ts'
import { splitReferenceName } from '../../../src/store/sync/commit/reference-name.ts'
import type { IssueRow, Tables } from './tables.ts'

/** What is solved goes, what stays is met, what is wrong comes, and what waited for this page becomes due: in this order. */
export function commitIssues(tables: Tables, commit: PageCommit): void {
  closeIssues(tables, commit)
  meetIssues(tables, commit)
  endResolutions(tables, commit)
  const opened = indexBy(commit.openIssues, ({ direction, key }) => `${direction} ${key}`)
  for (const issue of opened.values()) openIssue(tables, commit, issue)
  tables.issues.updateWhere(
    ({ pairId, waitsFor, kind }) =>
      pairId === commit.pairId &&
      waitsFor !== null &&
      kind !== 'skipped' &&
      commit.releases.includes(waitsFor),
    { nextAttemptAt: tables.now() },
  )
}

/**
 * A conflict that is over in one direction is looked at in the other, where it is of the same pair: by its own issue, or by
 * the one that moves there with what was decided.
 */
function closeIssues(tables: Tables, { mappingId, closeIssues: solved }: PageCommit): void {
  const isSolved = (direction: JobDirection, key: string) =>
    solved.some((each) => direction === each.direction && key === each.key)
  const now = tables.now()
  const closed = tables.issues.removeWhere(
    (issue) => issue.mappingId === mappingId && isSolved(issue.direction, issue.key),
  )
  for (const issue of closed.filter(isFieldConflict)) turn(tables, issue, isSolved)
  tables.issues.updateWhere(
    (issue) =>
      issue.mappingId === mappingId &&
      isFieldConflict(issue) &&
      issue.partnerKey !== null &&
      isSolved(opposite(issue.direction), issue.partnerKey) &&
      !isSolved(issue.direction, issue.key),
    { nextAttemptAt: now },
  )
}

const isFieldConflict = ({ kind, code }: IssueRow) => kind === 'conflict' && code === 'CONFLICT_BOTH_CHANGED'

const opposite = (direction: JobDirection): JobDirection => (direction === 'to' ? 'from' : 'to')

function turn(
  tables: Tables,
  issue: IssueRow,
  isSolved: (direction: JobDirection, key: string) => boolean,
): void {
  const { id: _id, partnerKey, key, sourceVersion, partnerVersion, ...rest } = issue
  const direction = opposite(issue.direction)
  if (partnerKey === null || isSolved(direction, partnerKey)) return
  const there = tables.issues.find(
    (row) => row.mappingId === issue.mappingId && row.direction === direction && row.key === partnerKey,
  )
  const nextAttemptAt = tables.now()
  if (there)
    tables.issues.update(there.id, { nextAttemptAt, resolution: issue.resolution ?? there.resolution })
  else
    tables.issues.insert({
      ...rest,
      direction,
      key: partnerKey,
      partnerKey: key,
      sourceVersion: partnerVersion,
      partnerVersion: sourceVersion,
      nextAttemptAt,
    })
}

/** A decision that has been tried and has met a conflict all the same was made for other values. */
function endResolutions(tables: Tables, { mappingId, openIssues }: PageCommit): void {
  for (const { kind, answers, key, partnerKey } of openIssues) {
    if (kind !== 'conflict' || answers === null) continue
    tables.issues.updateWhere(
      (row) =>
        row.mappingId === mappingId &&
        conflictResolution(row.resolution)?.id === answers &&
        (row.key === key || row.key === partnerKey),
      { resolution: null },
    )
  }
}

export function resolveConflicts(
  tables: Tables,
  decisions: Parameters<OperationsStore['resolveConflicts']>[0],
): number[] {
  return decisions.flatMap(({ issueId, attempts, resolution }) => {
    const found = tables.issues.byId(issueId)
    if (!found || !isFieldConflict(found) || found.attempts !== attempts) return []
    tables.issues.update(issueId, { resolution, nextAttemptAt: tables.now() })
    return [issueId]
  })
}

function openIssue(tables: Tables, { pairId, mappingId }: PageCommit, write: IssueWrite): void {
  const { retryInMs, isAttempt, answers: _answers, chosen, ...issue } = write
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
    const attempts = isAttempt ? 1 : 0
    tables.issues.insert({
      ...issue,
      pairId,
      mappingId,
      resolution: chosen,
      parkedBy: null,
      parkedReason: null,
      attempts,
      firstAt: now,
      lastAt: now,
      nextAttemptAt,
    })
    return
  }
  const createMissing = before.createMissing || issue.createMissing
  const keepsChoice = chosen !== null || deletionCodes.some((code) => code === issue.code)
  const isChoice = before.resolution?.kind === 'deletion'
  const resolution = isChoice && !keepsChoice ? null : before.resolution
  const isUnseen =
    (issue.kind === 'conflict' && before.resolution?.kind === 'conflict') ||
    (isChoice && keepsChoice && !isDeepStrictEqual(before.resolution, chosen))
  if (isAttempt)
    tables.issues.update(before.id, {
      ...issue,
      createMissing,
      resolution,
      attempts: before.attempts + 1,
      parkedBy: null,
      parkedReason: null,
      lastAt: now,
      nextAttemptAt: isUnseen ? now : nextAttemptAt,
    })
  else
    tables.issues.update(before.id, {
      ...issue,
      createMissing,
      kind: before.kind,
      resolution,
      repeats: before.repeats,
      lastAt: now,
      nextAttemptAt: isUnseen ? now : (nextAttemptAt ?? before.nextAttemptAt),
    })
}

function meetIssues(tables: Tables, { mappingId, metIssues }: PageCommit): void {
  for (const { direction, key, jobId, isReleased } of metIssues) {
    const found = tables.issues.find(
      (row) => row.mappingId === mappingId && row.direction === direction && row.key === key,
    )
    if (!found) continue
    tables.issues.update(found.id, { jobId, ...(isReleased ? released(found, tables.now()) : {}) })
  }
}

export function released({ kind }: Pick<Issue, 'kind'>, nextAttemptAt: string) {
  const unparked = { parkedBy: null, parkedReason: null }
  return { kind: kind === 'skipped' ? ('failed' as const) : kind, repeats: 0, nextAttemptAt, ...unparked }
}

export function releaseOutdated(
  tables: Tables,
  ...[mappingId, now, spread]: Parameters<SyncStore['releaseOutdated']>
): number {
  const outdated = tables.issues
    .where(
      (row) =>
        row.mappingId === mappingId &&
        (row.mappingVersion !== now.mappingVersion || row.configuration !== now.configuration),
    )
    .slice(0, spread.limit)
  for (const row of outdated)
    tables.issues.update(row.id, { ...now, ...released(row, tables.in(spread.fromMs)) })
  return outdated.length
}

export function findIssues(
  tables: Tables,
  ...[mappingId, keys]: Parameters<SyncStore['findIssues']>
): KnownIssue[] {
  return tables.issues
    .where((row) => row.mappingId === mappingId && keys[row.direction].includes(row.key))
    .map(toKnownIssue)
}

function toKnownIssue(row: IssueRow): KnownIssue {
  return {
    direction: row.direction,
    key: row.key,
    kind: row.kind,
    code: row.code,
    field: row.field,
    repeats: row.repeats,
    createMissing: row.createMissing,
    sourceVersion: row.sourceVersion,
    partnerVersion: row.partnerVersion,
    mappingVersion: row.mappingVersion,
    configuration: row.configuration,
  }
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

export function toIssue(tables: Tables, row: IssueRow): Issue {
  return { ...row, mappingName: tables.mappingName(row.mappingId) }
}

/** In the order of their ids. */
export function meantIssues(tables: Tables, filter: IssueFilter): IssueRow[] {
  const isAny = (wanted: unknown, value: unknown) =>
    wanted === null || wanted === undefined || wanted === value
  return tables.issues
    .where(
      (row) =>
        (filter.ids?.includes(row.id) ?? true) &&
        isAny(filter.pairId, row.pairId) &&
        isAny(filter.mapping, tables.mappingName(row.mappingId)) &&
        isAny(filter.kind, row.kind) &&
        isAny(filter.code, row.code) &&
        isAny(filter.field, row.field) &&
        isAny(filter.group && groupName(filter.group), groupName(row)) &&
        isAny(filter.isStopped, isStopped(row)) &&
        isAny(filter.isAboutDeletion, isAboutDeletion(row)) &&
        (filter.alikeTo == null || isAlike(tables.issues.byId(filter.alikeTo), row)) &&
        (filter.since ?? '') <= row.lastAt &&
        (filter.until === null || filter.until === undefined || row.lastAt < filter.until),
    )
    .sort((a, b) => a.id - b.id)
}

function isAboutDeletion({ code, partnerKey }: IssueRow): boolean {
  return partnerKey !== null && deletionCodes.some((each) => each === code)
}

function isAlike(one: IssueRow | undefined, other: IssueRow): boolean {
  const fieldsOf = ({ conflicts }: IssueRow) =>
    JSON.stringify(conflicts.map(({ local, remote }) => [local.field, remote.field]).sort())
  if (one === undefined || one.id === other.id) return false
  return one.mappingId === other.mappingId && one.code === other.code && fieldsOf(one) === fieldsOf(other)
}

function isStopped({ kind, nextAttemptAt }: IssueRow): boolean {
  return kind === 'skipped' || (kind === 'failed' && nextAttemptAt === null)
}

export function listIssueGroups(tables: Tables, filter: IssueFilter): CountedGroup[] {
  const groups = [...groupBy(meantIssues(tables, filter), groupName).values()].flatMap(
    (rows): CountedGroup[] => {
      const [first] = rows
      if (first === undefined) return []
      const { mappingId, code, field } = first
      const sorted = (values: readonly string[]) => [...values].sort()
      return [
        {
          mappingId,
          mapping: tables.mappingName(mappingId),
          code,
          field,
          issues: rows.length,
          stopped: rows.filter(isStopped).length,
          message: sorted(rows.map(({ message }) => message))[0] ?? '',
          firstAt: sorted(rows.map(({ firstAt }) => firstAt))[0] ?? '',
          lastAt: sorted(rows.map(({ lastAt }) => lastAt)).at(-1) ?? '',
        },
      ]
    },
  )
  return groups.sort((a, b) => b.issues - a.issues || (groupName(a) < groupName(b) ? -1 : 1))
}

export function countIssues(tables: Tables, filter: IssueFilter): IssueCount[] {
  const groups = groupBy(meantIssues(tables, filter), ({ mappingId, kind }) => `${mappingId} ${kind}`)
  const counts = [...groups.values()].flatMap(([first, ...more]) =>
    first === undefined
      ? []
      : {
          mappingId: first.mappingId,
          mapping: tables.mappingName(first.mappingId),
          kind: first.kind,
          issues: more.length + 1,
        },
  )
  const order = ({ mapping, mappingId, kind }: IssueCount) => `${mapping} ${mappingId} ${kind}`
  return counts.sort((a, b) => (order(a) < order(b) ? -1 : 1))
}
