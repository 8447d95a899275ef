import type { Coupling } from '../../src/core/coupling/coupling.ts'
import type { Side } from '../../src/core/mapping/definition.ts'
import type { Issue } from '../../src/core/sync/issue.ts'
import type { RecordKey } from '../../src/core/values/key.ts'
import type { Act } from './people.ts'
import { nameOf } from './reference-acts.ts'
import { ReferenceBooks } from './reference-books.ts'
import {
  type CoupleView,
  compareFields,
  compareSurvivor,
  historyOf,
  isOf,
  otherSide,
  type Reality,
  sides,
} from './reference-couple.ts'
import { compareGone, mayBe, mayStay, survivorsOf } from './reference-deletion.ts'
import { compareSingle } from './reference-single.ts'
import { isKeyedByNumber, isLeftOut } from './scenario.ts'

/**
 * What must be true of two tables and their couplings, whatever has happened on the way: told from what the users of
 * both sides have done, which runs were asked for, and what people have said about couplings. It knows nothing of pages,
 * crashes, leases or versions.
 */
export class ReferenceModel extends ReferenceBooks {
  /** Everything that is wrong with what there is; when nothing is, it is what the next steps begin with. */
  compare(reality: Reality): readonly string[] {
    const complaints = [
      ...this.complaints.splice(0),
      ...this.recognise(reality.couplings, reality.tables),
      ...this.#compareTwice(reality.couplings),
      ...reality.couplings.flatMap((coupling) => this.#compareCouple(coupling, reality)),
      ...this.#compareSingles(reality),
      ...this.#compareIssues(reality),
    ]
    this.rewritten.clear()
    this.isRefiltered = false
    this.acts.rest((name) => this.singles.has(name))
    this.asked = []
    this.policies = new Set([this.setting.deletionConflict])
    this.isAtWork = false
    this.isCreating = false
    return complaints
  }

  #compareTwice(couplings: readonly Coupling[]): readonly string[] {
    return sides.flatMap((side) => {
      const keys = couplings.map((coupling) => coupling[side].key)
      const twice = keys.filter((key, index) => keys.indexOf(key) < index)
      return twice.map((key) => `P3: ${side} ${key} is coupled twice`)
    })
  }

  #compareCouple(coupling: Coupling, reality: Reality): readonly string[] {
    const couple = [...this.couples].find((each) => isOf(each, coupling))
    if (!couple) return []
    const { tables, issues } = reality
    const open = issues.filter(
      ({ direction, key }) => key === coupling[direction === 'to' ? 'local' : 'remote'].key,
    )
    const view = { coupling, couple, acts: this.acts, reality, rules: this.rules, open }
    const lost = sides.filter((side) => !tables[side].has(coupling[side].key))
    if (lost.length > 0) return this.#compareLost(view, lost)
    const isAgain = sides.some((side) => this.acts.on(side, couple.keys[side]).some(isDelete))
    if ((isAgain || couple.isLost) && mayBe(couple, 'restore', this.deletionView()))
      this.beginAnew(couple, coupling)
    this.#loosen(view)
    const { complaints, conflicts } = compareFields(view)
    return [...complaints, ...this.#compareOpen(view, [], conflicts)]
  }

  /** What has been outside of the filter, or follows other rules than before, begins anew. */
  #loosen({ coupling, couple, acts, reality: { tables } }: CoupleView): void {
    const { filtered: side } = this.setting
    for (const field of this.rewritten) couple.anew.add(field)
    const wasLeftOut = couple.isLeftOut
    couple.isLeftOut =
      side !== null && isLeftOut(this.setting, side, tables[side].get(coupling[side].key)?.values ?? {})
    const hasMoved =
      side !== null && acts.on(side, couple.keys[side]).some(({ stored }) => stored['status'] === 'text:out')
    if (!couple.isLeftOut && !wasLeftOut && !hasMoved && !this.isRefiltered) return
    for (const rule of this.rules) couple.anew.add(rule.local)
  }

  /** A couple that has lost a record, or both. */
  #compareLost(view: CoupleView, lost: readonly Side[]): readonly string[] {
    const { coupling, couple, reality, open } = view
    const deletions = this.deletionView()
    const complaints = [...compareGone(couple, lost, deletions)]
    const [survivor] = survivorsOf(couple, reality.tables)
    if (survivor) {
      complaints.push(...compareSurvivor(couple, this.rules, this.acts, survivor))
      const isOut = isLeftOut(this.setting, survivor.side, survivor.values)
      const isFound = reality.isComplete && this.reads(survivor.side) && !isOut
      const pair = `${coupling.local.key} and ${coupling.remote.key}`
      if (isFound && open.length === 0) complaints.push(`${pair}: one is gone, and nobody is told`)
      if (isFound && !mayStay(couple, survivor, deletions))
        complaints.push(`${pair}: one is gone, and nothing is done about it`)
    }
    couple.isLost = true
    for (const rule of this.rules) couple.fields.set(rule.local, historyOf(couple, rule, this.acts, lost))
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
        ...Object.fromEntries(refusals.map((each) => [each, isRefused || isLost])),
        COUPLED_TO_DELETED: isLost,
        DELETED_ON_ONE_SIDE: isLost,
      }
      return causes[code] === true ? [] : [`${pair}: the issue ${code} (${direction}) has no cause`]
    })
    const isTold = conflicts.length === 0 || open.length > 0
    return isTold ? complaints : [...complaints, `P4: ${pair} are in conflict, and nobody is told`]
  }

  /** Records nobody has coupled are as their users left them; there are no others. */
  #compareSingles({ tables, couplings, issues, isComplete }: Reality): readonly string[] {
    const complaints: string[] = []
    for (const side of sides) {
      const coupled = new Set(couplings.map((coupling) => coupling[side].key))
      for (const [key, { values }] of tables[side]) {
        if (coupled.has(key)) continue
        const single = this.singles.get(nameOf(side, key))
        const isOut = isLeftOut(this.setting, side, values)
        const mustBeFound = this.reads(side) && !isOut && (isComplete || !this.setting.onlyCoupled)
        if (single) single.isLeftOut = isOut
        if (single) complaints.push(...compareSingle(single, values, this.acts, issues, mustBeFound))
        else if (this.#isUnproven(side, key, tables)) this.keep(side, key, values, true)
        else complaints.push(`P3: ${side} ${key} was made by Couplet, and stands alone`)
      }
    }
    for (const [name, { side, key }] of this.singles) {
      if (tables[side].has(key)) continue
      if (!this.acts.isDeleted(side, [key])) complaints.push(`P9: ${name} is gone, and nobody has deleted it`)
      this.singles.delete(name)
    }
    return [...complaints, ...this.#compareAsked()]
  }

  /** Made by a creation whose answer was lost, and edited before it was recognised: by its number alone it may be anybody's. */
  #isUnproven(side: Side, key: RecordKey, tables: Reality['tables']): boolean {
    if (!isKeyedByNumber(this.setting, side)) return false
    const isEdited = this.acts.on(side, new Set([key])).length > 0
    const number = tables[side].get(key)?.values['number']
    const other = otherSide[side]
    const namesakes = [...tables[other]].filter(([, { values }]) => values['number'] === number)
    return isEdited && namesakes.every(([each]) => this.singles.has(nameOf(other, each)))
  }

  #compareAsked(): readonly string[] {
    // Who is outside of the filter by then is not coupled.
    if (this.setting.filtered !== null || this.isRefiltered) return []
    const isLeft = (side: Side, key: RecordKey) => this.singles.has(nameOf(side, key))
    return this.asked
      .filter(({ local, remote, isLast }) => isLast && isLeft('local', local) && isLeft('remote', remote))
      .map(({ local, remote }) => `P4: ${local} and ${remote} were to be coupled, and are not`)
  }

  #compareIssues({ issues, couplings, tables }: Reality): readonly string[] {
    return issues.flatMap(({ direction, key, code }: Issue) => {
      const side = direction === 'to' ? 'local' : 'remote'
      if (couplings.some((coupling) => coupling[side].key === key)) return []
      // Nobody looks any more at a record that has gone and is not coupled.
      if (!tables[side].has(key)) return []
      const single = this.singles.get(nameOf(side, key))
      const isNumbered = sides.some((each) => isKeyedByNumber(this.setting, each))
      const codes = [
        ...refusals,
        ...(single?.isRemembered ? ['UNCOUPLED_BEFORE'] : []),
        ...(isNumbered ? ['POSSIBLE_DUPLICATE'] : []),
      ]
      if (single && codes.includes(code)) return []
      return [`the issue ${code} (${direction}) of ${key} is about nothing`]
    })
  }
}

/** What Couplet says where a system does not take a value, in the words of that system. */
const refusals = ['VALUE_REFUSED', 'INSERT_FAILED', 'MODIFY_FAILED']

const isDelete = ({ kind }: Act) => kind === 'delete'
