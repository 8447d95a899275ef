import type { Side } from '../../src/core/mapping/definition.ts'
import type { RecordKey } from '../../src/core/values/key.ts'
import type { Value, Values } from '../../src/core/values/value.ts'
import { isKeyedByNumber, type Setting } from './scenario.ts'
import type { ModelSystem, Wish } from './system.ts'

/** Something a user of one of the systems has done to a record: all that the reference model knows of the outside. */
export interface Act {
  /** Order in which everything happened. */
  readonly at: number
  readonly side: Side
  readonly key: RecordKey
  readonly kind: 'insert' | 'edit' | 'delete'
  /** The fields that were given a value. */
  readonly values: Values
  /** What the user had before him; nothing when he inserted the record. */
  readonly before: Values
  /** The value of each given field as the system has stored it. */
  readonly stored: Values
}

/** The users of both systems. Whatever they do is told to `onAct`. */
export class People {
  readonly #systems: Readonly<Record<Side, ModelSystem>>
  readonly #setting: Setting
  readonly #onAct: (act: Act) => void
  #acts = 0

  constructor(systems: Readonly<Record<Side, ModelSystem>>, setting: Setting, onAct: (act: Act) => void) {
    this.#systems = systems
    this.#setting = setting
    this.#onAct = onAct
  }

  get hasMappedKeys(): boolean {
    return this.#setting.remoteKeys === 'mapped'
  }

  /** Where `at` stands now. */
  get acts(): number {
    return this.#acts
  }

  records(side: Side) {
    return this.#systems[side].records()
  }

  valueOf(side: Side, key: RecordKey, field: string): Value {
    return this.records(side).get(key)?.values[field] ?? null
  }

  /** A key nobody has used; null where the table makes its own. */
  freshKey(side: Side, number: number): Values {
    const { localKeys, remoteKeys } = this.#setting
    if (side === 'local' ? localKeys !== 'uuid' : remoteKeys !== 'uuid') return {}
    return {
      id: `uuid:00000000-0000-4000-${side === 'local' ? '8' : '9'}000-${String(number).padStart(12, '0')}`,
    }
  }

  /** Does it at once. */
  act(wish: Wish): void {
    this.#perform(wish, () => this.#systems[wish.side].act(wish))
  }

  /** Begins a transaction now; what it does becomes visible when it is committed. */
  begin(wish: Wish): () => void {
    const transaction = this.#systems[wish.side].begin(wish)
    return () => {
      this.#perform(wish, () => transaction.commit())
      transaction.rollback()
    }
  }

  #perform(wish: Wish, carryOut: () => RecordKey | null): void {
    const { side } = wish
    const before = wish.kind === 'insert' ? {} : this.records(side).get(wish.key)?.values
    if (before === undefined || this.#isKeyTaken(wish)) return
    const key = carryOut()
    if (key === null) return
    const stored = wish.kind === 'delete' ? {} : this.#stored(side, key)
    if (wish.kind === 'insert' || key === wish.key) {
      const values = wish.kind === 'delete' ? {} : wish.values
      this.#tell({ side, key, kind: wish.kind, values, before, stored })
      return
    }
    // For everybody else a record with another key is another record.
    this.#tell({ side, key: wish.key, kind: 'delete', values: {}, before, stored: {} })
    const { modified: _modified, ...values } = stored
    this.#tell({ side, key, kind: 'insert', values, before: {}, stored })
  }

  #isKeyTaken(wish: Wish): boolean {
    if (wish.kind === 'delete' || !isKeyedByNumber(this.#setting, wish.side)) return false
    const number = wish.values['number']
    if (wish.kind === 'edit' && number === undefined) return false
    const isTaken = [...this.records(wish.side).values()].some(({ values }) => values['number'] === number)
    return number === null || number === undefined || isTaken
  }

  #stored(side: Side, key: RecordKey): Values {
    return this.records(side).get(key)?.values ?? {}
  }

  #tell(act: Omit<Act, 'at'>): void {
    this.#acts += 1
    this.#onAct({ ...act, at: this.#acts })
  }
}
