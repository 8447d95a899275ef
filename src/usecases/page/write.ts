import { type Problem, problem } from '../../core/errors.ts'
import { destinationSide } from '../../core/mapping/definition.ts'
import type { WriteResult } from '../../core/ports/connector.ts'
import type { IntendedWrite } from '../../core/ports/sync-store.ts'
import { findSideEffects } from '../../core/sync/settle.ts'
import { warningsOfWrite } from '../../core/sync/written-warnings.ts'
import type { RecordKey } from '../../core/values/key.ts'
import { present } from '../../lib/assert.ts'
import { enterDoubt, type LineSession, step } from '../line/session.ts'
import { adopt, type Existing } from './adopt.ts'
import { completeRefused } from './complete-creation.ts'
import { type Decision, decide, problemResult, settledResult, type WritePlan } from './decide.ts'
import { markForSearch, settleLostCreations } from './lost-creations.ts'
import { type PlannedOperation, toOperation } from './operation.ts'
import type { GoneRecord, JudgedRecord, PageFrame, RecordResult } from './page.ts'
import { keysLeft, putOffUnsureKeys, refuseTakenKeys } from './taken-keys.ts'

/** Rounds of writing before a record that keeps changing under our hands is put off. */
const MAX_ROUNDS = 4
const RETRY_MOVING_RECORD_MS = 15_000

export interface WrittenPage {
  readonly results: readonly RecordResult[]
  readonly intentIds: readonly number[]
  /** Records whose partner went while they were being written. */
  readonly gone: readonly GoneRecord[]
}

/**
 * Writes the plans in bulk, each conditional on the version that was read. A record whose version has moved, whose
 * counterpart exists already or has gone is judged again with what is there now (architecture.md §4 step 7).
 */
export async function writePlans(
  session: LineSession,
  frame: PageFrame,
  plans: readonly WritePlan[],
): Promise<WrittenPage> {
  const results: RecordResult[] = []
  const intentIds: number[] = []
  const gone: GoneRecord[] = []
  const left = new Set<RecordKey>()
  let open = plans
  for (let round = 1; open.length > 0 && round <= MAX_ROUNDS; round += 1) {
    const { putOff, sure } = putOffUnsureKeys(session, frame, open)
    const lost = await settleLostCreations(session, frame, sure)
    const { refused, free, waiting } = await refuseTakenKeys(session, frame, lost.sure, left)
    results.push(...putOff, ...lost.putOff, ...refused)
    const written = free.length > 0 ? await writeRound(session, frame, free) : null
    if (written !== null && written.intentId !== null) intentIds.push(written.intentId)
    const found = sortDecisions(await adopt(session, frame, lost.existing))
    results.push(...(written?.results ?? []), ...found.results)
    gone.push(...(written?.gone ?? []), ...found.gone)
    for (const key of keysLeft(session, frame, free, written?.results ?? [])) left.add(key)
    open = [...(written?.again ?? []), ...found.again, ...waiting]
  }
  results.push(...open.map((plan) => stillMoving(session, frame, plan.record)))
  return { results, intentIds, gone }
}

export function stillMoving(session: LineSession, frame: PageFrame, record: JudgedRecord): RecordResult {
  const message = `The record was changed by somebody else ${MAX_ROUNDS} times while it was being written`
  return problemResult(session, frame, record, 'failed', problem('VERSION_MISMATCH', message), {
    retryInMs: RETRY_MOVING_RECORD_MS,
  })
}

function putOffLocked(session: LineSession, frame: PageFrame, record: JudgedRecord): RecordResult {
  const message = 'Somebody else keeps the record, or one it depends on, locked'
  return problemResult(session, frame, record, 'failed', problem('RECORD_LOCKED', message), {
    retryInMs: RETRY_MOVING_RECORD_MS,
  })
}

interface Sorted {
  readonly results: readonly RecordResult[]
  readonly again: readonly WritePlan[]
  readonly gone: readonly GoneRecord[]
}

interface Round extends Sorted {
  /** Null: it stays open, since of some of its writes nobody knows whether they have arrived. */
  readonly intentId: number | null
}

async function writeRound(
  session: LineSession,
  frame: PageFrame,
  plans: readonly WritePlan[],
): Promise<Round> {
  const side = destinationSide[frame.direction]
  const operations = plans.map((plan) => toOperation(session, side, plan))
  await step(session, 'intent', frame.number)
  const writes = intendedWrites(plans, operations)
  const searchFrom = await markForSearch(session, side, operations)
  const openedAt = session.deps.clock.now().toISOString()
  const intentId = await openIntent(session, frame, writes, searchFrom)
  await step(session, 'write', frame.number)
  const answers = await session.tables[side].write({
    operations,
    returning: session.mapping[side].read,
    assertMaySend: () => session.lease.assertMaySend(),
    signal: session.lease.signal,
  })
  const unknown = writes.filter((_, index) => isUnknown(answers[index]))
  if (unknown.length > 0) {
    const { direction, jobId } = frame
    const state = { settledOnce: false, isPast: false, openedAt, searchFrom }
    enterDoubt(session, { id: intentId, direction, jobId, writes: unknown, ...state })
  }
  const sorted = await sortAnswers(session, frame, plans, answers)
  return { intentId: unknown.length > 0 ? null : intentId, ...sorted }
}

/** The service has failed in the middle of it: it may have been carried out all the same. */
function isUnknown(answer: WriteResult | undefined): boolean {
  return answer?.status === 'rejected' && answer.problem.code === 'SERVICE_FAILED'
}

async function sortAnswers(
  session: LineSession,
  frame: PageFrame,
  plans: readonly WritePlan[],
  answers: readonly WriteResult[],
): Promise<Sorted> {
  const results: RecordResult[] = []
  const again: WritePlan[] = []
  const rejected: Decision[] = []
  const existing: Existing[] = []
  plans.forEach((plan, index) => {
    const answer = present(answers[index], 'answer to a write')
    if (answer.status === 'written') results.push(writtenResult(session, frame, plan, answer.record))
    else if (answer.status === 'rejected') rejected.push(afterRejection(session, frame, plan, answer.problem))
    else if (answer.status === 'exists') existing.push({ plan, answer })
    else if (answer.status === 'locked') results.push(putOffLocked(session, frame, plan.record))
    else if (answer.status === 'missing' && plan.plan.action === 'insert')
      results.push(deletedSince(session, frame, plan.record))
    else again.push(plan)
  })
  const sorted = sortDecisions([
    ...rejected,
    ...(await judgeAgain(session, frame, again)),
    ...(await adopt(session, frame, existing)),
  ])
  return { ...sorted, results: [...results, ...sorted.results] }
}

function sortDecisions(decisions: readonly Decision[]): Sorted {
  return {
    results: decisions.flatMap((decision) => ('result' in decision ? [decision.result] : [])),
    again: decisions.flatMap((decision) => ('write' in decision ? [decision.write] : [])),
    gone: decisions.flatMap((decision) => ('gone' in decision ? [decision.gone] : [])),
  }
}

/** The refusal, unless the creation can be completed with values that were sent before. */
function afterRejection(session: LineSession, frame: PageFrame, plan: WritePlan, found: Problem): Decision {
  const write = completeRefused(session, frame, plan)
  return write ? { write } : { result: problemResult(session, frame, plan.record, 'failed', found, {}) }
}

/** The receipt says that the record was created before; somebody has deleted it since, and it is not created again. */
function deletedSince(session: LineSession, frame: PageFrame, record: JudgedRecord): RecordResult {
  const table = session.mapping[destinationSide[frame.direction]].schema.table
  const message = `The ${table} that was created for this record has been deleted since`
  return problemResult(session, frame, record, 'failed', problem('COUPLED_TO_DELETED', message), {})
}

function writtenResult(
  session: LineSession,
  frame: PageFrame,
  written: WritePlan,
  after: Extract<WriteResult, { status: 'written' }>['record'],
): RecordResult {
  const { plan } = written
  const isOwnCreation = (written.adoption?.created ?? null) !== null
  const kind = plan.action === 'insert' || isOwnCreation ? 'inserted' : plan.couples ? 'coupled' : 'modified'
  const before = plan.action === 'modify' ? plan.partner : null
  const transfers = session.mapping.transfers[frame.direction]
  const sideEffects = findSideEffects(transfers, plan.values, before, after)
  const noticed = warningsOfWrite(transfers, plan.values, before?.values ?? null, after.values)
  return settledResult(session, frame, written, {
    agreement: {
      ...plan.agreement,
      left: new Set([...plan.agreement.left, ...sideEffects]),
      warnings: [...plan.agreement.warnings, ...noticed],
    },
    before,
    after,
    written: plan.values,
    kind,
  })
}

/** Reads the partners once more, coupled or only matched, and asks the rule again. */
async function judgeAgain(
  session: LineSession,
  frame: PageFrame,
  plans: readonly WritePlan[],
): Promise<readonly Decision[]> {
  if (plans.length === 0) return []
  const side = destinationSide[frame.direction]
  const keyOf = ({ record, plan }: WritePlan) =>
    record.facts.coupling?.[side].key ?? (plan.action === 'modify' ? plan.partner.key : null)
  const keys = plans.map(keyOf).filter((key) => key !== null)
  const now = await session.tables[side].readByKeys(keys, session.mapping[side].read, session.signal)
  return plans.map((plan) => {
    const { record, adoption } = plan
    const partner = now.get(keyOf(plan) ?? '') ?? null
    const match = record.facts.match && partner ? { ...record.facts.match, candidates: [partner] } : null
    const facts = { ...record.facts, partner: record.facts.coupling ? partner : null, match }
    return decide(session, frame, { ...record, facts }, adoption && partner ? { ...adoption, partner } : null)
  })
}

function intendedWrites(
  plans: readonly WritePlan[],
  operations: readonly PlannedOperation[],
): readonly IntendedWrite[] {
  return plans.map(({ record }, index): IntendedWrite => {
    const operation = present(operations[index], 'operation')
    return {
      sourceKey: record.item.key,
      sourceVersion: record.facts.source.version,
      sourceValues: record.facts.source.values,
      destinationKey: operation.key,
      token: operation.kind === 'insert' ? operation.token : null,
      expectedVersion: operation.kind === 'update' ? operation.expectedVersion : null,
      values: operation.values,
    }
  })
}

/** Writes down what is about to leave, before it leaves (architecture.md §4.2). */
function openIntent(
  session: LineSession,
  frame: PageFrame,
  writes: readonly IntendedWrite[],
  searchFrom: string | null,
): Promise<number> {
  const side = destinationSide[frame.direction]
  return session.commits.sync.openIntent(session.lease.fence, {
    mappingId: session.mapping.id,
    direction: frame.direction,
    jobId: frame.jobId,
    writes,
    serverRunMs: session.mapping[side].schema.maxServerRunMs,
    searchFrom,
  })
}
