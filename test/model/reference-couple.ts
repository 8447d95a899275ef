import type { Coupling } from '../../src/core/coupling/coupling.ts'
import type { Side } from '../../src/core/mapping/definition.ts'
import type { DeletionChoice } from '../../src/core/sync/deletion.ts'
import type { Issue } from '../../src/core/sync/issue.ts'
import type { RecordKey } from '../../src/core/values/key.ts'
import type { Value, Values } from '../../src/core/values/value.ts'
import type { Acts } from './reference-acts.ts'
import { type Decision, type Edit, endingsOf, type FieldHistory } from './reference-field.ts'
import { describe, editOf, prompt, settled } from './reference-history.ts'
import type { FieldRule } from './scenario.ts'

/** What there is when everything has come to rest. */
export interface Reality {
  readonly tables: Readonly<Record<Side, ReadonlyMap<RecordKey, { readonly values: Values }>>>
  readonly couplings: readonly Coupling[]
  readonly issues: readonly Issue[]
  /** A pass over everything has been done since the last change of anybody. */
  readonly isComplete: boolean
}

/** `keys`: every key the two records have had; that of a remote record may be a mapped field like any other. */
export interface Couple {
  readonly keys: Readonly<Record<Side, Set<RecordKey>>>
  readonly fields: Map<string, FieldHistory>
  readonly decisions: Map<string, Decision>
  /** Fields in which the two have never agreed, or whose rules have been changed since: from now on they are equal. */
  readonly anew: Set<string>
  /** What people have chosen to be done about its deleted record. */
  readonly choices: Set<DeletionChoice>
  /** Somebody has asked for its end, or has coupled one of the two to another record. */
  isGivenUp: boolean
  /** One of the two had gone at the last rest. */
  isLost: boolean
  /** Records of it that somebody has allowed to get a new partner once it has ended. */
  readonly mayGetAnother: Set<Side>
  /** The filter left one of the two out at the last rest. */
  isLeftOut: boolean
}

/** A record that nobody has coupled. */
export interface Single {
  readonly side: Side
  readonly key: RecordKey
  mayBeCreated: boolean
  mustBeCreated: boolean
  /** It has had a partner, so that no run gives it a new one by itself. */
  readonly isRemembered: boolean
  /** Since it was made, or since the last rest, the filter has always left it out. */
  isLeftOut: boolean
}

export const sides = ['local', 'remote'] as const
export const otherSide = { local: 'remote', remote: 'local' } as const

interface Ends {
  readonly local: { readonly key: RecordKey }
  readonly remote: { readonly key: RecordKey }
}

export function isOf({ keys }: Couple, { local, remote }: Ends): boolean {
  return keys.local.has(local.key) && keys.remote.has(remote.key)
}

/** Everything the fields of a couple are judged by. */
export interface CoupleView {
  readonly coupling: Coupling
  readonly couple: Couple
  readonly acts: Acts
  readonly reality: Reality
  readonly rules: readonly FieldRule[]
  /** The issues of the two records. */
  readonly open: readonly Issue[]
}

export interface Compared {
  readonly complaints: readonly string[]
  /** Fields that nobody but a person can settle. */
  readonly conflicts: readonly string[]
}

/** Both records are there: each field has ended in one of the ways that are right, and goes on from there. */
export function compareFields(view: CoupleView): Compared {
  const complaints: string[] = []
  const conflicts: string[] = []
  for (const rule of view.rules) {
    const { local, remote } = valuesOf(view, rule)
    const now = { local: local ?? null, remote: remote ?? null }
    if (view.couple.anew.has(rule.local)) compareAnew(view, rule, now, complaints)
    else compareField(view, rule, now, complaints, conflicts)
  }
  return { complaints, conflicts }
}

function valuesOf({ coupling, reality: { tables } }: CoupleView, rule: FieldRule) {
  return {
    local: tables.local.get(coupling.local.key)?.values[rule.local],
    remote: tables.remote.get(coupling.remote.key)?.values[rule.remote],
  }
}

function compareField(
  { coupling, couple, acts, reality: { isComplete }, open }: CoupleView,
  rule: FieldRule,
  now: Readonly<Record<Side, Value>>,
  complaints: string[],
  conflicts: string[],
): void {
  const history = historyOf(couple, rule, acts, [])
  const decision = couple.decisions.get(rule.local) ?? null
  const newest = newestOf(couple, rule, acts)
  const isConflict = open.some(({ kind }) => kind === 'conflict')
  // What is set aside is left alone in both directions.
  const isHeld = isConflict || open.some(({ kind }) => kind === 'skipped')
  const endings = endingsOf(history, { rule, newest, decision, now, isComplete }).filter(
    ({ kind, waiting }) =>
      (kind !== 'conflict' || isConflict) &&
      (waiting === null || isHeld || open.some(({ direction }) => direction === waiting)),
  )
  const found = endings.find(({ local, remote }) => local === now.local && remote === now.remote)
  if (!found) complaints.push(describe(rule, coupling, history, now, endings, open))
  if (found?.kind === 'conflict') conflicts.push(rule.local)
  couple.fields.set(
    rule.local,
    found?.kind === 'carried' ? settled(rule, now, history) : prompt(history, found?.since, rule),
  )
  couple.decisions.delete(rule.local)
  if (decision !== null && found?.kind === 'kept')
    couple.decisions.set(rule.local, { ...decision, isTried: true })
}

/** Two records without a history: whoever wins, they are equal in the end. */
function compareAnew(
  { coupling, couple, reality: { isComplete }, open }: CoupleView,
  rule: FieldRule,
  now: Readonly<Record<Side, Value>>,
  complaints: string[],
): void {
  const { local, remote } = now
  const isEqual = local === remote || (rule.isCapital && inCapitals(local) === remote)
  if (isEqual) {
    couple.anew.delete(rule.local)
    couple.fields.set(rule.local, { agreed: now, edits: { local: [], remote: [] } })
  } else if (isComplete && open.length === 0 && !couple.isLeftOut)
    complaints.push(
      `P4: field ${rule.local} of ${coupling.local.key} and ${coupling.remote.key}, which had no history, is ${local} | ${remote}`,
    )
}

const inCapitals = (value: Value | undefined): Value =>
  value ? (value.toUpperCase().replace('TEXT:', 'text:') as Value) : null

/** The side whose record was changed last, by the clock of its own system; both where Couplet may have written to one. */
function newestOf({ keys, fields }: Couple, { local: field }: FieldRule, acts: Acts): readonly Side[] {
  const before = fields.get(field)
  const done = { local: acts.on('local', keys.local), remote: acts.on('remote', keys.remote) }
  const isEarlier = !before?.agreed || before.edits.local.length + before.edits.remote.length > 0
  if (isEarlier || [...done.local, ...done.remote].some(({ isLate }) => isLate)) return sides
  const timeOf = (side: Side) => done[side].at(-1)?.stored['modified'] ?? ''
  return timeOf('remote') > timeOf('local') ? ['remote'] : ['local']
}

export function historyOf(
  { keys, fields }: Couple,
  rule: FieldRule,
  acts: Acts,
  lost: readonly Side[],
): FieldHistory {
  const before = fields.get(rule.local) ?? { agreed: null, edits: { local: [], remote: [] } }
  const editsOf = (side: Side): readonly Edit[] => {
    const done = acts.on(side, keys[side])
    // A creation that arrives after somebody has deleted what an earlier try had made begins anew.
    const end = lost.includes(side) ? -1 : done.findLastIndex(({ kind }) => kind === 'delete')
    const earlier = end < 0 ? before.edits[side] : []
    return [...earlier, ...done.slice(end + 1).flatMap((act) => editOf(act, rule[side]))]
  }
  return { agreed: before.agreed, edits: { local: editsOf('local'), remote: editsOf('remote') } }
}

/** A record that has lost its partner has what its own users gave it, or what had come from the other side before that went. */
export function compareSurvivor(
  couple: Couple,
  rules: readonly FieldRule[],
  acts: Acts,
  survivor: { readonly side: Side; readonly key: RecordKey; readonly values: Values },
): readonly string[] {
  const { side, key, values } = survivor
  return rules.flatMap((rule) => {
    if (rule.strategy === 'sum of changes' || couple.anew.has(rule.local)) return []
    const { agreed, edits } = historyOf(couple, rule, acts, sides)
    const decision = couple.decisions.get(rule.local)?.take
    const all = [
      ...sides.flatMap((each) => [agreed?.[each] ?? null, ...edits[each].map(({ value }) => value)]),
      ...(typeof decision === 'object' ? [decision.value] : []),
    ]
    const allowed = rule.isCapital ? [...all, ...all.map(inCapitals)] : all
    const now = values[rule[side]] ?? null
    return allowed.includes(now) ? [] : [`${side} ${key}.${rule[side]} is ${now}, which nobody has given it`]
  })
}
