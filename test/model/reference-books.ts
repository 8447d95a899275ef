import type { Coupling } from '../../src/core/coupling/coupling.ts'
import type { Side } from '../../src/core/mapping/definition.ts'
import type { DeletionChoice } from '../../src/core/sync/deletion.ts'
import type { RecordKey } from '../../src/core/values/key.ts'
import type { Value, Values } from '../../src/core/values/value.ts'
import type { Act } from './people.ts'
import { Acts, nameOf } from './reference-acts.ts'
import {
  type Couple,
  compareSurvivor,
  isOf,
  otherSide,
  type Reality,
  type Single,
  sides,
} from './reference-couple.ts'
import { compareEnd, type DeletionView, mayBe, survivorsOf } from './reference-deletion.ts'
import type { Decision } from './reference-field.ts'
import { type Change, type DeletionPolicy, type FieldRule, rulesOf, type Setting } from './scenario.ts'

/** What the reference model knows: what users have done, which couplings there are, and what people have said about them. */
export class ReferenceBooks {
  protected setting: Setting
  protected rules: readonly FieldRule[]
  protected readonly acts = new Acts()
  protected readonly couples = new Set<Couple>()
  protected readonly singles = new Map<string, Single>()
  /** Pairs that somebody has asked to be coupled; the last word counts. */
  protected asked: (Readonly<Record<Side, RecordKey>> & { readonly isLast: boolean })[] = []
  protected policies: Set<DeletionPolicy>
  protected complaints: string[] = []
  protected isAtWork = false
  protected isCreating = false
  /** Fields whose rules have been changed since the last rest, and whether the filter was. */
  protected readonly rewritten = new Set<string>()
  protected isRefiltered = false

  constructor(setting: Setting) {
    this.setting = setting
    this.rules = rulesOf(setting)
    this.policies = new Set([setting.deletionConflict])
  }

  observe(act: Act): void {
    this.acts.add(act, this.isAtWork)
    const known = this.singles.get(nameOf(act.side, act.key))
    if (known && 'status' in act.values) known.isLeftOut = false
    if (act.kind !== 'insert') return
    const mustBeCreated = !this.setting.onlyCoupled
    const mayBeCreated = mustBeCreated || this.isCreating
    const { side, key } = act
    const isLeftOut = false
    this.#addSingle({ side, key, mayBeCreated, mustBeCreated, isRemembered: false, isLeftOut })
  }

  /** Couplet begins to work: what happens from now on may fall in between. */
  begin(run: { readonly createsMissing: boolean }): void {
    this.isAtWork = true
    if (!run.createsMissing) return
    this.isCreating = true
    for (const single of this.singles.values()) {
      if (single.isRemembered) continue
      single.mayBeCreated = true
      single.mustBeCreated = true
    }
  }

  /** A record that was asked for may be created, if it is still there when its turn comes. */
  request(side: Side, key: RecordKey): void {
    const single = this.singles.get(nameOf(side, key))
    if (single) single.mayBeCreated = true
    this.#coupleOf(side, key)?.mayGetAnother.add(side)
  }

  /** Somebody has edited the mapping. Rules that have changed begin anew in every couple. */
  change(to: Change): void {
    const before = new Map(this.rules.map((rule) => [rule.local, JSON.stringify(rule)]))
    this.setting = { ...this.setting, ...to }
    this.rules = rulesOf(this.setting)
    this.policies.add(this.setting.deletionConflict)
    const changed = this.rules.filter((rule) => before.get(rule.local) !== JSON.stringify(rule))
    for (const { local } of changed) {
      this.rewritten.add(local)
      for (const { anew } of this.couples) anew.add(local)
    }
    if (to.filtered !== undefined) this.isRefiltered = true
    for (const single of this.singles.values()) {
      single.isLeftOut &&= to.filtered === undefined
      if (to.onlyCoupled === false && !single.isRemembered) single.mayBeCreated = true
    }
  }

  /** Somebody has asked for two records to be coupled. */
  couple(local: RecordKey, remote: RecordKey): void {
    const isOther = (each: Readonly<Record<Side, RecordKey>>) =>
      each.local !== local && each.remote !== remote
    this.asked = this.asked.map((each) => ({ ...each, isLast: each.isLast && isOther(each) }))
    this.asked.push({ local, remote, isLast: true })
    for (const couple of [this.#coupleOf('local', local), this.#coupleOf('remote', remote)])
      if (couple && !isOf(couple, { local: { key: local }, remote: { key: remote } })) couple.isGivenUp = true
  }

  /** Somebody has asked for a record to be uncoupled. */
  uncouple(side: Side, key: RecordKey): void {
    const couple = this.#coupleOf(side, key)
    couple?.mayGetAnother.clear()
    if (couple) couple.isGivenUp = true
    this.asked = this.asked.map((each) => ({ ...each, isLast: each.isLast && each[side] !== key }))
  }

  /** Somebody has decided about a field of the couple of this local record. */
  decide(key: RecordKey, field: string, decision: Decision): void {
    this.#coupleOf('local', key)?.decisions.set(field, decision)
  }

  /** Somebody has said what is to be done about a couple that has lost a record. */
  choose(side: Side, key: RecordKey, choice: DeletionChoice): void {
    this.#coupleOf(side, key)?.choices.add(choice)
  }

  /** The value both sides agreed on last. */
  agreed(side: Side, key: RecordKey, field: string): Value | undefined {
    return this.#coupleOf(side, key)?.fields.get(field)?.agreed?.[side]
  }

  /** The records it may be coupled with, as far as is known. */
  partnersOf(side: Side, key: RecordKey): readonly RecordKey[] {
    return [...(this.#coupleOf(side, key)?.keys[otherSide[side]] ?? [])]
  }

  /** The records that nobody has coupled, as far as is known. */
  singleKeys(side: Side): readonly RecordKey[] {
    return [...this.singles.values()].filter((single) => single.side === side).map(({ key }) => key)
  }

  #coupleOf(side: Side, key: RecordKey): Couple | undefined {
    return [...this.couples].find(({ keys }) => keys[side].has(key))
  }

  /** Takes note of couplings that have come about, or have changed, since it has last looked. */
  learn({ couplings, tables }: Pick<Reality, 'couplings' | 'tables'>): void {
    this.complaints.push(...this.recognise(couplings, tables))
  }

  protected recognise(couplings: readonly Coupling[], tables: Reality['tables']): readonly string[] {
    const complaints: string[] = []
    for (const couple of this.couples) {
      this.#learnKeys(couple)
      if (couplings.some((coupling) => isOf(couple, coupling))) continue
      const half = couplings.find((each) => sides.some((side) => couple.keys[side].has(each[side].key)))
      if (half && this.#isRestored(couple, half)) this.beginAnew(couple, half)
      else complaints.push(...this.#end(couple, couplings, tables))
    }
    for (const coupling of couplings)
      if (![...this.couples].some((couple) => isOf(couple, coupling)))
        complaints.push(...this.#addCouple(coupling))
    return complaints
  }

  #isRestored(couple: Couple, half: Coupling): boolean {
    return sides.some(
      (side) =>
        !couple.keys[side].has(half[side].key) &&
        this.acts.isDeleted(side, couple.keys[side]) &&
        mayBe(couple, 'restore', this.deletionView()),
    )
  }

  protected beginAnew(couple: Couple, { local, remote }: Coupling): void {
    couple.keys.local.add(local.key)
    couple.keys.remote.add(remote.key)
    couple.choices.clear()
    couple.isLost = false
    for (const rule of this.rules) couple.anew.add(rule.local)
  }

  /** What is left of a couple that has ended are records like any others, but for the memory of it. */
  #end(couple: Couple, couplings: readonly Coupling[], tables: Reality['tables']): readonly string[] {
    this.couples.delete(couple)
    const survivors = survivorsOf(couple, tables)
    const complaints = [...compareEnd(couple, survivors, this.deletionView())]
    for (const survivor of survivors) {
      const { side, key, values } = survivor
      const hasAnother = couplings.some((coupling) => coupling[side].key === key)
      if (!hasAnother) complaints.push(...compareSurvivor(couple, this.rules, this.acts, survivor))
      this.keep(side, key, values, couple.mayGetAnother.has(side))
    }
    return complaints
  }

  /** A record that stands alone for now, and gets no partner without being asked for. */
  protected keep(side: Side, key: RecordKey, values: Values, mayBeCreated: boolean): void {
    const { modified: _modified, ...given } = values
    const act = { at: 0, side, key, kind: 'insert', values: given, before: {}, stored: values } as const
    this.acts.add(act, false)
    const flags = { mustBeCreated: false, isRemembered: true, isLeftOut: false }
    this.#addSingle({ side, key, mayBeCreated, ...flags })
  }

  #addSingle(single: Single): void {
    this.singles.set(nameOf(single.side, single.key), single)
  }

  /** Somebody's record and the one that was made for it, or two that somebody has asked to be coupled. */
  #addCouple({ local, remote }: Coupling): readonly string[] {
    const couple: Couple = {
      keys: { local: new Set([local.key]), remote: new Set([remote.key]) },
      fields: new Map(),
      decisions: new Map(),
      anew: new Set(),
      choices: new Set(),
      isGivenUp: false,
      isLost: false,
      isLeftOut: false,
      mayGetAnother: new Set(),
    }
    this.#learnKeys(couple)
    this.couples.add(couple)
    const made = [...this.singles.values()].filter(({ side, key }) => couple.keys[side].has(key))
    for (const { side, key } of made) this.singles.delete(nameOf(side, key))
    if (made.length === 2 || made.some(({ isRemembered }) => isRemembered))
      for (const rule of this.rules) couple.anew.add(rule.local)
    const isAsked = this.asked.some((each) => each.local === local.key && each.remote === remote.key)
    if (made.length === 2 && isAsked) return []
    const unasked = made.filter(({ mayBeCreated, isLeftOut: isOut }) => !mayBeCreated || isOut)
    return [
      ...(made.length === 1
        ? []
        : [`P3: ${local.key} and ${remote.key} are coupled, ${made.length} of them made by users`]),
      ...unasked.map(
        ({ side, key }) => `a counterpart of ${side} ${key} was created, and nobody had allowed it`,
      ),
    ]
  }

  /** Where the number of the local record is the key of the remote one, a new number is a new key. */
  #learnKeys({ keys }: Couple): void {
    if (this.setting.remoteKeys !== 'mapped') return
    // The local record may have got its number from the remote one that it was made for.
    const numbers = this.acts
      .on('local', keys.local)
      .flatMap(({ stored, before }) => [stored['number'], before['number']])
    for (const number of numbers)
      if (number && !this.singles.has(nameOf('remote', number))) keys.remote.add(number)
  }

  protected reads(side: Side): boolean {
    const { direction } = this.setting
    return direction === 'Bidirectional' || (direction === 'ToIntegrationTable') === (side === 'local')
  }

  protected deletionView(): DeletionView {
    const writes = (side: Side) => this.reads(otherSide[side])
    return { policies: this.policies, acts: this.acts, rules: this.rules, writes }
  }
}
