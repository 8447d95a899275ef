import { SyncError } from '../../core/errors.ts'
import { jobDirections } from '../../core/mapping/definition.ts'
import type { BrakeVerdict, Checkpoint, Job, Run } from '../../core/sync/run.ts'
import { coupleByMatch } from '../coupling/couple-by-match.ts'
import { uncoupleAll } from '../coupling/uncouple-all.ts'
import { explainHeld, noteFirstAccess } from './access.ts'
import { passOverTable, planPass } from './pass.ts'
import { drainRequests } from './requests.ts'
import { searchDeletions } from './search-deletions.ts'
import { hasPass, type LineSession, step } from './session.ts'
import { assertMayGoOn } from './stop.ts'

const fromTheStart: Checkpoint = { cursor: null, ceiling: null, pages: 0, passDone: false }

/**
 * One direction of a line: first what was asked for, then the table from the checkpoint on, then what was asked for
 * meanwhile. Repeatable: a job that is done already does nothing.
 */
export async function runJob(session: LineSession, job: Job): Promise<void> {
  if (job.state !== 'ready' && job.state !== 'running') return
  let verdict: BrakeVerdict | null
  try {
    verdict = await session.costs.chargeTo(job.id, () => doJob(session, job))
  } finally {
    await saveCosts(session)
  }
  await step(session, 'finish', 0)
  const { runs } = session.deps.stores
  await runs.finishJob(job.id, session.lease.fence, 'succeeded', heldBack(session, verdict))
}

/** What the brake has said about deleted records; null when the job does not search for them. */
async function doJob(session: LineSession, job: Job): Promise<BrakeVerdict | null> {
  const { stores } = session.deps
  await stores.runs.startJob(job.id, session.lease.fence, estimate(session, job))
  await noteFirstAccess(session)
  await drainRequests(session, job, 0)
  const start = job.checkpoint ?? fromTheStart
  const hasWork = hasPass(session.line) && !start.passDone
  const checkpoint = hasWork ? await workOff(session, job, start) : start
  const isSearching = job.type === 'synchronization' && session.line.selection !== 'requests'
  const verdict = isSearching ? await searchDeletions(session, job, checkpoint) : null
  await drainRequests(session, job, 0)
  return verdict
}

/** A job whose deletions are held, or could not be looked for, has done all the rest; it says why it is not done with everything. */
function heldBack(session: LineSession, verdict: BrakeVerdict | null): Job['error'] {
  if (verdict === null || (!verdict.isHeld && verdict.accessChange === null)) return null
  const code = verdict.accessChange === null ? 'DELETION_HELD' : 'ACCESS_CHANGED'
  return { code, message: explainHeld(session, verdict) }
}

/** Of interest and no more: whoever has lost the lease leaves no costs behind. */
async function saveCosts(session: LineSession): Promise<void> {
  const { log, deps, lease } = session
  for (const [jobId, costs] of session.costs.take()) {
    await deps.stores.runs
      .addStepCosts(jobId, lease.fence, costs)
      .catch((error) => log.debug({ err: error, job: jobId }, 'The costs of the job were not stored'))
  }
}

/** Couplings are made and removed once for both directions, by the job of the first one. */
async function workOff(session: LineSession, job: Job, checkpoint: Checkpoint): Promise<Checkpoint> {
  const isFirst = jobDirections(session.mapping.definition.direction)[0] === job.direction
  const beforePage = () => assertUnchanged(session)
  if (job.type === 'synchronization') return passOverTable(session, job, checkpoint, beforePage)
  if (isFirst && job.type === 'coupling') await coupleByMatch(session, job, beforePage)
  else if (isFirst) await uncoupleAll(session, job)
  return checkpoint
}

function estimate(session: LineSession, job: Job): number | null {
  const plan = planPass(session, job.direction, job.checkpoint ?? fromTheStart)
  return plan.isOverAll && hasPass(session.line) ? session.tables[plan.side].schema.estimatedRows : null
}

/** Between two pages: stop when asked to, or when somebody has edited the mapping (architecture.md §4.5). */
async function assertUnchanged(session: LineSession): Promise<void> {
  const [now] = await Promise.all([
    session.deps.stores.mappings.getCurrentVersion(session.mapping.id),
    assertMayGoOn(session),
  ])
  if (now === session.mapping.version) return
  const { definition, version } = session.mapping
  throw mappingChanged(session.run, definition.name, { from: version, to: now })
}

/** A line is planned again with the new version; a preview ends, because half of it would be of another mapping. */
export function mappingChanged(run: Run, name: string, versions: { from: number; to: number }): SyncError {
  const message = `Mapping ${name} was changed from version ${versions.from} to ${versions.to} while it ran`
  return run.options.dryRun
    ? new SyncError('MAPPING_CHANGED', `${message}; ask for the preview again`, { kind: 'config' })
    : new SyncError('MAPPING_CHANGED', message)
}
