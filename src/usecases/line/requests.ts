import { operationOfKey } from '../../core/bulk/operation.ts'
import { sourceSide } from '../../core/mapping/definition.ts'
import type { RecordSnapshot } from '../../core/ports/connector.ts'
import type { AskedIssues, InboxRow } from '../../core/ports/sync-store.ts'
import { conflictResolution, type Issue } from '../../core/sync/issue.ts'
import type { Job } from '../../core/sync/run.ts'
import type { RecordKey } from '../../core/values/key.ts'
import { indexBy } from '../../lib/group.ts'
import { type CoupleRow, coupleByHand } from '../coupling/couple-by-hand.ts'
import { type UncoupleRow, uncoupleByHand } from '../coupling/uncouple-by-hand.ts'
import { emptyFrameCommit, type PageItem, type RecordResult } from '../page/page.ts'
import { processBothWays } from '../page/write-back.ts'
import { charge } from './job-costs.ts'
import { hasPass, type LineSession, mayCreate } from './session.ts'
import { assertMayGoOn } from './stop.ts'

/** What has been worked off beside a table pass, as keys of the side that the pass reads. */
export interface Drained {
  /** Done, so that a copy that has been read ahead is left alone. */
  readonly handled: ReadonlySet<RecordKey>
  /** Written from the other side, so that a copy that has been read ahead is out of date. */
  readonly rewritten: ReadonlySet<RecordKey>
}

/** A job, or the other direction of its line. */
type Direction = Pick<Job, 'id' | 'direction'>

/**
 * Works off what waits for this mapping beside the table pass: records asked for (inbox), in both directions, and records
 * of this direction whose issue is due (architecture.md §4 step 1, §5.2).
 */
export async function drainRequests(session: LineSession, job: Job, pageNumber: number): Promise<Drained> {
  const handled = new Set<RecordKey>()
  const rewritten = new Set<RecordKey>()
  const { pageSize } = session.deps.settings
  const { sync } = session.commits
  const isSeenAgain = job.direction === 'to' && hasPass(session.line)
  while (await sync.hasDueWork(session.mapping.id)) {
    const inbox = await sync.findInbox(session.mapping.id, job.direction, pageSize)
    const asked = askedIssues(session, inbox)
    const due = await sync.findDueIssues(session.mapping.id, job.direction, pageSize, asked)
    if (inbox.length + due.length > 0)
      await processRequests(session, job, pageNumber, inbox, due, isSeenAgain)
    // A record that has only been coupled or uncoupled is not in step yet: the pass goes on to judge it.
    for (const { key } of [...inbox.filter(isSynchronized), ...due]) handled.add(key)
    const opposite = await drainOpposite(session, job, pageNumber)
    for (const key of opposite.rewritten) rewritten.add(key)
    if (Math.max(inbox.length, due.length, opposite.count) < pageSize) break
    await assertMayGoOn(session)
  }
  return { handled, rewritten }
}

/** Null: all that is due. What others have asked for by name is done by whoever holds the mapping. */
function askedIssues({ run, jobIds }: LineSession, inbox: readonly InboxRow[]): AskedIssues | null {
  if (!run.options.onlyAsked) return null
  return {
    jobIds: [jobIds.to, jobIds.from].filter((id) => id !== null),
    operationId: operationOfKey(run.idempotencyKey),
    answers: run.options.answers,
    keys: inbox.map(({ key }) => key),
  }
}

/** Nobody who asks for a record waits until the job of its direction begins. */
async function drainOpposite(
  session: LineSession,
  job: Job,
  pageNumber: number,
): Promise<{ readonly count: number; readonly rewritten: readonly RecordKey[] }> {
  const direction = job.direction === 'to' ? 'from' : 'to'
  const id = session.jobIds[direction]
  if (id === null) return { count: 0, rewritten: [] }
  const inbox = await session.commits.sync.findInbox(
    session.mapping.id,
    direction,
    session.deps.settings.pageSize,
  )
  if (inbox.length === 0) return { count: 0, rewritten: [] }
  const results = await processRequests(session, { id, direction }, pageNumber, inbox, [], false)
  const side = sourceSide[job.direction]
  return {
    count: inbox.length,
    rewritten: results.flatMap(({ coupling }) => (coupling === null ? [] : [coupling[side].key])),
  }
}

async function processRequests(
  session: LineSession,
  job: Direction,
  pageNumber: number,
  inbox: readonly InboxRow[],
  due: readonly Issue[],
  isSeenAgain: boolean,
): Promise<readonly RecordResult[]> {
  await carryOutTasks(session, job, pageNumber, inbox)
  const wanted = inbox.filter(isSynchronized)
  if (wanted.length + due.length === 0) return []
  const asked = new Set(wanted.map((row) => row.key))
  const issues = due.filter((issue) => !asked.has(issue.key))
  const snapshots = await readSources(session, job, [...asked, ...issues.map((issue) => issue.key)])
  const dueByKey = indexBy(due, (issue) => issue.key)
  const items = [
    ...wanted.map((row) => requestedItem(session, job, row, snapshots, dueByKey.get(row.key))),
    ...issues.map((issue) => dueItem(job, issue, snapshots)),
  ]
  const commit = { ...emptyFrameCommit, doneInbox: wanted }
  return processBothWays(
    session,
    {
      direction: job.direction,
      jobId: job.id,
      number: pageNumber,
      isFullCompare: false,
      isSeenAgain,
      isCommittedBehind: false,
      notesSeen: false,
      deletions: 'now',
      commit,
    },
    items,
  )
}

/** Most requests are; the others are carried out without comparing the records. */
function isSynchronized({ task }: InboxRow): boolean {
  return task === null || task.kind === 'send'
}

/** Uncoupling comes first: who uncouples one record and couples another to its partner wants both. */
async function carryOutTasks(
  session: LineSession,
  job: Direction,
  pageNumber: number,
  inbox: readonly InboxRow[],
): Promise<void> {
  const uncoupling = inbox.filter((row): row is UncoupleRow => row.task?.kind === 'uncouple')
  const coupling = inbox.filter((row): row is CoupleRow => row.task?.kind === 'couple')
  if (uncoupling.length + coupling.length === 0) return
  await session.commits.settled()
  if (uncoupling.length > 0) await uncoupleByHand(session, job, pageNumber, uncoupling)
  if (coupling.length > 0) await coupleByHand(session, job, pageNumber, coupling, coupling)
}

export function readSources(
  session: LineSession,
  job: Direction,
  keys: readonly RecordKey[],
): Promise<ReadonlyMap<RecordKey, RecordSnapshot>> {
  const side = sourceSide[job.direction]
  return charge('read', () =>
    session.tables[side].readByKeys(keys, session.mapping[side].read, session.signal),
  )
}

function requestedItem(
  session: LineSession,
  job: Direction,
  row: InboxRow,
  snapshots: ReadonlyMap<RecordKey, RecordSnapshot>,
  issue: Issue | undefined,
): PageItem {
  return {
    key: row.key,
    snapshot: snapshots.get(row.key) ?? null,
    jobIds: row.jobIds.length > 0 ? row.jobIds : [job.id],
    isRequested: true,
    isForced: row.force,
    mayCreate: issue?.createMissing === true || row.createMissing || mayCreate(session),
    resolution: conflictResolution(issue?.resolution ?? null),
    isReleased: true,
    sourceWins: row.task?.kind === 'send',
  }
}

function dueItem(job: Direction, issue: Issue, snapshots: ReadonlyMap<RecordKey, RecordSnapshot>): PageItem {
  return {
    key: issue.key,
    snapshot: snapshots.get(issue.key) ?? null,
    jobIds: [job.id],
    isRequested: false,
    isForced: true,
    mayCreate: issue.createMissing,
    resolution: conflictResolution(issue.resolution),
    // Only a release makes a record due that goes back and forth.
    isReleased: issue.code === 'PING_PONG',
    sourceWins: false,
  }
}
