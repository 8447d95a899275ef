import {
  type JobDirection,
  jobDirections,
  type MappingDefinition,
  sourceSide,
} from '../../core/mapping/definition.ts'
import type { RecordSnapshot } from '../../core/ports/connector.ts'
import { type StoredMapping, watermarkOf } from '../../core/ports/mapping-store.ts'
import type { Schedule } from '../../core/schedules/schedule.ts'
import { type DirectionFacts, type Explanation, explain, type WhyFacts } from '../../core/sync/explain.ts'
import type { PlanPolicy } from '../../core/sync/facts.ts'
import { plainAgreement, planRecord, type RecordPlan } from '../../core/sync/plan.ts'
import { type JobType, lineIsDone, plainOptions, type RunOptions } from '../../core/sync/run.ts'
import { createsMissing, initialDirectionIn } from '../../core/sync/run-policy.ts'
import { displayKey, type RecordKey } from '../../core/values/key.ts'
import { rawOf } from '../../core/values/value.ts'
import { holdsInWords } from '../control/holds.ts'
import type { Deps } from '../deps.ts'
import { unfinishedRuns } from '../flow/unfinished-runs.ts'
import { openView } from '../line/open-session.ts'
import type { RecordView } from '../line/session.ts'
import { gatherFacts } from '../page/gather.ts'
import type { LookFrame } from '../page/page.ts'
import { viewSchedule } from '../schedules/view-schedules.ts'
import { type LocatedRecord, locateRecord, type RecordAddress } from './locate-record.ts'

export interface WhyAnswer extends Explanation {
  readonly mapping: string
  readonly local: RecordKey | null
  readonly remote: RecordKey | null
}

type WhyDeps = Pick<Deps, 'stores' | 'connect' | 'probe' | 'loadFunctions' | 'clock'>

/**
 * Why is this record (not) in step? Looks at both records as they are now and asks the same rule the pages ask; writes
 * nothing and takes no lease. Throws what `locateRecord` and opening the mapping throw.
 */
export async function whyRecord(
  address: RecordAddress,
  deps: WhyDeps,
  signal: AbortSignal = new AbortController().signal,
): Promise<WhyAnswer> {
  const located = await locateRecord(address, deps, signal)
  const { stored, pair } = located
  const view = await openView(deps, {
    stored,
    pair,
    signal,
    previewOf: null,
  })
  const next = await findNextRun(stored, deps)
  const directions: DirectionFacts[] = []
  for (const direction of jobDirections(stored.definition.direction))
    directions.push(await lookAt(view, located, direction, next, deps))
  const facts: WhyFacts = {
    mapping: {
      name: stored.definition.name,
      isEnabled: stored.definition.enabled,
      isOnlyCoupled: stored.definition.onlyCoupled,
    },
    isCoupled: located.coupling !== null,
    directions,
    line: next.line,
    schedule: await findSchedule(located, deps),
    holds: await holdsInWords(stored, pair, deps),
  }
  return {
    mapping: stored.definition.name,
    local: located.local,
    remote: located.remote,
    ...explain(facts),
  }
}

async function lookAt(
  view: RecordView,
  located: LocatedRecord,
  direction: JobDirection,
  next: NextRun,
  { stores }: WhyDeps,
): Promise<DirectionFacts> {
  const side = sourceSide[direction]
  const key = located[side]
  const { mapping } = view
  const known = { direction, filter: mapping[side].definition.filter ?? null }
  const watermark = watermarkOf(located.stored, side)
  if (key === null) return { ...known, ...nobody, watermark }
  const snapshots = await view.tables[side].readByKeys([key], mapping[side].read, view.signal)
  const snapshot = snapshots.get(key) ?? null
  const state = await stores.operations.findRecordState({ mappingId: mapping.id, direction, key })
  const { issue, isRequested, mayCreate } = state
  const policy = {
    mapping,
    direction,
    createMissing: next.createMissing || mayCreate,
    initialDirection: next.initialDirection,
  }
  const judged = snapshot === null ? null : await judge(view, located, snapshot, policy)
  return {
    ...known,
    issue,
    isRequested,
    source: nameOf(view, direction, key, snapshot),
    sourceExists: snapshot !== null,
    isInFilter: judged?.isInFilter ?? true,
    plan: judged?.plan ?? null,
    isInDoubt: view.doubtful[direction].has(key),
    modifiedAt: snapshot?.modifiedAt ?? null,
    watermark,
  }
}

const nobody = {
  source: null,
  sourceExists: false,
  isInFilter: true,
  plan: null,
  issue: null,
  isRequested: false,
  isInDoubt: false,
  modifiedAt: null,
} as const

/** Looks as a page of a full compare does, and asks the rule. */
async function judge(
  view: RecordView,
  { coupling }: LocatedRecord,
  source: RecordSnapshot,
  policy: PlanPolicy,
): Promise<{ readonly plan: RecordPlan; readonly isInFilter: boolean }> {
  const frame: LookFrame = { direction: policy.direction, number: 0, isFullCompare: true }
  const item = {
    key: source.key,
    snapshot: source,
    jobIds: [],
    isRequested: false,
    isForced: true,
    mayCreate: policy.createMissing,
    resolution: null,
    isReleased: false,
    sourceWins: false,
  }
  const { judged } = await gatherFacts(view, frame, [{ item, source, coupling }])
  const [record] = judged
  if (record === undefined) return { plan: unchanged(source), isInFilter: true }
  return { plan: planRecord(record.facts, policy), isInFilter: record.facts.isInFilter }
}

/** Both sides are what they were at their last agreement. */
function unchanged(partner: RecordSnapshot): RecordPlan {
  return { action: 'unchanged', partner, agreement: plainAgreement, isNews: false }
}

function nameOf(
  view: RecordView,
  direction: JobDirection,
  key: RecordKey,
  snapshot: RecordSnapshot | null,
): string {
  const side = view.mapping[sourceSide[direction]]
  const name = side.referenceField === null ? null : (snapshot?.values[side.referenceField] ?? null)
  return `${side.schema.table} ${rawOf(name) || displayKey(key)}`
}

/** The run that will look at the mapping next, as far as it decides what becomes of a record. */
interface NextRun extends Pick<PlanPolicy, 'createMissing' | 'initialDirection'> {
  /** Null: none is under way; then it is a scheduled one, or one that overrides nothing. */
  readonly line: WhyFacts['line']
}

async function findNextRun({ id, definition }: StoredMapping, deps: WhyDeps): Promise<NextRun> {
  for await (const { run, lines } of unfinishedRuns(deps)) {
    const line = lines.find((each) => each.mappingId === id && !lineIsDone(each.state))
    if (line === undefined || run.options.dryRun) continue
    const waitsFor = lines
      .filter((each) => line.dependsOn.includes(each.id) && !lineIsDone(each.state))
      .map(({ mappingName }) => mappingName)
    const { jobs } = await deps.stores.runs.getRun(run.id)
    const type = jobs.find((job) => job.lineId === line.id)?.type ?? 'synchronization'
    return {
      ...policyIn(run.options, type, definition),
      line: { runId: run.id, state: line.state, waitsFor },
    }
  }
  return { ...policyIn(plainOptions, 'synchronization', definition), line: null }
}

function policyIn(options: RunOptions, jobType: JobType, definition: MappingDefinition) {
  return {
    createMissing: createsMissing(options, jobType, definition),
    initialDirection: initialDirectionIn(options, definition),
  }
}

/** The mapping's own schedule, else one of the pair that takes all mappings. */
async function findSchedule({ stored }: LocatedRecord, deps: WhyDeps): Promise<WhyFacts['schedule']> {
  const schedules = (await deps.stores.schedules.list()).filter(
    ({ pairId, mapping }) =>
      pairId === stored.pairId && (mapping === null || mapping === stored.definition.name),
  )
  const [best] = schedules.sort((a, b) => rank(a) - rank(b))
  if (best === undefined) return null
  const { state, words, because, nextSlots } = await viewSchedule(best, 1, deps)
  const runs = state === 'on' || state === 'asleep' ? `${words}, next at ${nextSlots[0]}` : null
  return { name: best.name, runs, because }
}

function rank({ enabled, mapping, pause }: Schedule): number {
  return (enabled && pause === null ? 0 : 2) + (mapping === null ? 1 : 0)
}
