import type { Coupling } from '../../src/core/coupling/coupling.ts'
import type { Side } from '../../src/core/mapping/definition.ts'
import type { DeletionChoice } from '../../src/core/sync/deletion.ts'
import type { Issue } from '../../src/core/sync/issue.ts'
import type { RecordKey } from '../../src/core/values/key.ts'
import type { Value, Values } from '../../src/core/values/value.ts'
import type { Act } from './people.ts'
import { Acts, nameOf } from './reference-acts.ts'
import {
  type Couple,
  type CoupleView,
  compareFields,
  compareSurvivor,
  historyOf,
  isOf,
  otherSide,
  type Reality,
  type Single,
  sides,
} from './reference-couple.ts'
import {
  compareEnd,
  compareGone,
  type DeletionView,
  mayBe,
  mayStay,
  survivorsOf,
} from './reference-deletion.ts'
import type { Decision } from './reference-field.ts'
import { compareSingle } from './reference-single.ts'
import {
  type Change,
  type DeletionPolicy,
  type FieldRule,
  isLeftOut,
  rulesOf,
  type Setting,
} from './scenario.ts'

/**
 * What must be true of two tables and their couplings, whatever has happened on the way: told from what the users of
 * both sides have done, which runs were asked for, and what people have said about couplings. It knows nothing of pages,
 * crashes, leases or versions.
 */
export class ReferenceModel {
  #setting: Setting
  #rules: readonly FieldRule[]
  readonly #acts = new Acts()
  readonly #couples = new Set<Couple>()
  readonly #singles = new Map<string, Single>()
  /** Pairs that somebody has asked to be coupled; the last word counts. */
  #asked: (Readonly<Record<Side, RecordKey>> & { readonly isLast: boolean })[] = []
  #policies: Set<DeletionPolicy>
  #complaints: string[] = []
  #isAtWork = false
  #isCreating = false
  /** Fields whose rules have been changed since the last rest, and whether the filter was. */
  readonly #rewritten = new Set<string>()
  #isRefiltered = false

  constructor(setting: Setting) {
    this.#setting = setting
    this.#rules = rulesOf(setting)
    this.#policies = new Set([setting.deletionConflict])
  }

  observe(act: Act): void {
    this.#acts.add(act, this.#isAtWork)
    const known = this.#singles.get(nameOf(act.side, act.key))
    if (known && 'status' in act.values) known.isLeftOut = false
    if (act.kind !== 'insert') return
    const mustBeCreated = !this.#setting.onlyCoupled
    const mayBeCreated = mustBeCreated || this.#isCreating
    const { side, key } = act
    const isLeftOut = false
    this.#addSingle({ side, key, mayBeCreated, mustBeCreated, isRemembered: false, isLeftOut })
  }

  /** Couplet begins to work: what happens from now on may fall in between. */
  begin(run: { readonly createsMissing: boolean }): void {
    this.#isAtWork = true
    if (!run.createsMissing) return
    this.#isCreating = true
    for (const single of this.#singles.values()) {
      if (single.isRemembered) continue
      single.mayBeCreated = true
      single.mustBeCreated = true
    }
  }

  /** A record that was asked for may be created, if it is still there when its turn comes. */
  request(side: Side, key: RecordKey): void {
    const single = this.#singles.get(nameOf(side, key))
    if (single) single.mayBeCreated = true
    this.#coupleOf(side, key)?.mayGetAnother.add(side)
  }

  /** Somebody has edited the mapping. Rules that have changed begin anew in every couple. */
  change(to: Change): void {
    const before = new Map(this.#rules.map((rule) => [rule.local, JSON.stringify(rule)]))
    this.#setting = { ...this.#setting, ...to }
    this.#rules = rulesOf(this.#setting)
    this.#policies.add(this.#setting.deletionConflict)
    const changed = this.#rules.filter((rule) => before.get(rule.local) !== JSON.stringify(rule))
    for (const { local } of changed) this.#rewritten.add(local)
    if (to.filtered !== undefined) this.#isRefiltered = true
    for (const single of this.#singles.values()) {
      single.isLeftOut &&= to.filtered === undefined
      if (to.onlyCoupled === false && !single.isRemembered) single.mayBeCreated = true
    }
  }

  /** Somebody has asked for two records to be coupled. */
  couple(local: RecordKey, remote: RecordKey): void {
    const isOther = (each: Readonly<Record<Side, RecordKey>>) =>
      each.local !== local && each.remote !== remote
    this.#asked = this.#asked.map((each) => ({ ...each, isLast: each.isLast && isOther(each) }))
    this.#asked.push({ local, remote, isLast: true })
    for (const couple of [this.#coupleOf('local', local), this.#coupleOf('remote', remote)])
      if (couple && !isOf(couple, { local: { key: local }, remote: { key: remote } })) couple.isGivenUp = true
  }

  /** Somebody has asked for a record to be uncoupled. */
  uncouple(side: Side, key: RecordKey): void {
    const couple = this.#coupleOf(side, key)
    couple?.mayGetAnother.clear()
    if (couple) couple.isGivenUp = true
    this.#asked = this.#asked.map((each) => ({ ...each, isLast: each.isLast && each[side] !== key }))
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
  singles(side: Side): readonly RecordKey[] {
    return [...this.#singles.values()].filter((single) => single.side === side).map(({ key }) => key)
  }

  #coupleOf(side: Side, key: RecordKey): Couple | undefined {
    return [...this.#couples].find(({ keys }) => keys[side].has(key))
  }

  /** Takes note of couplings that have come about, or have changed, since it has last looked. */
  learn({ couplings, tables }: Pick<Reality, 'couplings' | 'tables'>): void {
    this.#complaints.push(...this.#recognise(couplings, tables))
  }

  /** Everything that is wrong with what there is; when nothing is, it is what the next steps begin with. */
  compare(reality: Reality): readonly string[] {
    const complaints = [
      ...this.#complaints.splice(0),
      ...this.#recognise(reality.couplings, reality.tables),
      ...this.#compareTwice(reality.couplings),
      ...reality.couplings.flatMap((coupling) => this.#compareCouple(coupling, reality)),
      ...this.#compareSingles(reality),
      ...this.#compareIssues(reality),
    ]
    this.#rewritten.clear()
    this.#isRefiltered = false
    this.#acts.rest((name) => this.#singles.has(name))
    this.#asked = []
    this.#policies = new Set([this.#setting.deletionConflict])
    this.#isAtWork = false
    this.#isCreating = false
    return complaints
  }

  #recognise(couplings: readonly Coupling[], tables: Reality['tables']): readonly string[] {
    const complaints: string[] = []
    for (const couple of this.#couples) {
      this.#learnKeys(couple)
      if (couplings.some((coupling) => isOf(couple, coupling))) continue
      const half = couplings.find((each) => sides.some((side) => couple.keys[side].has(each[side].key)))
      if (half && this.#isRestored(couple, half)) this.#beginAnew(couple, half)
      else complaints.push(...this.#end(couple, couplings, tables))
    }
    for (const coupling of couplings)
      if (![...this.#couples].some((couple) => isOf(couple, coupling)))
        complaints.push(...this.#addCouple(coupling))
    return complaints
  }

  #isRestored(couple: Couple, half: Coupling): boolean {
    return sides.some(
      (side) =>
        !couple.keys[side].has(half[side].key) &&
        this.#acts.isDeleted(side, couple.keys[side]) &&
        mayBe(couple, 'restore', this.#deletionView()),
    )
  }

  #beginAnew(couple: Couple, { local, remote }: Coupling): void {
    couple.keys.local.add(local.key)
    couple.keys.remote.add(remote.key)
    couple.choices.clear()
    couple.isLost = false
    for (const rule of this.#rules) couple.anew.add(rule.local)
  }

  /** What is left of a couple that has ended are records like any others, but for the memory of it. */
  #end(couple: Couple, couplings: readonly Coupling[], tables: Reality['tables']): readonly string[] {
    this.#couples.delete(couple)
    const survivors = survivorsOf(couple, tables)
    const complaints = [...compareEnd(couple, survivors, this.#deletionView())]
    for (const survivor of survivors) {
      const { side, key, values } = survivor
      const hasAnother = couplings.some((coupling) => coupling[side].key === key)
      if (!hasAnother) complaints.push(...compareSurvivor(couple, this.#rules, this.#acts, survivor))
      this.#keep(side, key, values, couple.mayGetAnother.has(side))
    }
    return complaints
  }

  /** A record that stands alone for now, and gets no partner without being asked for. */
  #keep(side: Side, key: RecordKey, values: Values, mayBeCreated: boolean): void {
    const { modified: _modified, ...given } = values
    const act = { at: 0, side, key, kind: 'insert', values: given, before: {}, stored: values } as const
    this.#acts.add(act, false)
    const flags = { mustBeCreated: false, isRemembered: true, isLeftOut: false }
    this.#addSingle({ side, key, mayBeCreated, ...flags })
  }

  /** Made by a creation whose answer was lost, and edited before it was recognised: by its number alone it may be anybody's. */
  #isUnproven(side: Side, key: RecordKey, tables: Reality['tables']): boolean {
    if (side === 'local' || this.#setting.remoteKeys !== 'mapped') return false
    const isEdited = this.#acts.on(side, new Set([key])).length > 0
    const namesakes = [...tables.local].filter(([, { values }]) => values['number'] === key)
    return isEdited && namesakes.every(([local]) => this.#singles.has(nameOf('local', local)))
  }

  #addSingle(single: Single): void {
    this.#singles.set(nameOf(single.side, single.key), single)
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
    this.#couples.add(couple)
    const made = [...this.#singles.values()].filter(({ side, key }) => couple.keys[side].has(key))
    for (const { side, key } of made) this.#singles.delete(nameOf(side, key))
    if (made.length === 2 || made.some(({ isRemembered }) => isRemembered))
      for (const rule of this.#rules) couple.anew.add(rule.local)
    const isAsked = this.#asked.some((each) => each.local === local.key && each.remote === remote.key)
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
    if (this.#setting.remoteKeys !== 'mapped') return
    // The local record may have got its number from the remote one that it was made for.
    const numbers = this.#acts
      .on('local', keys.local)
      .flatMap(({ stored, before }) => [stored['number'], before['number']])
    for (const number of numbers)
      if (number && !this.#singles.has(nameOf('remote', number))) keys.remote.add(number)
  }

  #compareTwice(couplings: readonly Coupling[]): readonly string[] {
    return sides.flatMap((side) => {
      const keys = couplings.map((coupling) => coupling[side].key)
      const twice = keys.filter((key, index) => keys.indexOf(key) < index)
      return twice.map((key) => `P3: ${side} ${key} is coupled twice`)
    })
  }

  #compareCouple(coupling: Coupling, reality: Reality): readonly string[] {
    const couple = [...this.#couples].find((each) => isOf(each, coupling))
    if (!couple) return []
    const { tables, issues } = reality
    const open = issues.filter(
      ({ direction, key }) => key === coupling[direction === 'to' ? 'local' : 'remote'].key,
    )
    const view = { coupling, couple, acts: this.#acts, reality, rules: this.#rules, open }
    const lost = sides.filter((side) => !tables[side].has(coupling[side].key))
    if (lost.length > 0) return this.#compareLost(view, lost)
    const isAgain = sides.some((side) => this.#acts.on(side, couple.keys[side]).some(isDelete))
    if ((isAgain || couple.isLost) && mayBe(couple, 'restore', this.#deletionView()))
      this.#beginAnew(couple, coupling)
    this.#loosen(view)
    const { complaints, conflicts } = compareFields(view)
    return [...complaints, ...this.#compareOpen(view, [], conflicts)]
  }

  /** What has been outside of the filter, or follows other rules than before, begins anew. */
  #loosen({ coupling, couple, acts, reality: { tables } }: CoupleView): void {
    const { filtered: side } = this.#setting
    for (const field of this.#rewritten) couple.anew.add(field)
    const wasLeftOut = couple.isLeftOut
    couple.isLeftOut =
      side !== null && isLeftOut(this.#setting, side, tables[side].get(coupling[side].key)?.values ?? {})
    const hasMoved =
      side !== null && acts.on(side, couple.keys[side]).some(({ stored }) => stored['status'] === 'text:out')
    if (!couple.isLeftOut && !wasLeftOut && !hasMoved && !this.#isRefiltered) return
    for (const rule of this.#rules) couple.anew.add(rule.local)
  }

  /** A couple that has lost a record, or both. */
  #compareLost(view: CoupleView, lost: readonly Side[]): readonly string[] {
    const { coupling, couple, reality, open } = view
    const deletions = this.#deletionView()
    const complaints = [...compareGone(couple, lost, deletions)]
    const [survivor] = survivorsOf(couple, reality.tables)
    if (survivor) {
      complaints.push(...compareSurvivor(couple, this.#rules, this.#acts, survivor))
      const isOut = isLeftOut(this.#setting, survivor.side, survivor.values)
      const isFound = reality.isComplete && this.#reads(survivor.side) && !isOut
      const pair = `${coupling.local.key} and ${coupling.remote.key}`
      if (isFound && open.length === 0) complaints.push(`${pair}: one is gone, and nobody is told`)
      if (isFound && !mayStay(couple, survivor, deletions))
        complaints.push(`${pair}: one is gone, and nothing is done about it`)
    }
    couple.isLost = true
    for (const rule of this.#rules) couple.fields.set(rule.local, historyOf(couple, rule, this.#acts, lost))
    return [...complaints, ...this.#compareOpen(view, lost, [])]
  }

  /** Every issue of a pair has its cause, and every conflict its issue. */
  #compareOpen(view: CoupleView, lost: readonly Side[], conflicts: readonly string[]): readonly string[] {
    const { coupling, couple, open, reality } = view
    const pair = `${coupling.local.key} and ${coupling.remote.key}`
    const isBothEdited = [...couple.fields.values()].some(
      ({ edits }) => edits.local.length > 0 && edits.remote.length > 0,
    )
    const isLost = lost.length > 0
    const complaints = open.flatMap(({ code, direction }) => {
      const source = direction === 'to' ? 'local' : 'remote'
      const values = Object.values(reality.tables[source].get(coupling[source].key)?.values ?? {})
      const isRefused = values.some((value) => value?.startsWith(`text:not for ${otherSide[source]}`))
      const causes: Readonly<Record<string, boolean>> = {
        CONFLICT_BOTH_CHANGED: conflicts.length > 0 || isBothEdited || isLost || couple.anew.size > 0,
        VALUE_REFUSED: isRefused || isLost,
        COUPLED_TO_DELETED: isLost,
        DELETED_ON_ONE_SIDE: isLost,
      }
      return causes[code] === true ? [] : [`${pair}: the issue ${code} (${direction}) has no cause`]
    })
    const isTold = conflicts.length === 0 || open.length > 0
    return isTold ? complaints : [...complaints, `P4: ${pair} are in conflict, and nobody is told`]
  }

  #reads(side: Side): boolean {
    const { direction } = this.#setting
    return direction === 'Bidirectional' || (direction === 'ToIntegrationTable') === (side === 'local')
  }

  #deletionView(): DeletionView {
    const writes = (side: Side) => this.#reads(otherSide[side])
    return { policies: this.#policies, acts: this.#acts, rules: this.#rules, writes }
  }

  /** Records nobody has coupled are as their users left them; there are no others. */
  #compareSingles({ tables, couplings, issues, isComplete }: Reality): readonly string[] {
    const complaints: string[] = []
    for (const side of sides) {
      const coupled = new Set(couplings.map((coupling) => coupling[side].key))
      for (const [key, { values }] of tables[side]) {
        if (coupled.has(key)) continue
        const single = this.#singles.get(nameOf(side, key))
        const isOut = isLeftOut(this.#setting, side, values)
        const mustBeFound = this.#reads(side) && !isOut && (isComplete || !this.#setting.onlyCoupled)
        if (single) single.isLeftOut = isOut
        if (single) complaints.push(...compareSingle(single, values, this.#acts, issues, mustBeFound))
        else if (this.#isUnproven(side, key, tables)) this.#keep(side, key, values, true)
        else complaints.push(`P3: ${side} ${key} was made by Couplet, and stands alone`)
      }
    }
    for (const [name, { side, key }] of this.#singles) {
      if (tables[side].has(key)) continue
      if (!this.#acts.isDeleted(side, [key]))
        complaints.push(`P9: ${name} is gone, and nobody has deleted it`)
      this.#singles.delete(name)
    }
    return [...complaints, ...this.#compareAsked()]
  }

  #compareAsked(): readonly string[] {
    // Who is outside of the filter by then is not coupled.
    if (this.#setting.filtered !== null || this.#isRefiltered) return []
    const isLeft = (side: Side, key: RecordKey) => this.#singles.has(nameOf(side, key))
    return this.#asked
      .filter(({ local, remote, isLast }) => isLast && isLeft('local', local) && isLeft('remote', remote))
      .map(({ local, remote }) => `P4: ${local} and ${remote} were to be coupled, and are not`)
  }

  #compareIssues({ issues, couplings, tables }: Reality): readonly string[] {
    return issues.flatMap(({ direction, key, code }: Issue) => {
      const side = direction === 'to' ? 'local' : 'remote'
      if (couplings.some((coupling) => coupling[side].key === key)) return []
      // Nobody looks any more at a record that has gone and is not coupled.
      if (!tables[side].has(key)) return []
      const single = this.#singles.get(nameOf(side, key))
      const isNumbered = this.#setting.remoteKeys === 'mapped'
      const codes = [
        'VALUE_REFUSED',
        ...(single?.isRemembered ? ['UNCOUPLED_BEFORE'] : []),
        ...(isNumbered ? ['POSSIBLE_DUPLICATE'] : []),
      ]
      if (single && codes.includes(code)) return []
      return [`the issue ${code} (${direction}) of ${key} is about nothing`]
    })
  }
}

const isDelete = ({ kind }: Act) => kind === 'delete'
