import { newCoupling } from '../../core/coupling/new-coupling.ts'
import { planCoupling } from '../../core/coupling/plan-coupling.ts'
import { type Uncoupling, uncoupling } from '../../core/coupling/uncoupling.ts'
import { problem } from '../../core/errors.ts'
import { type JobDirection, sourceSide } from '../../core/mapping/definition.ts'
import type { FollowingRequest, InboxRow, InboxTask } from '../../core/ports/sync-store.ts'
import { displayKey } from '../../core/values/key.ts'
import type { LineSession } from '../line/session.ts'
import type { RecordResult } from '../page/page.ts'
import { quietResult } from '../page/results.ts'
import { commitNamed } from './commit-named.ts'
import { type CouplingEnds, type KeyPair, readEnds } from './coupling-ends.ts'
import { readGenerations } from './generations.ts'
import { coupledResult, namedItem, refusedResult } from './results.ts'
import type { JobPlace } from './uncouple-page.ts'

export type CoupleRow = InboxRow & CoupleRequest

/** Two records to be coupled: one by the key that the job reads it by, and the other one. */
export interface CoupleRequest extends Pick<InboxRow, 'key' | 'jobIds'> {
  readonly task: Extract<InboxTask, { kind: 'couple' }>
  /** They have been coupled before, at least in this generation, in a time that the store has lost; left out: no. */
  readonly restoredGeneration?: number
}

/** What one request comes to. */
interface Coupled {
  readonly result: RecordResult
  readonly uncouplings: readonly Uncoupling[]
  readonly requests: readonly FollowingRequest[]
}

/**
 * Couples the pairs that people have named, under the lease of whoever works on the mapping now: one commit per page,
 * which also asks for what is to be done with the pair next (domain.md §12.1), and removes the rows of the inbox that
 * have asked for it.
 */
export async function coupleByHand(
  session: LineSession,
  job: JobPlace,
  pageNumber: number,
  rows: readonly CoupleRequest[],
  doneInbox: readonly InboxRow[],
): Promise<void> {
  const view = { ...session, sync: session.commits.sync }
  const pairs = rows.map((row) => pairOf(job.direction, row))
  const ends = await readEnds(view, pairs)
  const generations = await readGenerations(session, pairs)
  const claimed = new Set<string>()
  const all = rows.map((row, index) => {
    const found = ends[index] as CouplingEnds
    const coupled = coupleOne(session, job, row, found, generations(found), claimed)
    if (coupled.result.coupling) for (const name of namesOf(found)) claimed.add(name)
    return coupled
  })
  const results = all.map(({ result }) => result)
  await commitNamed(session, job, pageNumber, results, {
    doneInbox,
    uncouplings: all.flatMap(({ uncouplings }) => uncouplings),
    requests: all.flatMap(({ requests }) => requests),
  })
}

function pairOf(direction: JobDirection, { key, task }: CoupleRequest): KeyPair {
  return direction === 'to' ? { local: key, remote: task.with } : { local: task.with, remote: key }
}

const namesOf = ({ local, remote }: CouplingEnds) => [`local ${local.key}`, `remote ${remote.key}`]

function coupleOne(
  session: LineSession,
  job: JobPlace,
  row: CoupleRequest,
  ends: CouplingEnds,
  generation: number,
  claimed: ReadonlySet<string>,
): Coupled {
  const item = namedItem(row.key, row.jobIds.length > 0 ? row.jobIds : [job.id])
  const then = followingRequests(job, row, ends, item.jobIds)
  const plan = planCoupling(session.mapping, ends)
  const clash = namesOf(ends).find((name) => claimed.has(name))
  if (plan.action === 'unchanged')
    return { result: quietResult(item, 'unchanged', job.direction), uncouplings: [], requests: then }
  if (plan.action === 'fail' || clash !== undefined) {
    const trouble = plan.action === 'fail' ? plan.problem : askedTwice(session, job, row)
    const result = refusedResult(item, job.direction, trouble, row.task.with)
    return { result, uncouplings: [], requests: [] }
  }
  const coupling = newCoupling(
    session.mapping,
    plan,
    { direction: job.direction, jobId: job.id },
    Math.max(generation, row.restoredGeneration ?? 0),
    row.restoredGeneration !== undefined,
  )
  const why = { reason: 'Its partner is gone', uncoupledBy: 'couplet', jobId: job.id, isRemembered: false }
  return {
    result: coupledResult(item, job.direction, coupling),
    uncouplings: plan.stale.map((stale) => uncoupling(stale, why)),
    requests: then,
  }
}

function askedTwice(session: LineSession, job: JobPlace, { key, task }: CoupleRequest) {
  const table = session.mapping[sourceSide[job.direction]].schema.table
  const message = `${table} ${displayKey(key)} cannot be coupled to ${displayKey(task.with)}: an earlier request has just coupled one of them`
  return problem('ALREADY_COUPLED', message)
}

/** In the direction of the request itself the outcome goes to who asked; in the other one, to whoever works it off. */
function followingRequests(
  job: JobPlace,
  { task }: CoupleRequest,
  ends: CouplingEnds,
  jobIds: readonly number[],
): readonly FollowingRequest[] {
  const directions = task.next === 'merge' ? (['to', 'from'] as const) : [task.next]
  return directions
    .filter((direction) => direction !== 'nothing')
    .map((direction) => ({
      direction,
      key: ends[sourceSide[direction]].key,
      jobIds: direction === job.direction ? jobIds : [],
      createMissing: false,
    }))
}
