import { hash } from 'node:crypto'
import { matchKey } from '../../core/coupling/match-key.ts'
import { firstProgress, type MatchProgress, readProgress } from '../../core/coupling/match-list.ts'
import { SyncError } from '../../core/errors.ts'
import type { Side } from '../../core/mapping/definition.ts'
import type { Page, RecordSnapshot } from '../../core/ports/connector.ts'
import type { StagedRecord } from '../../core/ports/match-store.ts'
import type { Checkpoint, Job } from '../../core/sync/run.ts'
import { drainRequests } from '../line/requests.ts'
import { type LineSession, step } from '../line/session.ts'
import { settleFindings } from './settle-findings.ts'

interface Stage {
  readonly session: LineSession
  readonly job: Job
  readonly beforePage: () => Promise<void>
}

/**
 * Couples all uncoupled records of a mapping by its match fields (domain.md §12.3): the match keys of both sides are
 * staged by the page, compared all at once in the store, and what is unique is coupled by the page. Each step saves
 * where it stands together with what it has done, so that a job goes on after a crash and couples nothing twice.
 */
export async function coupleByMatch(
  session: LineSession,
  job: Job,
  beforePage: () => Promise<void>,
): Promise<void> {
  if (session.mapping.matchGroups.length === 0)
    throw new SyncError(
      'NO_MATCH_CRITERIA',
      `Mapping ${session.mapping.definition.name} has no enabled field mapping with \`match\``,
    )
  const stage = { session, job, beforePage }
  let checkpoint = await resume(stage)
  for (const side of ['local', 'remote'] as const) {
    if (readProgress(checkpoint.cursor).phase === side) checkpoint = await stageSide(stage, side, checkpoint)
  }
  if (readProgress(checkpoint.cursor).phase === 'judge') checkpoint = await judge(stage, checkpoint)
  await settleFindings(session, job, checkpoint, beforePage)
}

/** From the beginning, or from where it stopped; a crash of the database server has emptied what was staged. */
async function resume({ session, job }: Stage): Promise<Checkpoint> {
  const { matches } = session.deps.stores
  const progress = readProgress(job.checkpoint?.cursor ?? null)
  const isWhole = progress.phase === 'settle' || (await matches.countStaged(job.id)) === progress.staged
  if (job.checkpoint && isWhole) return job.checkpoint
  await matches.beginMatching(session.lease.fence, { mappingId: session.mapping.id, jobId: job.id })
  return at(firstProgress, 0)
}

function at(progress: MatchProgress, pages: number): Checkpoint {
  return { cursor: JSON.stringify(progress), ceiling: null, pages, passDone: false }
}

/** The next page is read while one is staged. */
async function stageSide(stage: Stage, side: Side, from: Checkpoint): Promise<Checkpoint> {
  const { session, job, beforePage } = stage
  let checkpoint = from
  let upcoming: Promise<Page> | null = readAhead(
    session,
    side,
    readProgress(from.cursor).cursor,
    from.pages + 1,
  )
  while (upcoming !== null) {
    await beforePage()
    const page: Page = await upcoming
    const records = page.records.map((record) => toStaged(session, side, record))
    const pages = checkpoint.pages + 1
    const staged = readProgress(checkpoint.cursor).staged + countRows(records)
    const next = { phase: side, cursor: page.next, staged }
    checkpoint = at(page.next === null ? followedBy(side, next) : next, pages)
    upcoming = page.next === null ? null : readAhead(session, side, page.next, pages + 1)
    await session.deps.stores.matches.stageMatchKeys(session.lease.fence, {
      mappingId: session.mapping.id,
      jobId: job.id,
      side,
      records,
      checkpoint,
    })
    await drainRequests(session, job, pages)
  }
  return checkpoint
}

/** Starts reading; a failure is kept until the page is asked for, so that it is never an unhandled rejection. */
function readAhead(session: LineSession, side: Side, cursor: string | null, number: number): Promise<Page> {
  const page = readPage(session, side, cursor, number)
  page.catch(() => undefined)
  return page
}

async function readPage(
  session: LineSession,
  side: Side,
  cursor: string | null,
  number: number,
): Promise<Page> {
  await step(session, 'read', number)
  const { mapping, signal } = session
  const fields = [
    ...new Set(mapping.matchGroups.flatMap((group) => group.fields.map((field) => field[side]))),
  ]
  const limit = session.deps.settings.pageSize
  return session.tables[side].readAll({ fields, filter: mapping[side].filter, cursor, limit, signal })
}

function countRows(records: readonly StagedRecord[]): number {
  return records.reduce((sum, { matchKeys }) => sum + 1 + matchKeys.filter((key) => key !== null).length, 0)
}

function followedBy(side: Side, { staged }: MatchProgress): MatchProgress {
  return { phase: side === 'local' ? 'remote' : 'judge', cursor: null, staged }
}

/** Digests: the store compares them and need not know the values, however long they are. */
function toStaged({ mapping }: LineSession, side: Side, { key, values }: RecordSnapshot): StagedRecord {
  const digest = (text: string | null) => (text === null ? null : hash('sha256', text, 'base64url'))
  return {
    key,
    matchKeys: mapping.matchGroups.map((group) => digest(matchKey(mapping, group, values, side))),
  }
}

async function judge({ session, job }: Stage, from: Checkpoint): Promise<Checkpoint> {
  await step(session, 'decide', from.pages)
  const checkpoint = at({ phase: 'settle', cursor: null, staged: 0 }, from.pages)
  await session.deps.stores.matches.judgeMatches(session.lease.fence, {
    mappingId: session.mapping.id,
    jobId: job.id,
    direction: job.direction,
    checkpoint,
  })
  return checkpoint
}
