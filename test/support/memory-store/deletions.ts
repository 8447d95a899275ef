import { SyncError } from '../../../src/core/errors.ts'
import { type JobDirection, type Side, sourceSide } from '../../../src/core/mapping/definition.ts'
import type { DeletionStore } from '../../../src/core/ports/deletion-store.ts'
import type { PageCommit } from '../../../src/core/ports/sync-store.ts'
import { type DeletionAnswers, type DeletionChoice, deletionCodes } from '../../../src/core/sync/deletion.ts'
import { deletionResolution } from '../../../src/core/sync/issue.ts'
import { ABSENT } from '../../../src/core/sync/ledger.ts'
import { groupBy } from '../../../src/lib/group.ts'
import { microsOf } from './database.ts'
import { released } from './issues.ts'
import { assertFence } from './leases.ts'
import type { CouplingRow, IssueRow, Tables } from './tables.ts'

export function createDeletionStore(tables: Tables): DeletionStore {
  return {
    getLook: async (mappingId, side) => {
      const look = findLook(tables, mappingId, side)
      const age = look?.comparedAt ? microsOf(tables.now()) - microsOf(look.comparedAt) : null
      return {
        mark: look?.mark ?? null,
        comparedMsAgo: age === null ? null : Math.floor(age / 1_000),
        access: look?.access ?? null,
      }
    },
    beginComparison: async (fence, mappingId) => {
      assertFence(tables, fence)
      tables.stagedKeys.removeWhere((row) => row.mappingId === mappingId)
      tables.seenCouplings.removeWhere((row) => row.mappingId === mappingId)
      return tables.now()
    },
    stageKeys: async (fence, mappingId, keys) => {
      assertFence(tables, fence)
      const staged = stagedOf(tables, mappingId)
      for (const key of keys) if (!staged.has(key)) tables.stagedKeys.insert({ mappingId, key })
    },
    countStaged: async (mappingId) => stagedOf(tables, mappingId).size,
    endComparison: async (fence, comparison) => {
      assertFence(tables, fence)
      const staged = stagedOf(tables, comparison.mappingId)
      tables.run(() => addAbsent(tables, comparison, (row) => !staged.has(row[comparison.side].key)))
    },
    endPass: async (fence, pass) => {
      assertFence(tables, fence)
      const { mappingId } = pass
      const seen = tables.seenCouplings.where((row) => row.mappingId === mappingId)
      const ids = new Set(seen.map(({ couplingId }) => couplingId))
      tables.run(() => addAbsent(tables, pass, (row) => !ids.has(row.id)))
    },
    forgetSeen: async (fence, mappingId) => {
      assertFence(tables, fence)
      tables.seenCouplings.removeWhere((row) => row.mappingId === mappingId)
    },
    listUncoupled: async (mappingId, side, { before, after, limit }) =>
      tables.issues
        .where((row) => isUncoupled(tables, mappingId, side)(row) && row.firstAt < before && row.id > after)
        .sort((a, b) => a.id - b.id)
        .slice(0, limit)
        .map(({ id, key }) => ({ issueId: id, key })),
    dropComparison: async (fence, mappingId) => {
      assertFence(tables, fence)
      tables.stagedKeys.removeWhere((row) => row.mappingId === mappingId)
    },
    saveAccess: async (fence, { mappingId, side, access }) => {
      assertFence(tables, fence)
      saveLook(tables, mappingId, side, { access })
    },
    addDeleted: async (fence, { mappingId, direction, side, keys, mark }) => {
      assertFence(tables, fence)
      tables.run(() => {
        addSuspects(tables, { mappingId, direction }, (row) => keys.includes(row[side].key))
        wakeUncoupled(tables, mappingId, side, ({ key }) => keys.includes(key))
        saveLook(tables, mappingId, side, { mark })
      })
    },
    listSuspects: async (search, after, limit) =>
      suspectsOf(tables, search)
        .filter(({ id }) => id > after)
        .sort((a, b) => a.id - b.id)
        .slice(0, limit)
        .map(({ id, local, remote }) => ({ couplingId: id, keys: { local: local.key, remote: remote.key } })),
    dropSuspects: async (fence, couplingIds) => {
      assertFence(tables, fence)
      tables.suspects.removeWhere(({ couplingId }) => couplingIds.includes(couplingId))
    },
    countSet: async (search) => {
      const side = sourceSide[search.direction]
      const open = suspectsOf(tables, search).filter((row) => {
        const issue = findIssue(tables, search, row[side].key)
        return deletionResolution(issue?.resolution ?? null) === null
      })
      return {
        records: open.length,
        coupled: open.length === 0 ? 0 : couplingsOf(tables, search.mappingId).length,
      }
    },
    countCouplings: async (mappingId) => couplingsOf(tables, mappingId).length,
    hasCouplingsBefore: async (mappingId, instant) =>
      couplingsOf(tables, mappingId).some(({ createdAt }) => createdAt < instant),
    findKnown: async (mappingId, direction, keys) => findKnown(tables, { mappingId, direction }, keys),
    listHeld: async (runId, mappingId) => {
      const held = heldBy(tables, runId).filter((row) => mappingId === null || row.mappingId === mappingId)
      return [...groupBy(held, (row) => row.mappingId)].map(([id, rows]) => ({
        mappingId: id,
        mappingName: tables.mappingName(id),
        records: rows.length,
      }))
    },
    answerHeld: async ({ runId, mappingId, expected }, choice) =>
      answerHeld(
        tables,
        heldBy(tables, runId).filter((row) => row.mappingId === mappingId),
        { runId, expected, choice },
      ),
    resolve: async (issueId, choice) => resolve(tables, issueId, choice),
  }
}

interface Search {
  readonly mappingId: number
  readonly direction: JobDirection
}

const stagedOf = (tables: Tables, mappingId: number) =>
  new Set(tables.stagedKeys.where((row) => row.mappingId === mappingId).map(({ key }) => key))

const couplingsOf = (tables: Tables, mappingId: number) =>
  tables.couplings.where((row) => row.mappingId === mappingId)

function suspectsOf(tables: Tables, { mappingId, direction }: Search): CouplingRow[] {
  return tables.suspects
    .where((row) => row.mappingId === mappingId && row.direction === direction)
    .flatMap(({ couplingId }) => tables.couplings.byId(couplingId) ?? [])
}

function findIssue(tables: Tables, { mappingId, direction }: Search, key: string): IssueRow | undefined {
  return tables.issues.find(
    (row) => row.mappingId === mappingId && row.direction === direction && row.key === key,
  )
}

function addSuspects(tables: Tables, search: Search, isGone: (row: CouplingRow) => boolean): void {
  for (const { id } of couplingsOf(tables, search.mappingId).filter(isGone)) addSuspect(tables, search, id)
}

function addSuspect(tables: Tables, { mappingId, direction }: Search, couplingId: number): void {
  if (tables.suspects.find((row) => row.couplingId === couplingId)) return
  tables.suspects.insert({ mappingId, direction, couplingId })
}

/** What was found is looked at when the pass is complete; what has been looked at is done with. */
export function noteDeletions(tables: Tables, commit: PageCommit): void {
  const { mappingId, seenCouplings, foundDeletions, settledDeletions } = commit
  for (const couplingId of seenCouplings) tables.seenCouplings.insert({ mappingId, couplingId })
  for (const { direction, couplingId } of foundDeletions)
    if (tables.couplings.byId(couplingId)) addSuspect(tables, { mappingId, direction }, couplingId)
  tables.suspects.removeWhere(({ couplingId }) => settledDeletions.includes(couplingId))
}

function addAbsent(
  tables: Tables,
  { mappingId, direction, side, startedAt, mark }: Parameters<DeletionStore['endComparison']>[1],
  isAbsent: (row: CouplingRow) => boolean,
): void {
  const staged = stagedOf(tables, mappingId)
  addSuspects(tables, { mappingId, direction }, (row) => row.createdAt < startedAt && isAbsent(row))
  wakeUncoupled(tables, mappingId, side, ({ key, firstAt }) => firstAt < startedAt && !staged.has(key))
  tables.stagedKeys.removeWhere((row) => row.mappingId === mappingId)
  saveLook(tables, mappingId, side, { mark, comparedAt: tables.now() })
}

function wakeUncoupled(
  tables: Tables,
  mappingId: number,
  side: Side,
  isGone: (row: IssueRow) => boolean,
): void {
  const isOpen = isUncoupled(tables, mappingId, side)
  tables.issues.updateWhere((row) => isOpen(row) && isGone(row), { nextAttemptAt: tables.now() })
}

/** An issue of a record of that side that is not coupled. */
function isUncoupled(tables: Tables, mappingId: number, side: Side): (row: IssueRow) => boolean {
  const direction = sourceSide.to === side ? 'to' : 'from'
  const coupled = new Set(couplingsOf(tables, mappingId).map((row) => row[side].key))
  return (row) => row.mappingId === mappingId && row.direction === direction && !coupled.has(row.key)
}

function findLook(tables: Tables, mappingId: number, side: Side) {
  return tables.looks.find((row) => row.mappingId === mappingId && row.side === side)
}

function saveLook(
  tables: Tables,
  mappingId: number,
  side: Side,
  look: { readonly mark?: string | null; readonly comparedAt?: string; readonly access?: string },
): void {
  const found = findLook(tables, mappingId, side)
  if (found) tables.looks.update(found.id, look)
  else tables.looks.insert({ mappingId, side, mark: null, comparedAt: null, access: null, ...look })
}

const isAboutDeletion = ({ code }: IssueRow) => deletionCodes.some((each) => each === code)

function findKnown(tables: Tables, search: Search, keys: readonly string[]) {
  const rows = keys.flatMap((key) => findIssue(tables, search, key) ?? [])
  const known = rows.filter((row) => isAboutDeletion(row) || row.resolution?.kind === 'deletion')
  return new Map(
    known.map((row) => [
      row.key,
      {
        heldBy: row.code === 'DELETION_HELD' ? row.jobId : null,
        resolution: deletionResolution(row.resolution),
      },
    ]),
  )
}

/** Whether the issue is among what somebody has answered at once. */
export function isAnsweredBy(
  tables: Tables,
  { id, jobId, resolution }: IssueRow,
  answers: DeletionAnswers,
): boolean {
  if ('issueId' in answers) return id === answers.issueId
  return resolution?.kind === 'deletion' && tables.runOfJob(jobId) === answers.heldInRun
}

function heldBy(tables: Tables, runId: number): IssueRow[] {
  return tables.issues.where(
    ({ code, jobId, resolution }) =>
      code === 'DELETION_HELD' && resolution?.kind !== 'deletion' && tables.runOfJob(jobId) === runId,
  )
}

function answerHeld(
  tables: Tables,
  held: readonly IssueRow[],
  answer: { readonly runId: number; readonly expected: number; readonly choice: DeletionChoice },
): void {
  const { runId, expected, choice } = answer
  if (held.length !== expected)
    throw new SyncError(
      'NOTHING_HELD',
      `${held.length} deletions of run ${runId} are held now, not ${expected}: look again`,
    )
  const resolution = { kind: 'deletion', choice, seenVersion: null } as const
  const left = { code: 'DELETED_ON_ONE_SIDE', kind: 'conflict', errorKind: 'conflict' } as const
  const going = { kind: 'waiting', nextAttemptAt: tables.now() } as const
  for (const { id } of held) tables.issues.update(id, { resolution, ...(choice === 'leave' ? left : going) })
}

function resolve(tables: Tables, issueId: number, choice: DeletionChoice) {
  const found = tables.issues.byId(issueId)
  if (!found || !isAboutDeletion(found) || found.partnerKey === null) return null
  const { sourceVersion, partnerVersion, mappingId, pairId } = found
  const seenVersion = [sourceVersion, partnerVersion].find((each) => each !== null && each !== ABSENT) ?? null
  tables.issues.update(issueId, {
    ...released(found, tables.now()),
    resolution: { kind: 'deletion', choice, seenVersion },
  })
  return { mappingId, pairId }
}
