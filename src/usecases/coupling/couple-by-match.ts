import { hash } from 'node:crypto'
import { matchKey } from '../../core/coupling/match-key.ts'
import { firstProgress, type MatchProgress, readProgress } from '../../core/coupling/match-list.ts'
import { SyncError } from '../../core/errors.ts'
import type { Side } from '../../core/mapping/definition.ts'
import type { RecordSnapshot } from '../../core/ports/connector.ts'
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

async function stageSide(stage: Stage, side: Side, from: Checkpoint): Promise<Checkpoint> {
  const { session, job, beforePage } = stage
  const { filter } = session.mapping[side]
  const fields = [
    ...new Set(session.mapping.matchGroups.flatMap((group) => group.fields.map((field) => field[side]))),
  ]
  let checkpoint = from
  for (;;) {
    await beforePage()
    const { cursor, staged } = readProgress(checkpoint.cursor)
    await step(session, 'read', checkpoint.pages + 1)
    const limit = session.deps.settings.pageSize
    const page = await session.tables[side].readAll({ fields, filter, cursor, limit, signal: session.signal })
    const records = page.records.map((record) => toStaged(session, side, record))
    const rows = records.reduce(
      (sum, { matchKeys }) => sum + 1 + matchKeys.filter((key) => key !== null).length,
      0,
    )
    const next = { phase: side, cursor: page.next, staged: staged + rows }
    checkpoint = at(page.next === null ? followedBy(side, next) : next, checkpoint.pages + 1)
    await session.deps.stores.matches.stageMatchKeys(session.lease.fence, {
      mappingId: session.mapping.id,
      jobId: job.id,
      side,
      records,
      checkpoint,
    })
    await drainRequests(session, job, checkpoint.pages)
    if (page.next === null) return checkpoint
  }
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
