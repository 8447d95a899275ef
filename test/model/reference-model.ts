import type { Coupling } from '../../src/core/coupling/coupling.ts'
import type { Side } from '../../src/core/mapping/definition.ts'
import type { Issue } from '../../src/core/sync/issue.ts'
import type { RecordKey } from '../../src/core/values/key.ts'
import type { Value, Values } from '../../src/core/values/value.ts'
import type { Act } from './people.ts'
import { type Edit, endingsOf, type FieldHistory } from './reference-field.ts'
import { describe, editOf, type LateAct, pick, prompt, settled } from './reference-history.ts'
import { type FieldRule, rulesOf, type Setting } from './scenario.ts'

/** What there is when everything has come to rest. */
export interface Reality {
  readonly tables: Readonly<Record<Side, ReadonlyMap<RecordKey, { readonly values: Values }>>>
  readonly couplings: readonly Coupling[]
  readonly issues: readonly Issue[]
  /** A pass over everything has been done since the last change of anybody. */
  readonly isComplete: boolean
}

/** A record that nobody has coupled. */
interface Single {
  readonly side: Side
  readonly key: RecordKey
  mayBeCreated: boolean
  mustBeCreated: boolean
}

/** `keys`: every key the two records have had; that of a remote record may be a mapped field like any other. */
interface Couple {
  readonly keys: Readonly<Record<Side, Set<RecordKey>>>
  readonly fields: Map<string, FieldHistory>
}

const sides = ['local', 'remote'] as const
const other = { local: 'remote', remote: 'local' } as const
const directionFrom = { local: 'to', remote: 'from' } as const
const nameOf = (side: Side, key: RecordKey) => `${side}/${key}`

/**
 * What must be true of two tables and their couplings, whatever has happened on the way: told from what the users of
 * both sides have done and which runs were asked for. It knows nothing of pages, crashes, leases or versions.
 */
export class ReferenceModel {
  readonly #setting: Setting
  readonly #rules: readonly FieldRule[]
  readonly #couples = new Map<string, Couple>()
  readonly #singles = new Map<string, Single>()
  #acts: LateAct[] = []
  #isAtWork = false
  #isCreating = false
  #onlyCoupled: boolean

  constructor(setting: Setting) {
    this.#setting = setting
    this.#rules = rulesOf(setting)
    this.#onlyCoupled = setting.onlyCoupled
  }

  observe(act: Act): void {
    this.#acts.push({ ...act, isLate: this.#isAtWork })
    const name = nameOf(act.side, act.key)
    if (act.kind === 'insert') {
      const mustBeCreated = !this.#onlyCoupled
      const mayBeCreated = mustBeCreated || this.#isCreating
      this.#singles.set(name, { side: act.side, key: act.key, mayBeCreated, mustBeCreated })
    }
  }

  /** Couplet begins to work: what happens from now on may fall in between. */
  begin(run: { readonly createsMissing: boolean }): void {
    this.#isAtWork = true
    if (!run.createsMissing) return
    this.#isCreating = true
    for (const single of this.#singles.values()) {
      single.mayBeCreated = true
      single.mustBeCreated = true
    }
  }

  /** A record that was asked for may be created, if it is still there when its turn comes. */
  request(side: Side, key: RecordKey): void {
    const single = this.#singles.get(nameOf(side, key))
    if (single) single.mayBeCreated = true
  }

  setOnlyCoupled(onlyCoupled: boolean): void {
    this.#onlyCoupled = onlyCoupled
    if (!onlyCoupled) for (const single of this.#singles.values()) single.mayBeCreated = true
  }

  /** The value both sides agreed on last. */
  agreed(side: Side, key: RecordKey, field: string): Value | undefined {
    return this.#coupleOf(side, key)?.fields.get(field)?.agreed?.[side]
  }

  /** The records it may be coupled with, as far as is known. */
  partnersOf(side: Side, key: RecordKey): readonly RecordKey[] {
    return [...(this.#coupleOf(side, key)?.keys[other[side]] ?? [])]
  }

  #coupleOf(side: Side, key: RecordKey): Couple | undefined {
    return [...this.#couples.values()].find(({ keys }) => keys[side].has(key))
  }

  /** Everything that is wrong with what there is; when nothing is, it is what the next steps begin with. */
  compare(reality: Reality): readonly string[] {
    const complaints = [
      ...this.#compareCouplings(reality),
      ...this.#compareSingles(reality),
      ...this.#compareIssues(reality),
    ]
    this.#acts = this.#acts
      .filter(({ side, key }) => this.#singles.has(nameOf(side, key)))
      .map((act) => ({ ...act, isLate: false }))
    this.#isAtWork = false
    this.#isCreating = false
    return complaints
  }

  #compareCouplings({ tables, couplings, issues, isComplete }: Reality): readonly string[] {
    const complaints: string[] = []
    const seen = { local: new Set<RecordKey>(), remote: new Set<RecordKey>() }
    for (const coupling of couplings) {
      for (const side of sides) {
        const { key } = coupling[side]
        if (seen[side].has(key)) complaints.push(`P3: ${side} ${key} is coupled twice`)
        seen[side].add(key)
      }
      complaints.push(...this.#compareCouple(coupling, tables, issues, isComplete))
    }
    for (const [key, { keys }] of this.#couples) {
      const coupling = couplings.find(({ local }) => local.key === key)
      // With both records deleted there is nothing left to be coupled.
      if (!coupling && this.#isEnded(keys, tables)) this.#couples.delete(key)
      else if (!coupling) complaints.push(`P4: the coupling of ${key} is gone`)
      else if (!keys.remote.has(coupling.remote.key))
        complaints.push(`P4: ${key} is coupled to ${coupling.remote.key}, and was to ${[...keys.remote]}`)
    }
    return complaints
  }

  #isEnded(keys: Couple['keys'], tables: Reality['tables']): boolean {
    return sides.every((side) => {
      const all = [...keys[side]]
      return all.some((key) => this.#isDeleted(side, key)) && !all.some((key) => tables[side].has(key))
    })
  }

  #compareCouple(
    coupling: Coupling,
    tables: Reality['tables'],
    issues: readonly Issue[],
    isComplete: boolean,
  ): readonly string[] {
    const complaints: string[] = []
    const known = this.#couples.get(coupling.local.key) ?? this.#newCouple(coupling, complaints)
    this.#learnKeys(known)
    this.#couples.set(coupling.local.key, known)
    const lost = sides.filter((side) => !tables[side].has(coupling[side].key))
    for (const side of lost)
      if (![...known.keys[side]].some((key) => this.#isDeleted(side, key)))
        complaints.push(`P9: ${side} ${coupling[side].key} is gone, and nobody has deleted it`)
    const open = issues.filter(
      ({ direction, key }) => key === coupling[direction === 'to' ? 'local' : 'remote'].key,
    )
    const conflicts: string[] = []
    for (const rule of this.#rules) {
      const history = this.#historyOf(known, rule, lost)
      if (lost.length > 0) {
        this.#compareSurvivor(rule, history, coupling, tables, complaints)
        known.fields.set(rule.local, history)
        continue
      }
      const now = {
        local: tables.local.get(coupling.local.key)?.values[rule.local] ?? null,
        remote: tables.remote.get(coupling.remote.key)?.values[rule.remote] ?? null,
      }
      const endings = endingsOf(history, { rule, winner: this.#winner(), isComplete }).filter(
        ({ waiting, kind }) =>
          (waiting === null ||
            open.some(({ direction, kind: of }) => direction === waiting || of === 'conflict')) &&
          (kind !== 'conflict' || open.some(({ kind: of }) => of === 'conflict')),
      )
      const found = endings.find(({ local, remote }) => local === now.local && remote === now.remote)
      if (!found) complaints.push(describe(rule, coupling, history, now, endings, open))
      if (found?.kind === 'conflict') conflicts.push(rule.local)
      known.fields.set(
        rule.local,
        found?.kind === 'carried' ? settled(rule, now, history) : prompt(history, found?.since),
      )
    }
    complaints.push(...this.#compareOpen(coupling, open, lost, known, conflicts, isComplete, tables))
    return complaints
  }

  /** Every issue of a pair has its cause, and every cause its issue. */
  #compareOpen(
    coupling: Coupling,
    open: readonly Issue[],
    lost: readonly Side[],
    couple: Couple,
    conflicts: readonly string[],
    isComplete: boolean,
    tables: Reality['tables'],
  ): readonly string[] {
    const pair = `${coupling.local.key} and ${coupling.remote.key}`
    const complaints: string[] = []
    const isBothEdited = [...couple.fields.values()].some(
      ({ edits }) => edits.local.length > 0 && edits.remote.length > 0,
    )
    for (const { code, direction } of open) {
      const source = direction === 'to' ? 'local' : 'remote'
      const refused = Object.values(tables[source].get(coupling[source].key)?.values ?? {}).some((value) =>
        value?.startsWith(`text:not for ${other[source]}`),
      )
      const causes: Readonly<Record<string, boolean>> = {
        CONFLICT_BOTH_CHANGED: conflicts.length > 0 || isBothEdited || lost.length > 0,
        VALUE_REFUSED: refused || lost.length > 0,
        COUPLED_TO_DELETED: lost.length > 0,
      }
      if (causes[code] !== true) complaints.push(`${pair}: the issue ${code} (${direction}) has no cause`)
    }
    if (conflicts.length > 0 && open.length === 0)
      complaints.push(`P4: ${pair} are in conflict, and nobody is told`)
    const [survivor] = sides.filter((side) => !lost.includes(side))
    const isTold = open.some(({ code }) => code === 'COUPLED_TO_DELETED')
    const isRead = survivor !== undefined && this.#reads(survivor)
    if (lost.length === 1 && isComplete && isRead && !isTold)
      complaints.push(`${pair}: one is gone, and nobody is told`)
    return complaints
  }

  #reads(side: Side): boolean {
    const { direction } = this.#setting
    return direction === 'Bidirectional' || (direction === 'ToIntegrationTable') === (side === 'local')
  }

  #winner(): Side | null {
    const { updateConflict } = this.#setting
    if (updateConflict === 'None') return null
    return updateConflict === 'Send Update to Integration' ? 'local' : 'remote'
  }

  /** Somebody's record and the one that was made for it. */
  #newCouple({ local, remote }: Coupling, complaints: string[]): Couple {
    const couple: Couple = {
      keys: { local: new Set([local.key]), remote: new Set([remote.key]) },
      fields: new Map(),
    }
    this.#learnKeys(couple)
    const made = [...this.#singles.values()].filter(({ side, key }) => couple.keys[side].has(key))
    if (made.length !== 1)
      complaints.push(`P3: ${local.key} and ${remote.key} are coupled, ${made.length} of them made by users`)
    for (const { side, key, mayBeCreated } of made) {
      if (!mayBeCreated)
        complaints.push(`a counterpart of ${side} ${key} was created, and nobody had allowed it`)
      this.#singles.delete(nameOf(side, key))
    }
    return couple
  }

  /** Where the number of the local record is the key of the remote one, a new number is a new key. */
  #learnKeys({ keys }: Couple): void {
    if (this.#setting.remoteKeys !== 'mapped') return
    for (const act of this.#acts) {
      const number = act.side === 'local' && keys.local.has(act.key) ? act.stored['number'] : null
      if (number) keys.remote.add(number)
      // The local record has got its number from the remote one that it was made for.
      const had = act.side === 'local' && keys.local.has(act.key) ? act.before['number'] : null
      if (had) keys.remote.add(had)
    }
  }

  #actsOn(side: Side, keys: ReadonlySet<RecordKey>): readonly LateAct[] {
    return this.#acts.filter((act) => act.side === side && keys.has(act.key))
  }

  #isDeleted(side: Side, key: RecordKey): boolean {
    return this.#deleted.has(nameOf(side, key)) || this.#markDeleted(side, key)
  }

  readonly #deleted = new Set<string>()

  #markDeleted(side: Side, key: RecordKey): boolean {
    const isGone = this.#actsOn(side, new Set([key])).some(({ kind }) => kind === 'delete')
    if (isGone) this.#deleted.add(nameOf(side, key))
    return isGone
  }

  #historyOf(couple: Couple, rule: FieldRule, lost: readonly Side[]): FieldHistory {
    const before = couple.fields.get(rule.local) ?? { agreed: null, edits: { local: [], remote: [] } }
    const editsOf = (side: Side): readonly Edit[] => {
      const acts = this.#actsOn(side, couple.keys[side])
      // A creation that arrives after somebody has deleted what an earlier try had made begins anew.
      const end = lost.includes(side) ? -1 : acts.findLastIndex(({ kind }) => kind === 'delete')
      const earlier = end < 0 ? before.edits[side] : []
      return [...earlier, ...acts.slice(end + 1).flatMap((act) => editOf(act, rule[side]))]
    }
    return { agreed: before.agreed, edits: { local: editsOf('local'), remote: editsOf('remote') } }
  }

  /** The one that is left has what its own users gave it, or what had come from the other side before that went. */
  #compareSurvivor(
    rule: FieldRule,
    { agreed, edits }: FieldHistory,
    coupling: Coupling,
    tables: Reality['tables'],
    complaints: string[],
  ): void {
    for (const side of sides) {
      const record = tables[side].get(coupling[side].key)
      if (!record) continue
      const now = record.values[rule[side]] ?? null
      const own = [agreed?.[side] ?? null, ...edits[side].map(({ value }) => value)]
      const foreign = [agreed?.[other[side]] ?? null, ...edits[other[side]].map(({ value }) => value)]
      const all = [...own, ...foreign]
      const allowed = rule.isCapital
        ? [...all, ...all.map((value) => value?.toUpperCase().replace('TEXT:', 'text:') ?? null)]
        : all
      if (!allowed.includes(now as Value))
        complaints.push(`${side} ${coupling[side].key}.${rule[side]} is ${now}, which nobody has given it`)
    }
  }

  /** Records nobody has coupled are as their users left them; there are no others. */
  #compareSingles({ tables, couplings, issues, isComplete }: Reality): readonly string[] {
    const complaints: string[] = []
    for (const side of sides) {
      const coupled = new Set(couplings.map((coupling) => coupling[side].key))
      for (const [key, { values }] of tables[side]) {
        if (coupled.has(key)) continue
        const single = this.#singles.get(nameOf(side, key))
        if (!single) complaints.push(`P3: ${side} ${key} was made by Couplet, and stands alone`)
        else complaints.push(...this.#compareSingle(single, values, issues, isComplete))
      }
    }
    for (const [name, { side, key }] of this.#singles) {
      if (tables[side].has(key)) continue
      if (!this.#isDeleted(side, key)) complaints.push(`P9: ${name} is gone, and nobody has deleted it`)
      this.#singles.delete(name)
    }
    return complaints
  }

  #compareSingle(
    single: Single,
    values: Values,
    issues: readonly Issue[],
    isComplete: boolean,
  ): readonly string[] {
    const { side, key } = single
    const complaints: string[] = []
    const acts = this.#actsOn(side, new Set([key])).filter(({ kind }) => kind !== 'delete')
    const given = Object.assign({}, ...acts.map(({ stored, values: set }) => pick(stored, Object.keys(set))))
    for (const [field, value] of Object.entries(given))
      if (values[field] !== value)
        complaints.push(
          `${side} ${key}.${field} is ${values[field]} and not ${value}, although it is not coupled`,
        )
    const isTold = issues.some((issue) => issue.key === key && issue.direction === directionFrom[side])
    const isWritten = this.#reads(side)
    if (single.mustBeCreated && isWritten && !isTold && (isComplete || !this.#onlyCoupled))
      complaints.push(`P4: ${side} ${key} has no counterpart, and nobody is told`)
    return complaints
  }

  #compareIssues({ issues, couplings }: Reality): readonly string[] {
    return issues.flatMap(({ direction, key, code }) => {
      const side = direction === 'to' ? 'local' : 'remote'
      if (couplings.some((coupling) => coupling[side].key === key)) return []
      // Nobody looks at a record any more that was deleted before it was coupled.
      if (this.#isDeleted(side, key)) return []
      if (this.#singles.has(nameOf(side, key)) && code === 'VALUE_REFUSED') return []
      return [`the issue ${code} (${direction}) of ${key} is about nothing`]
    })
  }
}
