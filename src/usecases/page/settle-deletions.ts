import { type Problem, problem } from '../../core/errors.ts'
import { jobDirections, type Side, sourceSide } from '../../core/mapping/definition.ts'
import type { PageCommit } from '../../core/ports/sync-store.ts'
import { type AccessChange, explainAccessChange } from '../../core/sync/access.ts'
import { type DeletionPlan, holdsBrake, isActing, planDeletion } from '../../core/sync/deletion.ts'
import { ABSENT } from '../../core/sync/ledger.ts'
import { planRecord } from '../../core/sync/plan.ts'
import type { BrakeVerdict } from '../../core/sync/run.ts'
import { displayKey } from '../../core/values/key.ts'
import { explainHeld, findChangedAccess } from '../line/access.ts'
import type { LineSession } from '../line/session.ts'
import { type Decision, policyFor, toDecision, type WritePlan } from './decide.ts'
import { type DeletionCase, gatherDeletions } from './deletion-facts.ts'
import { endedResult, handedOverResult, reportedResult } from './deletion-results.ts'
import { findMemory } from './gather.ts'
import { isLeftOut, type PageLedger } from './ledger.ts'
import { findMatches } from './matching.ts'
import type { GoneRecord, JudgedRecord, OpenRecord, PageFrame, RecordResult } from './page.ts'
import { quietResult } from './results.ts'
import { stillMoving, writePlans } from './write.ts'
import { writeSurvivors } from './write-survivors.ts'

export interface SettledDeletions {
  readonly results: readonly RecordResult[]
  readonly intentIds: readonly number[]
  /** Left to the end of the pass, and not counted until then. */
  readonly found: PageCommit['foundDeletions']
}

interface PlannedCase extends DeletionCase {
  readonly plan: DeletionPlan
}

/** Judges the couplings of a page that have lost a record, and carries the plans out (domain.md §10). */
export async function settleDeletions(
  session: LineSession,
  frame: PageFrame,
  gone: readonly GoneRecord[],
  ledger: PageLedger,
): Promise<SettledDeletions> {
  const { direction } = frame
  if (gone.length === 0) return { results: [], intentIds: [], found: [] }
  if (frame.deletions === 'later')
    return {
      results: [],
      intentIds: [],
      found: gone.map(({ coupling }) => ({ direction, couplingId: coupling.id })),
    }
  const cases = await gatherDeletions(session, frame, gone)
  const settled: RecordResult[] = []
  const planned: PlannedCase[] = []
  for (const each of cases) {
    if (isSetAside(session, frame, each, ledger))
      settled.push(quietResult(each.gone.item, 'skipped', direction))
    else if (isHandedOver(session, frame, each)) settled.push(handedOverResult(frame, each))
    else planned.push({ ...each, plan: planDeletion(each.facts, session.mapping) })
  }
  const { held, free, accessChange } = await askBrake(session, frame, planned)
  const restored = await restore(session, frame, free)
  const survivors = await writeSurvivors(session, frame, free)
  const judged = [
    ...held,
    ...free.flatMap((each) => withoutWriting(session, frame, each, accessChange)),
    ...restored.results,
    ...survivors.results,
  ]
  return {
    results: [...settled, ...withChoices(judged, planned)],
    intentIds: [...restored.intentIds, ...survivors.intentIds],
    found: [],
  }
}

/** A record that is gone is known by what is left of its pair; one that has lost its partner has been asked about before. */
function isSetAside(
  session: LineSession,
  frame: PageFrame,
  { gone, facts }: DeletionCase,
  ledger: PageLedger,
): boolean {
  const partnerVersion = facts.survivor?.record.version ?? ABSENT
  return gone.judged === null && isLeftOut(session, frame, gone.item, ledger, partnerVersion)
}

function isHandedOver(
  session: LineSession,
  { direction }: PageFrame,
  { gone, facts }: DeletionCase,
): boolean {
  if (gone.judged !== null || facts.survivor === null) return false
  return jobDirections(session.mapping.definition.direction).some((each) => each !== direction)
}

function withoutWriting(
  session: LineSession,
  frame: PageFrame,
  each: PlannedCase,
  accessChange: AccessChange | null,
): readonly RecordResult[] {
  const { plan } = each
  if (plan.action === 'report') {
    const found = accessChange ? withDoubt(session, plan.problem, accessChange) : plan.problem
    return [reportedResult(session, frame, each, plan.kind, found)]
  }
  if (plan.action !== 'uncouple') return []
  const isRemembered = each.facts.survivor !== null || plan.kind === 'deleted'
  return [endedResult(session, frame, each, { ...plan, isRemembered, changes: [] })]
}

/** Whoever is asked what to do about a deletion must know when it may be none. */
function withDoubt({ mapping }: LineSession, found: Problem, change: AccessChange): Problem {
  const why = explainAccessChange(change, mapping[change.side].schema.table)
  return { ...found, message: `${found.message}; but ${why}` }
}

/** What could not be done, or has to wait, is still what somebody has chosen. */
function withChoices(
  results: readonly RecordResult[],
  cases: readonly PlannedCase[],
): readonly RecordResult[] {
  const chosen = new Map(cases.map(({ gone, facts }) => [gone.item.key, facts.resolution]))
  return results.map((result) => ({
    ...result,
    issues: result.issues.map((issue) => ({ ...issue, chosen: chosen.get(issue.key) ?? null })),
  }))
}

/**
 * The brake answers once for the whole set of a job. A page of single records is a set of its own, and so is what a job
 * has heard of since the last time: what an earlier look at a larger set has held stays held with that. What somebody has
 * chosen, or an unfinished page has begun, passes.
 */
async function askBrake(
  session: LineSession,
  frame: PageFrame,
  planned: readonly PlannedCase[],
): Promise<{
  readonly held: readonly RecordResult[]
  readonly free: readonly PlannedCase[]
  readonly accessChange: AccessChange | null
}> {
  const asking = new Set(
    planned.filter(
      ({ facts, plan }) => isActing(plan) && facts.resolution === null && facts.begun.size === 0,
    ),
  )
  const set =
    typeof frame.deletions === 'object'
      ? frame.deletions
      : await judgePage(session, asking.size, lostSides(planned))
  const heldBy = (each: PlannedCase) => (set.isWhole ? null : each.heldBy)
  const isHeld = (each: PlannedCase) => asking.has(each) && (set.isHeld || heldBy(each) !== null)
  return {
    held: planned.filter(isHeld).map((each) => heldResult(session, frame, each, set, heldBy(each))),
    free: planned.filter((each) => !isHeld(each)),
    accessChange: set.accessChange,
  }
}

/** The issue stays with the job whose set it belongs to. */
function heldResult(
  session: LineSession,
  frame: PageFrame,
  each: PlannedCase,
  set: BrakeVerdict,
  heldBy: number | null,
): RecordResult {
  const { table } = session.mapping[sourceSide[frame.direction]].schema
  const why = heldBy === null ? explainHeld(session, set) : 'held until somebody approves'
  const message = `${table} ${displayKey(each.gone.item.key)}: ${why}`
  const result = reportedResult(session, frame, each, 'waiting', problem('DELETION_HELD', message))
  return heldBy === null ? result : { ...result, heldBy }
}

async function judgePage(
  session: LineSession,
  records: number,
  lost: readonly Side[],
): Promise<BrakeVerdict> {
  const brake = session.mapping.definition.deletionBrake
  // Only a set that could be held by its share is worth counting the couplings.
  const mayBeHeld = holdsBrake(brake, { records, coupled: 0 })
  const coupled = mayBeHeld ? await session.deps.stores.deletions.countCouplings(session.mapping.id) : 0
  const accessChange = await findChangedAccess(session, lost)
  const isHeld = accessChange !== null || (mayBeHeld && holdsBrake(brake, { records, coupled }))
  return { records, coupled, isHeld, isWhole: false, accessChange }
}

/** The sides on which a record was not found. */
function lostSides(cases: readonly DeletionCase[]): readonly Side[] {
  const left = new Set(cases.map(({ facts }) => facts.survivor?.side ?? null))
  return (['local', 'remote'] as const).filter(
    (side) => left.has(null) || left.has(side === 'local' ? 'remote' : 'local'),
  )
}

/**
 * Creates the missing record anew, guarded like every creation: a record that matches is coupled instead, and one that
 * could be a duplicate stops it. The coupling stays, in its next generation.
 */
async function restore(
  session: LineSession,
  frame: PageFrame,
  cases: readonly PlannedCase[],
): Promise<{ readonly results: readonly RecordResult[]; readonly intentIds: readonly number[] }> {
  const restoring = cases.flatMap(({ gone, plan, facts }) =>
    plan.action === 'restore' && gone.judged ? [{ record: gone.judged, facts }] : [],
  )
  if (restoring.length === 0) return { results: [], intentIds: [] }
  const searching = restoring.filter(({ facts }) => !facts.begun.has('restore')).map(({ record }) => record)
  const memory = await findMemory(session, frame, searching.map(toOpen))
  const matches = await findMatches(session, frame, searching.map(toOpen), memory)
  const decisions = restoring.map(({ record }) => {
    const { key } = record.item
    return planAnew(session, frame, record, {
      match: matches.get(key) ?? null,
      memory: memory.get(key) ?? [],
    })
  })
  const plans = decisions.flatMap((each): WritePlan[] => ('write' in each ? [each.write] : []))
  const written = await writePlans(session, frame, plans)
  return {
    intentIds: written.intentIds,
    results: [
      ...decisions.flatMap((each) => ('result' in each ? [each.result] : [])),
      ...written.results,
      ...written.gone.flatMap(({ judged }) => (judged ? [stillMoving(session, frame, judged)] : [])),
    ],
  }
}

const toOpen = ({ item, facts }: JudgedRecord): OpenRecord => ({
  item,
  source: facts.source,
  coupling: facts.coupling,
})

/** A pair that somebody has undone is not coupled instead; but the record is coupled, so it may have another partner. */
function planAnew(
  session: LineSession,
  frame: PageFrame,
  record: JudgedRecord,
  known: Pick<JudgedRecord['facts'], 'match' | 'memory'>,
): Decision {
  const { coupling } = record.facts
  const memory = known.memory.map((pair) => ({ ...pair, released: { local: true, remote: true } }))
  const facts = { ...record.facts, bases: null, partner: null, match: known.match, memory, isInFilter: true }
  const policy = { ...policyFor(session, frame, record), createMissing: true }
  const plan = planRecord({ ...facts, coupling: null }, policy)
  const next = coupling && { ...coupling, generation: coupling.generation + 1 }
  return toDecision(session, frame, { ...record, facts: { ...facts, coupling: next } }, plan, null)
}
