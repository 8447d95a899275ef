import type { CouplingWrite } from '../../core/coupling/coupling.ts'
import { nextGeneration } from '../../core/coupling/uncoupling.ts'
import type { Problem } from '../../core/errors.ts'
import { destinationSide, sourceSide } from '../../core/mapping/definition.ts'
import type { AwaitedReference } from '../../core/mapping/transfer.ts'
import type { RecordSnapshot } from '../../core/ports/connector.ts'
import type { PlanPolicy, RecordFacts } from '../../core/sync/facts.ts'
import type { FieldConflict } from '../../core/sync/issue.ts'
import type { FieldChange, OutcomeKind } from '../../core/sync/outcome.ts'
import { type Agreement, planAdoption, planRecord, type RecordPlan } from '../../core/sync/plan.ts'
import { initialDirectionIn } from '../../core/sync/run-policy.ts'
import { settleCoupling } from '../../core/sync/settle.ts'
import { displayKey } from '../../core/values/key.ts'
import { rawOf, type Values } from '../../core/values/value.ts'
import { type LineSession, mayCreate } from '../line/session.ts'
import type { GoneRecord, JudgedRecord, PageFrame, RecordResult } from './page.ts'
import { asPairConflict } from './pair-conflict.ts'
import { agreedResult, fieldChanges, quietResult, troubledResult } from './results.ts'

/** A record that found the counterpart an earlier try had created. */
export interface Adoption {
  readonly partner: RecordSnapshot
  /** The values an unfinished page of ours has created it with; null when its coupling had been lost. */
  readonly created: Values | null
}

/** A plan that has to be written outside. */
export interface WritePlan {
  readonly record: JudgedRecord
  readonly plan: Extract<RecordPlan, { action: 'insert' | 'modify' }>
  readonly adoption: Adoption | null
}

export type Decision =
  | { readonly result: RecordResult }
  | { readonly write: WritePlan }
  /** The partner is gone: decided by the rules for deletions, together with the others. */
  | { readonly gone: GoneRecord }

export function policyFor(session: LineSession, frame: PageFrame, record: JudgedRecord): PlanPolicy {
  return {
    mapping: session.mapping,
    direction: frame.direction,
    createMissing: mayCreate(session) || record.item.mayCreate,
    initialDirection: initialDirectionIn(session.run.options, session.mapping.definition),
  }
}

/** Asks the rule. */
export function decide(
  session: LineSession,
  frame: PageFrame,
  record: JudgedRecord,
  adoption: Adoption | null,
): Decision {
  const policy = policyFor(session, frame, record)
  const plan = adoption
    ? planAdoption(record.facts, adoption.partner, policy)
    : planRecord(record.facts, policy)
  return toDecision(session, frame, record, plan, adoption)
}

/** Turns every plan that writes nothing outside into its result. */
export function toDecision(
  session: LineSession,
  frame: PageFrame,
  record: JudgedRecord,
  plan: RecordPlan,
  adoption: Adoption | null,
): Decision {
  switch (plan.action) {
    case 'ignored':
    case 'notCoupled':
      return { result: quietResult(record.item, plan.action, frame.direction) }
    case 'unchanged':
      return { result: unchangedResult(session, frame, record, plan) }
    case 'couple':
      return {
        result: settledResult(
          session,
          frame,
          { record, adoption },
          { ...plan, before: plan.partner, after: plan.partner, written: {} },
        ),
      }
    case 'insert':
    case 'modify':
      return { write: { record, plan, adoption } }
    case 'partner-gone':
      return { gone: { item: record.item, coupling: plan.coupling, judged: record } }
    case 'wait':
      return {
        result: problemResult(session, frame, record, 'waiting', plan.problem, { awaits: plan.awaits }),
      }
    case 'conflict':
      return { result: conflictResult(session, frame, record, plan) }
    case 'skip':
      return { result: problemResult(session, frame, record, 'skipped', plan.problem, {}) }
    case 'fail':
      return { result: problemResult(session, frame, record, 'failed', plan.problem, {}) }
  }
}

function unchangedResult(
  session: LineSession,
  frame: PageFrame,
  record: JudgedRecord,
  plan: Extract<RecordPlan, { action: 'unchanged' }>,
): RecordResult {
  const hasLeft = plan.agreement.left.size > 0
  const isRecovered = hasRecovered(plan.agreement)
  if (!plan.isNews && plan.agreement.awaits.length === 0 && !hasLeft)
    return quietResult(record.item, 'unchanged', frame.direction)
  return settledResult(
    session,
    frame,
    { record, adoption: null },
    {
      agreement: plan.agreement,
      before: plan.partner,
      after: plan.partner,
      written: {},
      kind: isRecovered ? 'modified' : 'unchanged',
    },
  )
}

interface Settled {
  readonly agreement: Agreement
  readonly before: RecordSnapshot | null
  readonly after: RecordSnapshot
  readonly written: Values
  readonly kind?: Extract<OutcomeKind, 'inserted' | 'modified' | 'coupled' | 'unchanged'>
}

function hasRecovered(agreement: Agreement): boolean {
  return Object.keys(agreement.recovered).length > 0
}

/** What has really changed: by this write, and by that of a lost page which the ledger does not know yet. */
function changesOf(settled: Settled, created: Values | null): readonly FieldChange[] {
  const { recovered } = settled.agreement
  const after = settled.after.values
  if (created) return fieldChanges({ ...created, ...settled.written }, null, after)
  if (!hasRecovered(settled.agreement))
    return fieldChanges(settled.written, settled.before?.values ?? null, after)
  return fieldChanges(
    { ...settled.written, ...recovered },
    { ...settled.before?.values, ...recovered },
    after,
  )
}

/** The result of a record whose two sides agree after `after`. */
export function settledResult(
  session: LineSession,
  frame: PageFrame,
  subject: { readonly record: JudgedRecord; readonly adoption: Adoption | null },
  settled: Settled,
): RecordResult {
  const { record, adoption } = subject
  const coupling = couplingAfter(session, frame, record, settled.after, settled.agreement)
  const created = adoption?.created ?? null
  return agreedResult({
    item: record.item,
    direction: frame.direction,
    kind: settled.kind ?? (created ? 'inserted' : 'coupled'),
    coupling,
    formerKey: record.facts.coupling?.[destinationSide[frame.direction]].key ?? null,
    changes: changesOf(settled, created),
    warnings: settled.agreement.warnings,
    awaits: settled.agreement.awaits,
    recovered: created !== null || hasRecovered(settled.agreement),
    mayCreate: policyFor(session, frame, record).createMissing,
  })
}

function couplingAfter(
  session: LineSession,
  frame: PageFrame,
  { facts }: JudgedRecord,
  destination: RecordSnapshot,
  agreement: Agreement,
): CouplingWrite {
  return settleCoupling({
    mapping: session.mapping,
    direction: frame.direction,
    source: facts.source,
    destination,
    coupling: facts.coupling,
    bases: facts.bases,
    agreement,
    generation: facts.coupling?.generation ?? nextGeneration(facts.memory),
    jobId: frame.jobId,
  })
}

function conflictResult(
  session: LineSession,
  frame: PageFrame,
  record: JudgedRecord,
  { problem, conflicts, partner, agreement }: Extract<RecordPlan, { action: 'conflict' }>,
): RecordResult {
  const result = problemResult(session, frame, record, 'conflict', problem, { conflicts })
  const coupling = agreement && couplingAfter(session, frame, record, partner, agreement)
  return asPairConflict(result, frame.direction, partner.key, coupling)
}

/** The result of a record that could not be brought across. */
export function problemResult(
  session: LineSession,
  frame: PageFrame,
  record: JudgedRecord,
  kind: Extract<OutcomeKind, 'failed' | 'waiting' | 'conflict' | 'skipped'>,
  problem: Problem,
  more: {
    readonly awaits?: AwaitedReference | null
    readonly conflicts?: readonly FieldConflict[]
    readonly retryInMs?: number
  },
): RecordResult {
  const { facts, item } = record
  return troubledResult({
    item,
    direction: frame.direction,
    kind,
    problem: {
      ...problem,
      message: withRecord(session, frame, record, problem.message) + wayToCouple(session, frame, more.awaits),
    },
    source: facts.source,
    partnerKey: facts.coupling?.[destinationSide[frame.direction]].key ?? null,
    partners: partnersOf(facts),
    awaits: more.awaits ?? null,
    conflicts: more.conflicts ?? [],
    retryInMs: more.retryInMs ?? null,
    mayCreate: policyFor(session, frame, record).createMissing,
    leavesIssue: problem.code !== 'RECORD_NOT_IN_FILTER',
  })
}

/** What the record was judged against. */
export function partnersOf({ partner, match }: RecordFacts): readonly RecordSnapshot[] {
  return partner === null ? (match?.candidates ?? []) : [partner]
}

/** What a person can do for a record that waits, without looking anything up. */
function wayToCouple(
  session: LineSession,
  frame: PageFrame,
  awaits: AwaitedReference | null | undefined,
): string {
  if (awaits === undefined || awaits === null) return ''
  const table = session.tablesOf.get(awaits.mapping)?.[sourceSide[frame.direction]]
  const command = ['couplet sync record', quoted(awaits.mapping), quoted(rawOf(awaits.reference)), '--create']
  return `${table === undefined ? '' : ` (${table})`}; to couple it: ${command.join(' ')}`
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w.-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** Every message names the record as its system's users call it. */
export function withRecord(
  session: LineSession,
  frame: PageFrame,
  record: JudgedRecord,
  message: string,
): string {
  const side = session.mapping[sourceSide[frame.direction]]
  const name = side.referenceField === null ? null : record.facts.source.values[side.referenceField]
  const shown = `${side.schema.table} ${rawOf(name ?? null) || displayKey(record.facts.source.key)}`
  return message.includes(shown) ? message : `${shown}: ${message}`
}
