import type { Side } from '../../src/core/mapping/definition.ts'
import type { DeletionChoice } from '../../src/core/sync/deletion.ts'
import type { RecordKey } from '../../src/core/values/key.ts'
import type { Values } from '../../src/core/values/value.ts'
import type { Acts } from './reference-acts.ts'
import { type Couple, historyOf, otherSide, type Reality, sides } from './reference-couple.ts'
import type { DeletionPolicy, FieldRule } from './scenario.ts'

export interface Survivor {
  readonly side: Side
  readonly key: RecordKey
  readonly values: Values
}

const choiceOf: Readonly<Record<DeletionPolicy, DeletionChoice | null>> = {
  None: null,
  Ask: null,
  'Restore Records': 'restore',
  'Remove Coupling': 'remove-coupling',
  'Propagate Deletion': 'propagate',
  Archive: 'archive',
}

/** What deletions are judged by: the policies there have been since the last rest, and who may be written to. */
export interface DeletionView {
  readonly policies: ReadonlySet<DeletionPolicy>
  readonly acts: Acts
  readonly rules: readonly FieldRule[]
  readonly writes: (side: Side) => boolean
}

/** True when the mapping, or somebody, says that this is to be done when a record of the couple has gone. */
export function mayBe({ choices }: Couple, choice: DeletionChoice, { policies }: DeletionView): boolean {
  return choices.has(choice) || [...policies].some((policy) => choiceOf[policy] === choice)
}

export function survivorsOf({ keys }: Couple, tables: Reality['tables']): readonly Survivor[] {
  return sides.flatMap((side) =>
    [...keys[side]].flatMap((key) => {
      const record = tables[side].get(key)
      return record ? [{ side, key, values: record.values }] : []
    }),
  )
}

/** A record goes only because its users have deleted it, or because its partner has gone and that is to travel. */
export function compareGone(couple: Couple, gone: readonly Side[], view: DeletionView): readonly string[] {
  const { acts } = view
  return gone.flatMap((side) => {
    const { keys } = couple
    if (acts.isDeleted(side, keys[side])) return []
    const name = [...keys[side]].join(' or ')
    const travels = acts.isDeleted(otherSide[side], keys[otherSide[side]])
    if (!travels || !mayBe(couple, 'propagate', view))
      return [`P9: ${side} ${name} is gone, and nobody has deleted it`]
    const isLost = !couple.choices.has('propagate') && isEditedBefore(couple, side, view)
    return isLost ? [`P4: ${side} ${name} was deleted with its partner, although it had been edited`] : []
  })
}

/** Edited, and its partner deleted, before anybody looked at either. */
function isEditedBefore(couple: Couple, side: Side, { acts, rules }: DeletionView): boolean {
  const there = acts.on(otherSide[side], couple.keys[otherSide[side]])
  if (there.some(({ isLate }) => isLate) || there.length === 0) return false
  return rules.some((rule) => {
    const { agreed, edits } = historyOf(couple, rule, acts, sides)
    const edit = edits[side].at(-1)
    return agreed !== null && edit !== undefined && !edit.isLate && edit.value !== agreed[side]
  })
}

/** How a coupling may have ended. */
export function compareEnd(
  couple: Couple,
  survivors: readonly Survivor[],
  view: DeletionView,
): readonly string[] {
  const gone = sides.filter((side) => survivors.every((each) => each.side !== side))
  const complaints = compareGone(couple, gone, view)
  const [survivor] = survivors
  if (couple.isGivenUp || survivor === undefined) return complaints
  const isArchived =
    survivor.values['status'] === 'text:archived' ||
    view.acts.on(survivor.side, couple.keys[survivor.side]).some(({ values }) => 'status' in values)
  const mayEnd = mayBe(couple, 'remove-coupling', view) || (isArchived && mayBe(couple, 'archive', view))
  if (gone.length === 1 && mayEnd) return complaints
  return [...complaints, `P4: the coupling of ${[...couple.keys.local]} is gone`]
}

/** True when a couple that has lost a record stays as it is, and somebody is told. */
export function mayStay(couple: Couple, { side, values }: Survivor, view: DeletionView): boolean {
  const { acts, rules, writes, policies } = view
  const isRefused = Object.values(values).some((value) =>
    value?.startsWith(`text:not for ${otherSide[side]}`),
  )
  const isEdited = rules.some((rule) => {
    const { agreed, edits } = historyOf(couple, rule, acts, sides)
    return agreed === null || couple.anew.has(rule.local) || edits[side].length > 0
  })
  const stays: Readonly<Record<DeletionChoice, boolean>> = {
    leave: true,
    restore: isRefused || !writes(otherSide[side]),
    propagate: isEdited || !writes(side),
    archive: !writes(side),
    'remove-coupling': false,
  }
  const told = [...couple.choices, ...[...policies].map((policy) => choiceOf[policy])]
  return told.some((choice) => choice === null || stays[choice])
}
