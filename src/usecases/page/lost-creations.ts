import {
  type CreationAttempt,
  mayBeCreatedBy,
  recogniseCreations,
} from '../../core/coupling/recognise-creation.ts'
import { problem } from '../../core/errors.ts'
import { destinationSide, type Side, sourceSide } from '../../core/mapping/definition.ts'
import type { RecordSnapshot } from '../../core/ports/connector.ts'
import { type DoubtfulRecord, type LineSession, oppositeDirection } from '../line/session.ts'
import type { Existing } from './adopt.ts'
import { problemResult, type WritePlan } from './decide.ts'
import { type PlannedOperation, toOperation } from './operation.ts'
import type { PageFrame, RecordResult } from './page.ts'

interface Settled {
  readonly existing: readonly Existing[]
  readonly putOff: readonly RecordResult[]
  /** Plans that may be written now. */
  readonly sure: readonly WritePlan[]
}

/**
 * Creations that only what was sent can tell (`recognised`), and that may have been sent before (architecture.md §4.3): their
 * records are looked for among what has changed in the destination since. One that is not found is made only when nothing that
 * was sent can take effect any longer; until then it is put off. One pass over the changes per unfinished page.
 */
export async function settleLostCreations(
  session: LineSession,
  frame: PageFrame,
  plans: readonly WritePlan[],
): Promise<Settled> {
  const side = destinationSide[frame.direction]
  const lookalikes = holdBackLookalikes(session, frame, plans)
  const open = plans.filter((plan) => !lookalikes.has(plan))
  const putOff = [...lookalikes].map((plan) => stillUnderWay(session, frame, plan))
  if (session.mapping.keyStrategy[side] !== 'recognised') return { existing: [], putOff, sure: open }
  const lost = open.flatMap((plan) => {
    const attempts = attemptsOf(session, frame, side, plan)
    return attempts.length === 0 ? [] : [{ plan, attempts }]
  })
  if (lost.length === 0) return { existing: [], putOff, sure: open }
  const candidates = await readUncoupledSince(
    session,
    side,
    lost.flatMap(({ attempts }) => attempts),
  )
  const { schema } = session.mapping[side]
  const found = recogniseCreations(
    lost.map(({ attempts }) => attempts.map(toAttempt)),
    candidates,
    schema,
  )
  const existing: Existing[] = []
  const waiting: WritePlan[] = []
  lost.forEach(({ plan, attempts }, index) => {
    const record = found[index]
    if (record) existing.push({ plan, answer: { status: 'exists', record } })
    else if (attempts.some(({ mayStillArrive }) => mayStillArrive)) waiting.push(plan)
  })
  const settled = new Set([...existing.map(({ plan }) => plan), ...waiting])
  return {
    existing,
    putOff: [...putOff, ...waiting.map((plan) => stillUnderWay(session, frame, plan))],
    sure: open.filter((plan) => !settled.has(plan)),
  }
}

/**
 * New records of the source that may be the work of a creation in the other direction whose answer is lost. Created back they
 * would make a second counterpart of the record that they were made for.
 */
function holdBackLookalikes(
  session: LineSession,
  { direction }: PageFrame,
  plans: readonly WritePlan[],
): ReadonlySet<WritePlan> {
  const side = sourceSide[direction]
  if (session.mapping.keyStrategy[side] !== 'recognised') return new Set()
  const attempts = [...session.doubtful[oppositeDirection[direction]].values()]
    .flat()
    .filter((each) => each.mayStillArrive && each.write.token !== null && each.doubtful.side === side)
    .map(toAttempt)
  if (attempts.length === 0) return new Set()
  const { schema } = session.mapping[side]
  const isLike = ({ plan, record }: WritePlan) =>
    plan.action === 'insert' && mayBeCreatedBy(attempts, record.facts.source, schema)
  return new Set(plans.filter(isLike))
}

function attemptsOf(
  session: LineSession,
  { direction }: PageFrame,
  side: Side,
  plan: WritePlan,
): readonly DoubtfulRecord[] {
  if (plan.plan.action !== 'insert') return []
  const operation = toOperation(session, side, plan)
  const doubtful = session.doubtful[direction].get(plan.record.item.key) ?? []
  return doubtful.filter(({ write }) => operation.kind === 'insert' && write.token === operation.token)
}

const toAttempt = ({ write, openedAt }: DoubtfulRecord): CreationAttempt => ({
  values: write.values,
  sentAt: openedAt,
})

/** What has changed in the table since the attempts began, looks like one of them, and is coupled in no mapping. */
async function readUncoupledSince(
  session: LineSession,
  side: Side,
  attempts: readonly DoubtfulRecord[],
): Promise<readonly RecordSnapshot[]> {
  const found = new Map<string, RecordSnapshot>()
  const sent = attempts.map(toAttempt)
  const { schema } = session.mapping[side]
  for (const watermark of new Set(attempts.map(({ searchFrom }) => searchFrom))) {
    let cursor: string | null = null
    do {
      const page: Awaited<ReturnType<LineSession['tables']['local']['readChanges']>> = await session.tables[
        side
      ].readChanges({
        fields: session.mapping[side].read,
        filter: null,
        watermark,
        cursor,
        limit: session.deps.settings.pageSize,
        signal: session.signal,
      })
      const alike = page.records.filter((record) => mayBeCreatedBy(sent, record, schema))
      const keys = alike.map(({ key }) => key)
      const taken = await session.commits.sync.findTaken(session.groups[side], side, keys, -1)
      for (const record of alike) if (!taken.has(record.key)) found.set(record.key, record)
      cursor = page.next
    } while (cursor !== null)
  }
  return [...found.values()]
}

function stillUnderWay(session: LineSession, frame: PageFrame, { record }: WritePlan): RecordResult {
  const message = 'A creation whose answer was lost may still be under way; it is settled when that is over'
  const retryInMs = session.deps.settings.leaseMs
  return problemResult(session, frame, record, 'failed', problem('RECORD_LOCKED', message), { retryInMs })
}

/** Where the search for what these operations create would begin; null where it can be told otherwise. */
export async function markForSearch(
  session: LineSession,
  side: Side,
  operations: readonly PlannedOperation[],
): Promise<string | null> {
  if (session.mapping.keyStrategy[side] !== 'recognised') return null
  if (!operations.some(({ kind }) => kind === 'insert')) return null
  return session.tables[side].takeWatermark(session.signal)
}
