import { type JobDirection, jobDirections, type Side, sourceSide } from '../../core/mapping/definition.ts'
import type { RecordSnapshot } from '../../core/ports/connector.ts'
import { watermarkOf } from '../../core/ports/mapping-store.ts'
import type { Checkpoint, Job } from '../../core/sync/run.ts'
import { emptyFrameCommit, type PageItem } from '../page/page.ts'
import { processBothWays } from '../page/write-back.ts'
import { charge } from './job-costs.ts'
import { type Drained, drainRequests } from './requests.ts'
import { beginSeeing } from './seen.ts'
import { type LineSession, step } from './session.ts'

/** How a job goes through the source table. */
export interface PassPlan {
  readonly side: Side
  /** All records by key, or the changes after the watermark by time. */
  readonly isOverAll: boolean
  /** The partner of every coupled record is read. */
  readonly isFullCompare: boolean
  /** Selection generation to record as scanned when the pass is complete, or null. */
  readonly scannedGeneration: number | null
}

interface SourcePage {
  readonly records: readonly RecordSnapshot[]
  readonly checkpoint: Checkpoint
  /** To be saved with the page, or null. */
  readonly watermark: string | null
}

/**
 * A full synchronization, a changed selection and a table without modification times are passes over everything; the
 * first keeps comparing both sides, the others take the short way where they can (architecture.md §4.5). A pass that has
 * begun goes on as what it was: another run may have scanned the table since, and a cursor means nothing to the other kind.
 */
export function planPass(session: LineSession, direction: JobDirection, start: Checkpoint): PassPlan {
  const { line, stored } = session
  const side = sourceSide[direction]
  const isBackfill = stored.scannedGeneration < stored.selectionGeneration
  const directions = jobDirections(session.mapping.definition.direction)
  const isLast = directions[directions.length - 1] === direction
  const isDue = line.selection === 'all' || isBackfill
  const isOverAll = start.pages > 0 ? start.ceiling !== null : isDue
  return {
    side,
    isOverAll,
    isFullCompare: line.selection === 'all',
    scannedGeneration: isOverAll && isLast ? stored.selectionGeneration : null,
  }
}

/**
 * Goes through the source table page by page from the checkpoint on; the next page is read while one is written. Gives the
 * checkpoint as the pass has begun with it.
 */
export async function passOverTable(
  session: LineSession,
  job: Job,
  start: Checkpoint,
  beforePage: () => Promise<void>,
): Promise<Checkpoint> {
  const plan = planPass(session, job.direction, start)
  const begun = await begin(session, job, plan, start)
  try {
    await passOverPages(session, job, plan, begun, beforePage)
  } finally {
    // Nobody gives the lease back, or ends the job, over a commit that is under way.
    await session.commits.settled().catch(() => {})
  }
  await session.commits.settled()
  return begun
}

/** What a pass over everything has to know from before its first page; one that goes on has it. */
async function begin(session: LineSession, job: Job, plan: PassPlan, start: Checkpoint): Promise<Checkpoint> {
  if (!plan.isOverAll || start.ceiling !== null) return start
  const seen = plan.isFullCompare ? await beginSeeing(session, job.direction) : undefined
  return { ...start, ceiling: await session.tables[plan.side].takeWatermark(session.signal), seen }
}

async function passOverPages(
  session: LineSession,
  job: Job,
  plan: PassPlan,
  from: Checkpoint,
  beforePage: () => Promise<void>,
): Promise<void> {
  let upcoming: Promise<SourcePage> | null = readAhead(session, plan, from)
  let drainedSinceRead: Drained = { handled: new Set(), rewritten: new Set() }
  while (upcoming !== null) {
    const reading: Promise<SourcePage> = upcoming
    const page = await charge('waiting', () => reading)
    upcoming = page.checkpoint.passDone ? null : readAhead(session, plan, page.checkpoint)
    await beforePage()
    const drained = await drainRequests(session, job, page.checkpoint.pages)
    const records = await withoutStale(session, plan, page.records, [drainedSinceRead, drained])
    await processSourcePage(session, job, plan, { ...page, records })
    drainedSinceRead = drained
  }
}

/** Starts reading; a failure is kept until the page is asked for, so that it is never an unhandled rejection. */
function readAhead(session: LineSession, plan: PassPlan, from: Checkpoint): Promise<SourcePage> {
  const page = readPage(session, plan, from)
  page.catch(() => undefined)
  return page
}

async function readPage(session: LineSession, plan: PassPlan, from: Checkpoint): Promise<SourcePage> {
  const compiled = session.mapping[plan.side]
  const table = session.tables[plan.side]
  const pages = from.pages + 1
  await step(session, 'read', pages)
  const request = {
    fields: compiled.read,
    filter: compiled.filter,
    cursor: from.cursor,
    limit: session.deps.settings.pageSize,
    signal: session.signal,
  }
  if (plan.isOverAll) {
    const page = await table.readAll(request)
    const passDone = page.next === null
    return {
      records: page.records,
      checkpoint: { ...from, cursor: page.next, pages, passDone },
      watermark: passDone ? from.ceiling : null,
    }
  }
  const page = await table.readChanges({ ...request, watermark: watermarkOf(session.stored, plan.side) })
  return {
    records: page.records,
    checkpoint: { ...from, cursor: page.next, pages, passDone: page.next === null },
    watermark: page.watermark,
  }
}

/** Requests have been faster than the page: what they have done is left out, what they have written is read again. */
async function withoutStale(
  session: LineSession,
  { side }: PassPlan,
  records: readonly RecordSnapshot[],
  drained: readonly Drained[],
): Promise<readonly RecordSnapshot[]> {
  const open = records.filter(({ key }) => !drained.some(({ handled }) => handled.has(key)))
  const isStale = ({ key }: RecordSnapshot) => drained.some(({ rewritten }) => rewritten.has(key))
  const stale = open.filter(isStale).map(({ key }) => key)
  if (stale.length === 0) return open
  const now = await session.tables[side].readByKeys(stale, session.mapping[side].read, session.signal)
  return open.flatMap((record) => (isStale(record) ? (now.get(record.key) ?? []) : record))
}

async function processSourcePage(
  session: LineSession,
  job: Job,
  plan: PassPlan,
  page: SourcePage,
): Promise<void> {
  const items = page.records.map(
    (snapshot): PageItem => ({
      key: snapshot.key,
      snapshot,
      jobIds: [job.id],
      isRequested: false,
      isForced: false,
      mayCreate: false,
      resolution: null,
      isReleased: false,
      sourceWins: false,
    }),
  )
  const { checkpoint, watermark } = page
  const frame = {
    direction: job.direction,
    jobId: job.id,
    number: checkpoint.pages,
    isFullCompare: plan.isFullCompare,
    isSeenAgain: job.direction === 'to',
    isCommittedBehind: plan.isOverAll,
    notesSeen: checkpoint.seen !== undefined,
    deletions: 'later' as const,
    commit: {
      ...emptyFrameCommit,
      checkpoint: { jobId: job.id, value: checkpoint },
      watermark: watermark === null ? null : { side: plan.side, value: watermark, runId: session.run.id },
      scannedGeneration: checkpoint.passDone ? plan.scannedGeneration : null,
    },
  }
  await processBothWays(session, frame, items)
}
