import { sourceSide } from '../../core/mapping/definition.ts'
import type { RecordSnapshot } from '../../core/ports/connector.ts'
import type { InboxRow } from '../../core/ports/sync-store.ts'
import type { Issue } from '../../core/sync/issue.ts'
import type { Job } from '../../core/sync/run.ts'
import type { RecordKey } from '../../core/values/key.ts'
import { emptyFrameCommit, type PageItem } from '../page/page.ts'
import { processBothWays } from '../page/write-back.ts'
import { type LineSession, mayCreate } from './session.ts'

/**
 * Works off what waits for this mapping and direction beside the table pass: records asked for (inbox) and records whose
 * issue is due (architecture.md §4 step 1, §5.2). Returns the keys handled, so that an older copy of them that has been
 * read ahead is left alone.
 */
export async function drainRequests(
  session: LineSession,
  job: Job,
  pageNumber: number,
): Promise<ReadonlySet<RecordKey>> {
  const handled = new Set<RecordKey>()
  const { pageSize } = session.deps.settings
  const { sync } = session.commits
  while (await sync.hasDueWork(session.mapping.id)) {
    const inbox = await sync.findInbox(session.mapping.id, job.direction, pageSize)
    const due = await sync.findDueIssues(session.mapping.id, job.direction, pageSize)
    if (inbox.length === 0 && due.length === 0) break
    await processRequests(session, job, pageNumber, inbox, due)
    for (const { key } of [...inbox, ...due]) handled.add(key)
    if (inbox.length < pageSize && due.length < pageSize) break
    session.signal.throwIfAborted()
  }
  return handled
}

async function processRequests(
  session: LineSession,
  job: Job,
  pageNumber: number,
  inbox: readonly InboxRow[],
  due: readonly Issue[],
): Promise<void> {
  const asked = new Set(inbox.map((row) => row.key))
  const issues = due.filter((issue) => !asked.has(issue.key))
  const snapshots = await readSources(session, job, [...asked, ...issues.map((issue) => issue.key)])
  const mayCreateByKey = new Map(due.map((issue) => [issue.key, issue.createMissing] as const))
  const items = [
    ...inbox.map((row) => requestedItem(session, job, row, snapshots, mayCreateByKey.get(row.key) === true)),
    ...issues.map((issue) => dueItem(job, issue, snapshots)),
  ]
  const commit = { ...emptyFrameCommit, doneInbox: inbox }
  await processBothWays(
    session,
    {
      direction: job.direction,
      jobId: job.id,
      number: pageNumber,
      isFullCompare: false,
      isCommittedBehind: false,
      commit,
    },
    items,
  )
}

export function readSources(
  session: LineSession,
  job: Job,
  keys: readonly RecordKey[],
): Promise<ReadonlyMap<RecordKey, RecordSnapshot>> {
  const side = sourceSide[job.direction]
  return session.tables[side].readByKeys(keys, session.mapping[side].read, session.signal)
}

function requestedItem(
  session: LineSession,
  job: Job,
  row: InboxRow,
  snapshots: ReadonlyMap<RecordKey, RecordSnapshot>,
  wasAllowed: boolean,
): PageItem {
  return {
    key: row.key,
    snapshot: snapshots.get(row.key) ?? null,
    jobIds: row.jobIds.length > 0 ? row.jobIds : [job.id],
    isRequested: true,
    isForced: row.force,
    mayCreate: wasAllowed || row.createMissing || mayCreate(session),
  }
}

function dueItem(job: Job, issue: Issue, snapshots: ReadonlyMap<RecordKey, RecordSnapshot>): PageItem {
  return {
    key: issue.key,
    snapshot: snapshots.get(issue.key) ?? null,
    jobIds: [job.id],
    isRequested: false,
    isForced: true,
    mayCreate: issue.createMissing,
  }
}
