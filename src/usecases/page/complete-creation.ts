import type { Coupling } from '../../core/coupling/coupling.ts'
import { destinationSide } from '../../core/mapping/definition.ts'
import type { RecordSnapshot } from '../../core/ports/connector.ts'
import type { IntendedWrite } from '../../core/ports/sync-store.ts'
import { isPlausiblyNormalised } from '../../core/sync/normalised.ts'
import { isSurelyOlder } from '../../core/sync/older-record.ts'
import { plainAgreement } from '../../core/sync/plan.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { Value, Values } from '../../core/values/value.ts'
import { canonicalText } from '../../lib/canonical-text.ts'
import type { DoubtfulRecord, LineSession, RecordView } from '../line/session.ts'
import type { Decision, WritePlan } from './decide.ts'
import { changesBusinessKey, plannedKey, tokenFor } from './operation.ts'
import type { JudgedRecord, LookFrame, PageFrame, RecordResult } from './page.ts'

/**
 * The creation an unfinished page of ours has sent for this record, or may have sent; null when there is none. Of several,
 * the one whose values `found` holds, or else the last one.
 */
export function findIntendedCreation(
  session: RecordView,
  frame: LookFrame,
  sourceKey: RecordKey,
  found: RecordSnapshot | null = null,
): IntendedWrite | null {
  const creations = findIntendedCreations(session, frame, sourceKey)
  const differing = creations.map(({ values }) => (found === null ? 0 : countDiffering(values, found)))
  return creations[differing.indexOf(Math.min(...differing))] ?? null
}

/** Newest first. */
function findIntendedCreations(
  session: RecordView,
  frame: LookFrame,
  sourceKey: RecordKey,
): readonly IntendedWrite[] {
  return findDoubtfulCreations(session, frame, sourceKey).map(({ write }) => write)
}

function findDoubtfulCreations(
  session: RecordView,
  frame: LookFrame,
  sourceKey: RecordKey,
): readonly DoubtfulRecord[] {
  const side = destinationSide[frame.direction]
  return (session.doubtful[frame.direction].get(sourceKey) ?? []).filter(
    ({ write, doubtful }) => doubtful.side === side && write.token !== null,
  )
}

/**
 * True when the record found was there before any of our creations for this source record was sent, so that it is none of
 * them, whatever it holds (architecture.md §4.3). Where the table keeps no time the other conditions have to do: it is
 * coupled nowhere, passes the filter, and holds every value that was sent, its key among them. Somebody has then entered
 * the same record by hand, and coupling the two is what a person would do.
 */
export function wasThereBefore(
  session: LineSession,
  frame: PageFrame,
  sourceKey: RecordKey,
  found: RecordSnapshot,
): boolean {
  const creations = findDoubtfulCreations(session, frame, sourceKey)
  const { schema } = session.mapping[destinationSide[frame.direction]]
  return (
    creations.length > 0 &&
    creations.every(({ write, openedAt }) => isSurelyOlder(found, schema, write.values, openedAt))
  )
}

function countDiffering(sent: Values, found: RecordSnapshot): number {
  const differs = ([field, value]: [string, Value]) =>
    found.values[field] !== undefined && !isPlausiblyNormalised(value, found.values[field])
  return Object.entries(sent).filter(differs).length
}

/** The record with its source as it was when the creation was sent. */
export function asSent(record: JudgedRecord, intended: IntendedWrite): JudgedRecord {
  const { sourceVersion: version, sourceValues: values } = intended
  return { ...record, facts: { ...record.facts, source: { ...record.facts.source, version, values } } }
}

/**
 * A source that has gone since, as it was when the creation was sent: the counterpart may be there, or may still come, so
 * the creation is completed. That its source has gone is then a trouble of a coupled record. Null when none was sent.
 */
export function sourceAsSent(
  session: LineSession,
  frame: PageFrame,
  key: RecordKey,
  coupling: Coupling | null,
): RecordSnapshot | null {
  if (coupling !== null && !hasBegunRestore(session, frame, key, coupling)) return null
  const intended = findIntendedCreation(session, frame, key)
  if (intended === null) return null
  return { key, version: intended.sourceVersion, modifiedAt: null, values: intended.sourceValues }
}

/** An unfinished page of ours was creating the next counterpart of this coupling, the last one being gone. */
export function hasBegunRestore(
  session: LineSession,
  frame: PageFrame,
  key: RecordKey,
  coupling: Coupling,
): boolean {
  const token = tokenFor(session, destinationSide[frame.direction], key, coupling.generation + 1)
  return (session.doubtful[frame.direction].get(key) ?? []).some(({ write }) => write.token === token)
}

/** Records that may belong to somebody else are in the way: a person has to look first. */
const inTheWay: ReadonlySet<string> = new Set(['NO_UNIQUE_MATCH', 'ALREADY_COUPLED', 'POSSIBLE_DUPLICATE'])

/**
 * The race: a worker creates the counterpart and dies; before anybody notes it the source is edited, so that it has to
 * wait or cannot be created any more, or would be created under another key. Left alone, the counterpart would look like
 * a new record of its own side and be created back. So the creation is completed first, with the values that were sent:
 * it is found in place, or made now, and coupled; the edit is then a change of a coupled record, like any other (P3, P4).
 * Not for a record that has been uncoupled since: its counterpart is in place, and is to stay alone.
 */
export function completeCreation(
  session: LineSession,
  frame: PageFrame,
  record: JudgedRecord,
  decision: Decision,
): Decision {
  if ('gone' in decision || record.facts.coupling !== null || record.facts.memory.length > 0) return decision
  const intended = findIntendedCreation(session, frame, record.item.key)
  if (intended === null) return decision
  const isLeft =
    'write' in decision
      ? !makesAnotherKey(session, frame, decision.write, intended)
      : isInTheWay(decision.result)
  return isLeft ? decision : { write: creationAsSent(record, intended) }
}

function isInTheWay({ coupling, outcome }: RecordResult): boolean {
  return coupling !== null || (outcome?.code ? inTheWay.has(outcome.code) : false)
}

/** A table that takes its key, or business key, from mapped fields would hold both: the record that was sent, and this one. */
function makesAnotherKey(
  session: LineSession,
  frame: PageFrame,
  write: WritePlan,
  intended: IntendedWrite,
): boolean {
  if (write.plan.action !== 'insert') return false
  const side = destinationSide[frame.direction]
  const key = plannedKey(session, side, write)
  if (key !== null) return key !== intended.destinationKey
  return changesBusinessKey(session, side, write, intended.values)
}

function creationAsSent(record: JudgedRecord, intended: IntendedWrite): WritePlan {
  return {
    record: asSent(record, intended),
    plan: {
      action: 'insert',
      values: intended.values,
      agreement: plainAgreement,
    },
    adoption: null,
  }
}

/**
 * A creation that is refused now, but has been sent before with other values, may be in place: it is completed with those
 * first. Of several the newest may be one that was refused as well, so each is tried in turn. Null when none is left.
 */
export function completeRefused(
  session: LineSession,
  frame: PageFrame,
  refused: WritePlan,
): WritePlan | null {
  const { record, plan } = refused
  if (plan.action !== 'insert' || record.facts.coupling !== null) return null
  const creations = withoutRepeats(findIntendedCreations(session, frame, record.item.key))
  const last = creations.findIndex(({ values }) => values === plan.values)
  const refusedAlready = canonicalText(plan.values)
  const next = creations.slice(last + 1).find(({ values }) => canonicalText(values) !== refusedAlready)
  return next === undefined ? null : creationAsSent(record, next)
}

/** What was sent several times is refused as often: it is tried once. */
function withoutRepeats(creations: readonly IntendedWrite[]): readonly IntendedWrite[] {
  const texts = creations.map(({ values }) => canonicalText(values))
  return creations.filter((_, index) => texts.indexOf(texts[index] ?? '') === index)
}
