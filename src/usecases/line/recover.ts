import { jobDirections } from '../../core/mapping/definition.ts'
import type { Job } from '../../core/sync/run.ts'
import { emptyFrameCommit, type PageItem } from '../page/page.ts'
import { processBothWays } from '../page/write-back.ts'
import { readSources } from './requests.ts'
import { type LineSession, mayCreate } from './session.ts'

/**
 * Settles the records of page intents that nobody closed: a worker died or lost its lease between deciding and
 * committing (architecture.md §4.2). Each intent is looked at once at once, and once more when nothing of it can arrive
 * any longer; only then it is removed.
 */
export async function recoverIntents(session: LineSession, job: Job): Promise<void> {
  for (const intent of session.intents) {
    if (intent.direction !== job.direction || (intent.settledOnce && !intent.isPast)) continue
    session.signal.throwIfAborted()
    session.log.info(
      { intent: intent.id, records: intent.writes.length },
      'Settling the records of an unfinished page',
    )
    const keys = [...new Set(intent.writes.map((write) => write.sourceKey))]
    const snapshots = await readSources(session, job, keys)
    const items = keys.map(
      (key): PageItem => ({
        key,
        snapshot: snapshots.get(key) ?? null,
        jobIds: [job.id],
        isRequested: false,
        isForced: true,
        mayCreate:
          mayCreate(session) ||
          intent.writes.some((write) => write.sourceKey === key && write.token !== null),
      }),
    )
    const commit = {
      ...emptyFrameCommit,
      closeIntents: intent.isPast ? [intent.id] : [],
      keepForLastLook: intent.isPast ? [] : [intent.id],
    }
    await processBothWays(
      session,
      {
        direction: job.direction,
        jobId: job.id,
        number: 0,
        isFullCompare: true,
        isSeenAgain: false,
        isCommittedBehind: false,
        commit,
      },
      items,
    )
  }
}

/**
 * Clears away what is left of a direction the mapping no longer has: intents that can no longer arrive, requests and due
 * issues. Nobody may write there any more; without this they would call for a look for ever.
 */
export async function forgetDirections(session: LineSession): Promise<void> {
  const { sync } = session.commits
  const { pageSize } = session.deps.settings
  for (const direction of ['to', 'from'] as const) {
    if (jobDirections(session.mapping.definition.direction).includes(direction)) continue
    const intents = session.intents.filter((intent) => intent.direction === direction && intent.isPast)
    const inbox = await sync.findInbox(session.mapping.id, direction, pageSize)
    const due = await sync.findDueIssues(session.mapping.id, direction, pageSize)
    if (intents.length + inbox.length + due.length === 0) continue
    await sync.commitPage(session.lease.fence, {
      ...emptyFrameCommit,
      mappingId: session.mapping.id,
      pairId: session.mapping.pairId,
      couplings: [],
      outcomes: [],
      openIssues: [],
      closeIssues: due.map(({ key }) => ({ direction, key })),
      metIssues: [],
      releases: [],
      counters: new Map(),
      closeIntents: intents.map((intent) => intent.id),
      doneInbox: inbox,
    })
  }
}
