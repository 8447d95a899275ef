import { problem } from '../../core/errors.ts'
import { isKeyFromValues } from '../../core/mapping/compile.ts'
import { destinationSide, type Side } from '../../core/mapping/definition.ts'
import { matchesFilter } from '../../core/mapping/filter-match.ts'
import type { RecordSnapshot, WriteResult } from '../../core/ports/connector.ts'
import type { IntendedWrite } from '../../core/ports/sync-store.ts'
import { holdsWhatWasSent, isPlausiblyNormalised } from '../../core/sync/normalised.ts'
import { displayKey } from '../../core/values/key.ts'
import type { Values } from '../../core/values/value.ts'
import type { LineSession } from '../line/session.ts'
import { asSent, findIntendedCreation, wasThereBefore } from './complete-creation.ts'
import { type Decision, decide, problemResult, type WritePlan } from './decide.ts'
import type { JudgedRecord, PageFrame } from './page.ts'
import { quietResult } from './results.ts'

/** A creation that found its record in place. */
export interface Existing {
  readonly plan: WritePlan
  readonly answer: Extract<WriteResult, { status: 'exists' }>
}

/**
 * A creation found its record in place (architecture.md §4.3). It is adopted only if it is ours – the id or receipt is
 * derived from our token, or an unfinished page of ours sent these very values, and it is no older than that page – and no
 * mapping has coupled it.
 */
export async function adopt(
  session: LineSession,
  frame: PageFrame,
  existing: readonly Existing[],
): Promise<readonly Decision[]> {
  if (existing.length === 0) return []
  const side = destinationSide[frame.direction]
  const keys = existing.map(({ answer }) => answer.record.key)
  const taken = await session.commits.sync.findTaken(session.groups[side], side, keys, -1)
  const own = await session.commits.sync.findCouplings(session.mapping.id, side, keys)
  const ownKeys = new Set(own.map((coupling) => coupling[side].key))
  return existing.map(({ plan, answer }) => {
    // Somebody has made the record anew under the key of the one that is gone.
    const isOwn = plan.record.facts.coupling?.[side].key === answer.record.key
    const takenBy = isOwn ? undefined : taken.get(answer.record.key)
    // Completed long ago, and its source has another key since: nothing is left to do.
    if (ownKeys.has(answer.record.key) && plan.record.item.snapshot === null)
      return { result: quietResult(plan.record.item, 'ignored', frame.direction) }
    const intended = findIntendedCreation(session, frame, plan.record.item.key, answer.record)
    const isMapped = isKeyFromValues(session.mapping.keyStrategy[side])
    const isSent =
      intended !== null &&
      !wasUndone(plan, side, answer.record) &&
      holdsWhatWasSent(intended.values, answer.record.values)
    const isOurs = isOwn || !isMapped || isSent
    const isOlder = isMapped && !isOwn && wasThereBefore(session, frame, plan.record.item.key, answer.record)
    const why = reasonToRefuse(session, side, answer.record, { takenBy, isOurs, isOlder })
    if (why !== null) return refuse(session, frame, plan, answer.record, why)
    return adoptOne(session, frame, plan.record, answer.record, intended)
  })
}

/**
 * Before any rule is asked: the counterpart an unfinished page of ours has created, when the search by match fields has
 * found it. Coupled like somebody else's record it would have no history, and what has been edited there since would be
 * overwritten. Null when the record found may be another one.
 */
export function adoptMatched(session: LineSession, frame: PageFrame, record: JudgedRecord): Decision | null {
  const { coupling, match, sourceTakenBy, memory } = record.facts
  const [candidate, ...others] = match?.candidates ?? []
  if (
    coupling !== null ||
    memory.length > 0 ||
    sourceTakenBy !== null ||
    match === null ||
    candidate === undefined
  )
    return null
  const intended = findIntendedCreation(session, frame, record.item.key, candidate)
  if (intended === null || others.length > 0 || match.rivals > 1 || match.takenBy !== null) return null
  const isOther = intended.destinationKey !== null && intended.destinationKey !== candidate.key
  if (isOther || wasThereBefore(session, frame, record.item.key, candidate)) return null
  return adoptOne(session, frame, record, candidate, intended)
}

/** Item 1000 and resource 1000 both look like product 1000: the filter may be all that tells them apart. */
function reasonToRefuse(
  { mapping }: LineSession,
  side: Side,
  found: RecordSnapshot,
  facts: { readonly takenBy: string | undefined; readonly isOurs: boolean; readonly isOlder: boolean },
): string | null {
  if (facts.takenBy !== undefined) return `is coupled in mapping ${facts.takenBy}`
  const { filter, schema } = mapping[side]
  const isKeyOnly = isKeyFromValues(mapping.keyStrategy[side])
  if (isKeyOnly && filter !== null && !matchesFilter(filter, found.values, schema.fields))
    return 'does not pass the filter of this mapping'
  if (facts.isOlder) return 'is older than the attempt to create it'
  return facts.isOurs ? null : 'was not created by this mapping'
}

/** What was sent has made it, and a person has parted the two since: it is not coupled again by accident. */
function wasUndone({ record }: WritePlan, side: Side, { key }: RecordSnapshot): boolean {
  return record.facts.memory.some((pair) => pair[side === 'local' ? 'localKey' : 'remoteKey'] === key)
}

function adoptOne(
  session: LineSession,
  frame: PageFrame,
  record: JudgedRecord,
  partner: RecordSnapshot,
  intended: IntendedWrite | null,
): Decision {
  const bases = intended === null ? null : creationBases(frame, intended, partner)
  const adoption = { partner, created: intended?.values ?? null }
  const found = { ...record, facts: { ...record.facts, partner, bases, doubtful: [] } }
  const decision = decide(session, frame, found, adoption)
  if (intended === null || !('result' in decision) || decision.result.coupling !== null) return decision
  // What has been edited since cannot be carried over. That is a trouble of a coupled record, not of the creation.
  return decide(session, frame, asSent(found, intended), adoption)
}

/** What both sides agreed on when the lost page created the record: what was read there, and what arrived here. */
function creationBases(frame: PageFrame, intended: IntendedWrite, partner: RecordSnapshot) {
  const arrived: Record<string, Values[string]> = {}
  for (const [field, sent] of Object.entries(intended.values)) {
    const found = partner.values[field]
    if (found !== undefined) arrived[field] = isPlausiblyNormalised(sent, found) ? found : sent
  }
  return frame.direction === 'to'
    ? { local: intended.sourceValues, remote: arrived }
    : { local: arrived, remote: intended.sourceValues }
}

function refuse(
  session: LineSession,
  frame: PageFrame,
  { record }: WritePlan,
  found: RecordSnapshot,
  why: string,
): Decision {
  const table = session.mapping[destinationSide[frame.direction]].schema.table
  const message = `${table} ${displayKey(found.key)} exists already and ${why}`
  return {
    result: problemResult(session, frame, record, 'failed', problem('POSSIBLE_DUPLICATE', message), {}),
  }
}
