import type { Side } from '../../src/core/mapping/definition.ts'
import type { Value } from '../../src/core/values/value.ts'
import type { FieldRule } from './scenario.ts'

/** One value a user has given to a field, with the value that stood there before. */
export interface Edit {
  readonly at: number
  readonly value: Value
  readonly before: Value
  /** Couplet had been at work since the last rest: what it had seen by then is not known. */
  readonly isLate: boolean
}

/** A field of a pair: what both sides agreed on, and what their users have done since. */
export interface FieldHistory {
  /** Null: the pair has never agreed on this field. */
  readonly agreed: Readonly<Record<Side, Value>> | null
  readonly edits: Readonly<Record<Side, readonly Edit[]>>
}

/** What may have become of a field. Only what stands here is right. */
export interface Ending {
  readonly local: Value
  readonly remote: Value
  /** `carried`: the sides agree. `kept`: something is still to be carried, so an issue must say why. */
  readonly kind: 'carried' | 'kept' | 'conflict'
  /** Direction of the issue for what is kept. */
  readonly waiting: 'to' | 'from' | null
  /** What the sides had agreed on in between, and what has come after that; left out: all of the history. */
  readonly since?: FieldHistory
}

/** What a person has said about a field in conflict. */
export interface Decision {
  readonly at: number
  readonly seen: Readonly<Record<Side, Value>>
  /** The side that is to win, or a value for both. */
  readonly take: Side | { readonly value: Value }
  /** It has been looked at, and could not be carried out. */
  readonly isTried: boolean
}

export interface FieldPolicy {
  readonly rule: FieldRule
  /** Which side may count as changed last. */
  readonly newest: readonly Side[]
  /** What both sides hold. */
  readonly now: Readonly<Record<Side, Value>>
  readonly decision: Decision | null
  /** A pass over everything has been done, which also finds what was changed on the side that has no say. */
  readonly isComplete: boolean
}

const toRemote = (value: Value, { isCapital }: FieldRule): Value =>
  isCapital && value !== null ? `text:${value.slice(5).toUpperCase()}` : value

/** Every way in which this field may have ended. Usually there is exactly one. */
export function endingsOf(history: FieldHistory, policy: FieldPolicy): readonly Ending[] {
  const { rule } = policy
  if (rule.flows === 'to') return oneWay(history, policy, 'local')
  if (rule.flows === 'from') return oneWay(history, policy, 'remote')
  return bothWays(history, policy)
}

const last = <T>(list: readonly T[]): T | undefined => list[list.length - 1]
const sides = ['local', 'remote'] as const
const other = { local: 'remote', remote: 'local' } as const
const directionFrom = { local: 'to', remote: 'from' } as const

/** Only `source` has a say. What is changed on the other side lasts until somebody looks. */
function oneWay({ agreed, edits }: FieldHistory, policy: FieldPolicy, source: Side): readonly Ending[] {
  const target = other[source]
  const now = last(edits[source])?.value ?? (edits[source].length > 0 ? null : (agreed?.[source] ?? null))
  const there = translate(now, source, policy.rule)
  const pair = (mine: Value, theirs: Value, kind: Ending['kind']) => endingOf(source, mine, theirs, kind)
  const endings = [pair(now, there, 'carried')]
  const isTouched = agreed === null || now !== agreed[source]
  const drift = last(edits[target])
  const hasDrift = drift !== undefined && (!isTouched || drift.isLate)
  if (hasDrift && !policy.isComplete) endings.push(pair(now, drift.value, 'carried'))
  const stale = [agreed?.[target] ?? null, ...edits[target].map(({ value }) => value)]
  for (const value of stale) endings.push(pair(now, value, 'kept'))
  for (const { value } of edits[source].slice(0, -1)) {
    const between = sidesOf(source, value, translate(value, source, policy.rule))
    endings.push({ ...pair(now, between[target], 'kept'), since: onlyBy(source, between, edits[source]) })
  }
  return endings
}

function translate(value: Value, source: Side, rule: FieldRule): Value {
  return source === 'local' ? toRemote(value, rule) : value
}

function bothWays(history: FieldHistory, policy: FieldPolicy): readonly Ending[] {
  const { decision, rule } = policy
  if (decision !== null) return decided(history, policy, decision)
  if (rule.strategy === 'sum of changes') return summed(history, policy)
  const { agreed, edits } = history
  const [local, remote] = [last(edits.local), last(edits.remote)]
  if (local && remote) return bothEdited(history, policy, local, remote)
  if (local) return oneEdited(history, policy, 'local', local)
  if (remote) return oneEdited(history, policy, 'remote', remote)
  return [{ local: agreed?.local ?? null, remote: agreed?.remote ?? null, kind: 'carried', waiting: null }]
}

/** Both keep what they have, and an issue tells of it. */
const open = (values: Readonly<Record<Side, Value>>): readonly Ending[] => [
  { ...values, kind: 'conflict', waiting: null },
  ...kept(values),
]
const kept = (values: Readonly<Record<Side, Value>>): readonly Ending[] => [
  { ...values, kind: 'kept', waiting: 'to' },
  { ...values, kind: 'kept', waiting: 'from' },
]

const numberOf = (value: Value): number => (value === null ? 0 : Number(value.slice('dec:'.length)))

/** Each change counts once, in whichever order and however often somebody has looked in between. */
function summed({ agreed, edits }: FieldHistory, { now }: FieldPolicy): readonly Ending[] {
  const changes = [...edits.local, ...edits.remote].map(
    ({ value, before }) => numberOf(value) - numberOf(before),
  )
  const total = changes.reduce((sum, change) => sum + change, numberOf(agreed?.local ?? null))
  const sum: Value = `dec:${total}`
  return [{ local: sum, remote: sum, kind: 'carried', waiting: null }, ...open(now)]
}

/** A decision holds for the values it was made for; who has edited one of them since has to be asked again. */
function decided(
  history: FieldHistory,
  policy: FieldPolicy,
  { at, seen, take, isTried }: Decision,
): readonly Ending[] {
  const { rule } = policy
  const undecided = bothWays(history, { ...policy, decision: null })
  const since = (side: Side) => history.edits[side].filter((edit) => edit.at > at)
  const edits = { local: since('local'), remote: since('remote') }
  const later = [...edits.local, ...edits.remote]
  const isSeen = sides.every((side) => (last(history.edits[side])?.value ?? null) === seen[side])
  if (!isSeen && later.some(({ isLate }) => !isLate)) return undecided
  const values = typeof take === 'object' ? [take.value, toRemote(take.value, rule)] : [seen[take]]
  const settled = values.flatMap((value) => {
    const agreed = take === 'remote' ? seenAs(value, value) : seenAs(value, toRemote(value, rule))
    const edited = isSeen ? { local: [], remote: [] } : edits
    return bothWays({ agreed, edits: edited }, { ...policy, decision: null }).map((ending) =>
      ending.kind === 'carried' ? ending : { ...ending, since: ending.since ?? { agreed, edits: edited } },
    )
  })
  const isSure = isSeen && later.length === 0 && !isTried
  return [...settled, ...kept(policy.now), ...(isSure ? [] : undecided)]
}

const seenAs = (local: Value, remote: Value) => ({ local, remote })
/** The other side takes it over; where it cannot, it keeps what it had, or an earlier value of this one. */
function oneEdited(
  { agreed, edits }: FieldHistory,
  { rule }: FieldPolicy,
  side: Side,
  { value, isLate }: Edit,
): readonly Ending[] {
  const there = other[side]
  const carried = endingOf(side, value, translate(value, side, rule), 'carried')
  const earlier = edits[side].slice(0, isLate ? -1 : 0).map((edit) => {
    const between = sidesOf(side, edit.value, translate(edit.value, side, rule))
    return {
      ...endingOf(side, value, between[there], 'kept'),
      since: onlyBy(side, between, edits[side]),
    }
  })
  const kept = endingOf(side, value, agreed?.[there] ?? null, 'kept')
  // Put back before anybody looked: nothing has happened.
  const isUntouched = agreed !== null && value === agreed[side]
  const untouched = isUntouched ? [endingOf(side, value, agreed[there], 'carried')] : []
  return [carried, ...untouched, kept, ...earlier]
}

/** From `agreed` on only this side has been edited. */
function onlyBy(side: Side, agreed: Readonly<Record<Side, Value>>, edits: readonly Edit[]): FieldHistory {
  const none: readonly Edit[] = []
  return { agreed, edits: { local: none, remote: none, [side]: edits } }
}

function sidesOf(side: Side, mine: Value, theirs: Value): Readonly<Record<Side, Value>> {
  return side === 'local' ? { local: mine, remote: theirs } : { local: theirs, remote: mine }
}

function endingOf(side: Side, mine: Value, theirs: Value, kind: Ending['kind']): Ending {
  return { ...sidesOf(side, mine, theirs), kind, waiting: kind === 'carried' ? null : directionFrom[side] }
}

function bothEdited(
  history: FieldHistory,
  policy: FieldPolicy,
  local: Edit,
  remote: Edit,
): readonly Ending[] {
  const { rule } = policy
  const wins: Readonly<Record<Side, Ending>> = {
    local: endingOf('local', local.value, toRemote(local.value, rule), 'carried'),
    remote: endingOf('remote', remote.value, remote.value, 'carried'),
  }
  const conflict: Ending = { local: local.value, remote: remote.value, kind: 'conflict', waiting: null }
  if (local.value === remote.value) return [{ ...conflict, kind: 'carried' }]
  const isLate = local.isLate || remote.isLate
  const endings: Ending[] = []
  const backs = (['local', 'remote'] as const).filter((side) => isBack(history, side))
  // Who has put back the old value has changed nothing, unless the new one had been seen in between.
  for (const side of backs) endings.push(wins[other[side]])
  const winners = winnersOf(policy, local.value, remote.value)
  if (backs.length === 0 || isLate)
    endings.push(...winners.map((winner) => (winner === null ? conflict : wins[winner])))
  for (const side of ['local', 'remote'] as const) {
    // Who edits a counterpart before anything was agreed has seen what it was made with.
    const maySee = isLate || history.agreed === null
    if (!maySee || !hasSeen(history, side, rule)) continue
    const { local: mine, remote: theirs } = wins[other[side]]
    endings.push(...afterwards(history, policy, side, { local: mine, remote: theirs }))
  }
  if (rule.isCapital && toRemote(local.value, rule) === remote.value)
    endings.push({ ...conflict, kind: 'carried' }, conflict)
  // A winner that the other side refuses to take.
  if (endings.some(({ kind }) => kind === 'carried')) endings.push(...kept(conflict))
  return endings
}

/** Who may win where both sides have changed the field; null: nobody, somebody has to decide. */
function winnersOf({ rule, newest }: FieldPolicy, local: Value, remote: Value): readonly (Side | null)[] {
  switch (rule.strategy) {
    case 'local wins':
      return ['local']
    case 'remote wins':
      return ['remote']
    case 'newest wins':
      return newest
    case 'fill empty':
      return [local === null ? 'remote' : remote === null ? 'local' : null]
    default:
      return [null]
  }
}

/** This side's last users had the last value of the other one before them: from then on only they have changed anything. */
function afterwards(
  { edits }: FieldHistory,
  policy: FieldPolicy,
  side: Side,
  agreed: Readonly<Record<Side, Value>>,
): readonly Ending[] {
  const theirs = last(edits[other[side]])?.at ?? 0
  const mine = edits[side].filter(({ at }) => at > theirs)
  const edit = last(mine)
  if (!edit) return []
  const history = onlyBy(side, agreed, mine)
  return oneEdited(history, policy, side, edit).map((ending) =>
    ending.kind === 'carried' ? ending : { ...ending, since: ending.since ?? history },
  )
}

function isBack({ agreed, edits }: FieldHistory, side: Side): boolean {
  const edit = last(edits[side])
  if (agreed === null || edit === undefined || edit.value !== agreed[side]) return false
  // The other side had not taken over anything by then.
  return edits[other[side]].every(({ before }, index) => index > 0 || before === agreed[other[side]])
}

/** The last user of this side had the last value of the other one before him, so he has replaced it knowingly. */
function hasSeen({ edits }: FieldHistory, side: Side, rule: FieldRule): boolean {
  const mine = last(edits[side])
  const theirs = last(edits[other[side]])
  if (!mine || !theirs || theirs.at > mine.at) return false
  const arrived = translate(theirs.value, other[side], rule)
  return edits[side].some(({ at, before }) => at > theirs.at && before === arrived)
}
