import type { CouplingBases } from '../coupling/coupling.ts'
import { type Problem, problem } from '../errors.ts'
import type { CompiledMapping, CompiledSide } from '../mapping/compile.ts'
import { destinationSide, jobDirections, type MappingDefinition, type Side } from '../mapping/definition.ts'
import type { RecordSnapshot } from '../ports/connector.ts'
import { displayKey, type RecordKey } from '../values/key.ts'
import { rawOf } from '../values/value.ts'

/** What can be done about a coupling one record of which was deleted. */
export const deletionChoices = ['restore', 'propagate', 'remove-coupling', 'archive', 'leave'] as const
export type DeletionChoice = (typeof deletionChoices)[number]

/** Issues about a coupling that has lost a record, for which a choice can be made. */
export const deletionCodes = ['DELETED_ON_ONE_SIDE', 'DELETION_HELD', 'COUPLED_TO_DELETED'] as const

/** A person's answer, stored with the issue and carried out at the next attempt. */
export interface DeletionResolution {
  readonly kind: 'deletion'
  readonly choice: DeletionChoice
  /** Version of the surviving record that the choice was made for; null: made for the state of the last agreement. */
  readonly seenVersion: string | null
}

/** What somebody has answered at once: one issue, or all that the brake has held in a run. */
export type DeletionAnswers = { readonly issueId: number } | { readonly heldInRun: number }

/** The record of a coupling that is still there, its partner being gone. */
export interface Survivor {
  readonly side: Side
  readonly record: RecordSnapshot
  /** It is no longer what both sides agreed on: deleting it would lose an edit. */
  readonly isEdited: boolean
}

/** What is known of a coupling that has lost a record, or both. */
export interface DeletionFacts {
  readonly keys: Readonly<Record<Side, RecordKey>>
  readonly survivor: Survivor | null
  readonly resolution: DeletionResolution | null
  /** What a page of ours, whose end is unknown, has begun to do about it. */
  readonly begun: ReadonlySet<'delete' | 'archive' | 'restore'>
}

export type DeletionPlan =
  /** The coupling goes, nothing is written outside; `recovered`: what an unfinished page had to write is there already. */
  | { readonly action: 'uncouple'; readonly kind: 'uncoupled' | 'deleted'; readonly recovered: boolean }
  | { readonly action: 'delete'; readonly survivor: Survivor }
  | { readonly action: 'archive'; readonly survivor: Survivor }
  | { readonly action: 'restore'; readonly survivor: Survivor }
  /** Reported and left as it is; `conflict`: somebody has to choose. */
  | { readonly action: 'report'; readonly kind: 'failed' | 'conflict'; readonly problem: Problem }

/** Which sides the jobs of a mapping write. */
function writtenSides({ direction }: Pick<MappingDefinition, 'direction'>): readonly Side[] {
  return jobDirections(direction).map((each) => destinationSide[each])
}

/**
 * Decides about a coupling one record of which was deleted (domain.md §10), the same in every kind of run. What an
 * unfinished page has begun is completed first; then a person's choice counts, then the policy of the mapping. A side that
 * the mapping never writes is not written here either: then somebody is asked. Pure.
 */
export function planDeletion(facts: DeletionFacts, mapping: CompiledMapping): DeletionPlan {
  const { survivor, begun } = facts
  if (survivor === null) {
    const isOurs = begun.has('delete')
    return { action: 'uncouple', kind: isOurs ? 'deleted' : 'uncoupled', recovered: isOurs }
  }
  if (begun.has('restore')) return { action: 'restore', survivor }
  if (begun.has('archive') && isArchived(survivor, mapping))
    return { action: 'uncouple', kind: 'uncoupled', recovered: true }
  const { deletionConflict } = mapping.definition
  const choice = facts.resolution?.choice ?? policyChoice[deletionConflict]
  if (choice === 'leave') return report(facts, survivor, mapping, 'it is to be left as it is')
  if (choice === null) return report(facts, survivor, mapping, null)
  const obstacle = findObstacle(choice, facts, survivor, mapping)
  if (obstacle !== null) return report(facts, survivor, mapping, obstacle)
  if (choice === 'remove-coupling') return { action: 'uncouple', kind: 'uncoupled', recovered: false }
  return { action: choice === 'propagate' ? 'delete' : choice, survivor }
}

/** Null: the policy decides nothing by itself. */
export const policyChoice = {
  None: null,
  Ask: null,
  'Restore Records': 'restore',
  'Remove Coupling': 'remove-coupling',
  'Propagate Deletion': 'propagate',
  Archive: 'archive',
} as const satisfies Record<MappingDefinition['deletionConflict'], DeletionChoice | null>

function isArchived({ side, record }: Survivor, mapping: CompiledMapping): boolean {
  const archive = mapping.archive[side]
  return archive !== null && record.values[archive.field] === archive.value
}

/** Why a choice cannot be carried out, or null. */
function findObstacle(
  choice: Exclude<DeletionChoice, 'leave'>,
  { resolution }: DeletionFacts,
  { side, record, isEdited }: Survivor,
  mapping: CompiledMapping,
): string | null {
  if (choice === 'remove-coupling') return null
  const written = choice === 'restore' ? otherSide[side] : side
  if (!writtenSides(mapping.definition).includes(written))
    return `the mapping never writes the ${written} side`
  if (choice === 'archive' && mapping.archive[side] === null)
    return `the mapping names no archive field of the ${side} side`
  const isSeen = resolution !== null && resolution.seenVersion === record.version
  if (choice === 'propagate' && isEdited && !isSeen)
    return 'it has been edited since both sides last agreed, and deleting it would lose that'
  return null
}

const otherSide = { local: 'remote', remote: 'local' } as const satisfies Record<Side, Side>

function report(
  { keys }: DeletionFacts,
  { side, record }: Survivor,
  mapping: CompiledMapping,
  obstacle: string | null,
): DeletionPlan {
  const { schema, referenceField } = mapping[side]
  // The one that is left, as its users call it.
  const called = referenceField === null ? null : (record.values[referenceField] ?? null)
  const survivor = `${schema.table} ${rawOf(called) || displayKey(keys[side])}`
  const gone = `${mapping[otherSide[side]].schema.table} ${displayKey(keys[otherSide[side]])}`
  const message = `${survivor} is coupled to ${gone}, which no longer exists`
  if (obstacle === null && mapping.definition.deletionConflict === 'None')
    return { action: 'report', kind: 'failed', problem: problem('COUPLED_TO_DELETED', message) }
  const asked = obstacle === null ? message : `${message}; ${obstacle}`
  return { action: 'report', kind: 'conflict', problem: problem('DELETED_ON_ONE_SIDE', asked) }
}

/**
 * True when the record differs from what its side had at the last agreement, in a field the mapping knows. A field without
 * agreement counts as edited: a delete needs proof (architecture.md P9). Not so one that only takes what comes from the
 * other side: until that comes for the first time it has no agreement, whatever anybody does.
 */
export function isEditedSince(
  side: CompiledSide,
  record: RecordSnapshot,
  base: CouplingBases[Side] | null,
): boolean {
  if (base === null) return true
  return side.tracked.some((field) => {
    const isOpen = base[field] === undefined && !side.carried.has(field)
    return !isOpen && base[field] !== record.values[field]
  })
}

/** True for plans that destroy or create something because a record has gone: these the brake counts. */
export function isActing(plan: DeletionPlan): boolean {
  return plan.action !== 'report' && !(plan.action === 'uncouple' && plan.recovered)
}

/** Fewer deletions than this are never held because of their share: of three currencies one is a third. */
const SHARE_COUNTS_FROM = 10

/** How many couplings a job wants to act upon because a record was deleted, of how many. */
export interface DeletionSet {
  readonly records: number
  readonly coupled: number
}

/** The mass-change brake: true when so many at once need somebody's approval (architecture.md P9). */
export function holdsBrake(
  brake: MappingDefinition['deletionBrake'],
  { records, coupled }: DeletionSet,
): boolean {
  return records > brake.records || (records >= SHARE_COUNTS_FROM && records > brake.share * coupled)
}

/** True when the job of a mapping that does something about deletions has found too many at once. */
export function isTooMany(
  { deletionBrake, deletionConflict }: Pick<MappingDefinition, 'deletionBrake' | 'deletionConflict'>,
  set: DeletionSet,
): boolean {
  return policyChoice[deletionConflict] !== null && holdsBrake(deletionBrake, set)
}

/** Why the brake holds, for people. */
export function explainBrake(
  { share, records }: MappingDefinition['deletionBrake'],
  set: DeletionSet,
): string {
  return `${set.records} of ${set.coupled} coupled records have lost their partner, more than ${records} or ${Math.round(share * 100)} %: held until somebody approves`
}
