import { matchKey } from '../../core/coupling/match-key.ts'
import { directionsAfterMatching, type MatchFinding, readProgress } from '../../core/coupling/match-list.ts'
import { newCoupling } from '../../core/coupling/new-coupling.ts'
import { planCoupling } from '../../core/coupling/plan-coupling.ts'
import { type Problem, problem } from '../../core/errors.ts'
import { destinationSide, type Side, sourceSide } from '../../core/mapping/definition.ts'
import type { FollowingRequest } from '../../core/ports/sync-store.ts'
import type { Checkpoint, Job } from '../../core/sync/run.ts'
import { displayKey } from '../../core/values/key.ts'
import { present } from '../../lib/assert.ts'
import { drainRequests } from '../line/requests.ts'
import { type LineSession, step } from '../line/session.ts'
import type { RecordResult } from '../page/page.ts'
import { quietResult } from '../page/results.ts'
import { commitNamed } from './commit-named.ts'
import { type CouplingEnds, type KeyPair, readEnds } from './coupling-ends.ts'
import { readGenerations } from './generations.ts'
import { coupledResult, namedItem, refusedResult } from './results.ts'

interface Settled {
  readonly result: RecordResult
  readonly requests: readonly FollowingRequest[]
}

/** Turns the findings of a job into couplings, outcomes and counters, page by page in the order of their ids. */
export async function settleFindings(
  session: LineSession,
  job: Job,
  from: Checkpoint,
  beforePage: () => Promise<void>,
): Promise<void> {
  const limit = session.deps.settings.pageSize
  for (let checkpoint = from; !checkpoint.passDone; ) {
    await beforePage()
    const progress = readProgress(checkpoint.cursor)
    const after = Number(progress.cursor ?? 0)
    const findings = await session.deps.stores.matches.findFindings(job.id, { after, limit })
    await step(session, 'lookup', checkpoint.pages + 1)
    const settled = await settlePage(session, job, findings)
    const cursor = JSON.stringify({ ...progress, cursor: String(findings.at(-1)?.id ?? after) })
    const passDone = findings.length < limit
    checkpoint = { ...checkpoint, cursor, pages: checkpoint.pages + 1, passDone }
    const results = settled.map(({ result }) => result)
    await commitNamed(session, job, checkpoint.pages, results, {
      checkpoint: { jobId: job.id, value: checkpoint },
      requests: settled.flatMap(({ requests }) => requests),
    })
    await drainRequests(session, job, checkpoint.pages)
  }
}

/** Unique findings are looked at once more: both sides may have been edited, or coupled by hand, since they were read. */
async function settlePage(
  session: LineSession,
  job: Job,
  findings: readonly MatchFinding[],
): Promise<readonly Settled[]> {
  const unique = findings.filter(({ verdict }) => verdict === 'unique')
  const pairs = unique.map((finding) => pairOf(job, finding))
  const view = { ...session, sync: session.commits.sync }
  const ends = pairs.length > 0 ? await readEnds(view, pairs) : []
  const generationOf = pairs.length > 0 ? await readGenerations(session, pairs) : () => 0
  const endsById = new Map(unique.map(({ id }, index) => [id, ends[index]] as const))
  return findings.map((finding) => {
    const found = endsById.get(finding.id)
    return found === undefined
      ? settleUnmatched(session, job, finding)
      : settleUnique(session, job, finding, found, generationOf(found))
  })
}

function pairOf({ direction }: Job, { key, candidates }: MatchFinding): KeyPair {
  const other = present(candidates[0], 'candidate of a unique finding')
  return direction === 'to' ? { local: key, remote: other } : { local: other, remote: key }
}

function settleUnique(
  session: LineSession,
  job: Job,
  finding: MatchFinding,
  ends: CouplingEnds,
  generation: number,
): Settled {
  const item = namedItem(finding.key, [job.id])
  const plan = planCoupling(session.mapping, ends)
  if (plan.action === 'unchanged')
    return { result: quietResult(item, 'unchanged', job.direction), requests: [] }
  const refuse = (trouble: Problem) => ({
    result: refusedResult(item, job.direction, trouble, finding.candidates[0] ?? null),
    requests: [],
  })
  if (plan.action === 'fail') return refuse(plan.problem)
  const change = findChange(session, job, finding, ends, plan.stale.length > 0)
  if (change !== null) return refuse(change)
  const { direction, id: jobId } = job
  const coupling = newCoupling(session.mapping, plan, { direction, jobId }, generation)
  return { result: coupledResult(item, direction, coupling), requests: afterMatching(session, ends) }
}

/** What speaks against a match that was unique when it was read; null when it still is one. */
function findChange(
  session: LineSession,
  job: Job,
  finding: MatchFinding,
  ends: CouplingEnds,
  isStale: boolean,
): Problem | null {
  const group = session.mapping.matchGroups[finding.group ?? -1]
  const keyOf = (side: Side) =>
    group ? matchKey(session.mapping, group, ends[side].record?.values ?? {}, side) : null
  const ours = isStale ? null : keyOf('local')
  if (ours !== null && ours === keyOf('remote')) return null
  const message = `${nameOf(session, job, finding)} and ${nameCandidates(session, job, finding)} were changed while the job ran, and match no longer`
  return problem('NO_UNIQUE_MATCH', message)
}

function afterMatching(session: LineSession, ends: CouplingEnds): readonly FollowingRequest[] {
  const { definition } = session.mapping
  if (!definition.synchAfterBulkCoupling) return []
  return directionsAfterMatching(definition).map((direction) => ({
    direction,
    key: ends[sourceSide[direction]].key,
    jobIds: [],
    createMissing: false,
  }))
}

/** Only a record that nothing matches may be created; an ambiguous one never is (domain.md §18.8). */
function settleUnmatched(session: LineSession, job: Job, finding: MatchFinding): Settled {
  const item = namedItem(finding.key, [job.id])
  if (finding.verdict === 'none') {
    const { direction } = job
    const creates = session.mapping.definition.createNewInCaseOfNoMatch
    return {
      result: quietResult(item, 'notCoupled', direction),
      requests: creates ? [{ direction, key: finding.key, jobIds: [], createMissing: true }] : [],
    }
  }
  const partnerKey = finding.candidates.length === 1 ? (finding.candidates[0] ?? null) : null
  const trouble = problemOf(session, job, finding)
  const result = refusedResult(item, job.direction, trouble, partnerKey)
  if (finding.verdict !== 'uncoupled-before') return { result, requests: [] }
  const outcome = result.outcome && { ...result.outcome, kind: 'skipped' as const }
  return { result: { ...result, kind: 'skipped', outcome }, requests: [] }
}

function problemOf(session: LineSession, job: Job, finding: MatchFinding): Problem {
  const name = nameOf(session, job, finding)
  const candidates = nameCandidates(session, job, finding)
  if (finding.verdict === 'uncoupled-before')
    return problem('UNCOUPLED_BEFORE', `${name} matches ${candidates}, from which it was uncoupled`)
  if (finding.verdict === 'already-coupled') {
    const what = finding.candidates.length > 0 ? `${name} matches ${candidates}, which` : name
    return problem('ALREADY_COUPLED', `${what} is coupled in mapping ${finding.takenBy ?? ''} already`)
  }
  const more = finding.candidateCount - finding.candidates.length
  const rest = more > 0 ? ` and ${more} more` : ''
  const message = `No unique match: ${name} matches ${candidates}${rest}, and ${finding.rivals} record(s) match in return`
  return problem('NO_UNIQUE_MATCH', message)
}

function nameOf({ mapping }: LineSession, { direction }: Job, { key }: MatchFinding): string {
  return `${mapping[sourceSide[direction]].schema.table} ${displayKey(key)}`
}

function nameCandidates({ mapping }: LineSession, { direction }: Job, { candidates }: MatchFinding): string {
  const { table } = mapping[destinationSide[direction]].schema
  return `${table} ${candidates.map(displayKey).join(', ')}`
}
