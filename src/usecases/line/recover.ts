import { destinationSide, jobDirections } from '../../core/mapping/definition.ts'
import type { IntendedWrite, OpenIntent } from '../../core/ports/sync-store.ts'
import type { Job } from '../../core/sync/run.ts'
import { groupBy } from '../../lib/group.ts'
import { emptyCommit } from '../page/commit.ts'
import { emptyFrameCommit, type PageItem, type RecordResult } from '../page/page.ts'
import { hasWritten, processBothWays } from '../page/write-back.ts'
import { readSources } from './requests.ts'
import { indexDoubtful, type LineSession, mayCreate } from './session.ts'

/**
 * Settles the records of page intents that nobody closed: a worker died or lost its lease between deciding and
 * committing (architecture.md §4.2). Each intent is looked at once at once, and once more when nothing of it can arrive
 * any longer; only then it is removed. Returns the writes that are over: of them nothing can arrive any more.
 */
export async function recoverIntents(session: LineSession, job: Job): Promise<ReadonlySet<IntendedWrite>> {
  const over = new Set<IntendedWrite>()
  for (const intent of [...session.intents]) {
    if (intent.direction !== job.direction || (intent.settledOnce && !intent.isPast)) continue
    session.signal.throwIfAborted()
    session.log.info(
      { intent: intent.id, records: intent.writes.length },
      'Settling the records of an unfinished page',
    )
    const keys = [...new Set(intent.writes.map((write) => write.sourceKey))]
    const moved = await findMoved(session, job, intent)
    const snapshots = await readSources(session, job, keys)
    const resolutions = await session.commits.sync.findResolutions(session.mapping.id, job.direction, keys)
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
        resolution: resolutions.get(key) ?? null,
        isReleased: false,
        sourceWins: false,
      }),
    )
    const commit = {
      ...emptyFrameCommit,
      closeIntents: intent.isPast ? [intent.id] : [],
      keepForLastLook: intent.isPast ? [] : [intent.id],
    }
    const results = await processBothWays(
      session,
      {
        direction: job.direction,
        jobId: job.id,
        number: 0,
        isFullCompare: true,
        isSeenAgain: false,
        isCommittedBehind: false,
        notesSeen: false,
        deletions: 'now',
        commit,
      },
      items,
    )
    for (const write of await narrow(session, intent, moved, results)) over.add(write)
  }
  return over
}

/** The writes of the intent that are over; whoever comes next is not to take them for something that may still arrive. */
async function narrow(
  session: LineSession,
  intent: OpenIntent,
  moved: ReadonlySet<IntendedWrite>,
  results: readonly RecordResult[],
): Promise<readonly IntendedWrite[]> {
  const written = new Set(results.filter(hasWritten).map(({ item }) => item.key))
  const isOver = (write: IntendedWrite) =>
    write.token === null && (moved.has(write) || written.has(write.sourceKey))
  const over = intent.writes.filter(isOver)
  if (over.length > 0 && !intent.isPast) {
    const open = intent.writes.filter((write) => !isOver(write))
    await session.commits.sync.narrowIntent(session.lease.fence, intent.id, open)
  }
  return over
}

/** Updates and deletions whose record has another version by now, or none: they have arrived, or never will. */
async function findMoved(
  session: LineSession,
  job: Job,
  { writes }: OpenIntent,
): Promise<ReadonlySet<IntendedWrite>> {
  const moved = new Set<IntendedWrite>()
  const destination = destinationSide[job.direction]
  const open = writes.filter(({ token }) => token === null)
  for (const [side, ofSide] of groupBy(open, ({ deletion }) => deletion?.side ?? destination)) {
    const keyOf = ({ destinationKey, sourceKey }: IntendedWrite) =>
      side === destination ? (destinationKey ?? '') : sourceKey
    const { keyFields } = session.mapping[side].schema
    const now = await session.tables[side].readByKeys(ofSide.map(keyOf), keyFields, session.signal)
    for (const write of ofSide) if (now.get(keyOf(write))?.version !== write.expectedVersion) moved.add(write)
  }
  return moved
}

/**
 * The session after both directions have settled their intents: writes that are over are in doubt no more, and of the
 * others the couplings know what had arrived by then.
 */
export function afterRecovery(session: LineSession, over: ReadonlySet<IntendedWrite>): LineSession {
  const open = session.intents
    .filter((intent) => !intent.isPast)
    .map((intent) => ({
      ...intent,
      settledOnce: true,
      writes: intent.writes.filter((write) => !over.has(write)),
    }))
  return { ...session, doubtful: indexDoubtful(open) }
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
      ...emptyCommit(session.mapping),
      closeIssues: due.map(({ key }) => ({ direction, key })),
      closeIntents: intents.map((intent) => intent.id),
      doneInbox: inbox,
    })
  }
}
