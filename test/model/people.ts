import type { MemorySystem } from '../../src/connectors/memory/system.ts'
import type { Side } from '../../src/core/mapping/definition.ts'
import type { RecordKey } from '../../src/core/values/key.ts'
import type { Value, Values } from '../../src/core/values/value.ts'
import { type RemoteKeys, tableOf } from './scenario.ts'

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

/** What somebody wants to do; it may turn out that there is nothing to do it to. */
export type Wish =
  | { readonly kind: 'insert'; readonly side: Side; readonly values: Values }
  | { readonly kind: 'edit'; readonly side: Side; readonly key: RecordKey; readonly values: Values }
  | { readonly kind: 'delete'; readonly side: Side; readonly key: RecordKey }

/** The users of both systems. Whatever they do is told to `onAct`. */
export class People {
  readonly #systems: Readonly<Record<Side, MemorySystem>>
  readonly #remoteKeys: RemoteKeys
  readonly #onAct: (act: Act) => void
  #acts = 0

  constructor(
    systems: Readonly<Record<Side, MemorySystem>>,
    remoteKeys: RemoteKeys,
    onAct: (act: Act) => void,
  ) {
    this.#systems = systems
    this.#remoteKeys = remoteKeys
    this.#onAct = onAct
  }

  get hasMappedKeys(): boolean {
    return this.#remoteKeys === 'mapped'
  }

  /** Where `at` stands now. */
  get acts(): number {
    return this.#acts
  }

  records(side: Side) {
    return this.#systems[side].records(tableOf[side])
  }

  valueOf(side: Side, key: RecordKey, field: string): Value {
    return this.records(side).get(key)?.values[field] ?? null
  }

  /** A key nobody has used; null where the table makes its own. */
  freshKey(side: Side, number: number): Values {
    if (side === 'remote' && this.#remoteKeys === 'serial') return {}
    if (side === 'remote' && this.#remoteKeys === 'mapped') return {}
    return {
      id: `uuid:00000000-0000-4000-${side === 'local' ? '8' : '9'}000-${String(number).padStart(12, '0')}`,
    }
  }

  /** Does it at once. */
  act(wish: Wish): void {
    this.#perform(wish, this.#systems[wish.side])
  }

  /** Begins a transaction now; what it does becomes visible when it is committed, with the time of now. */
  begin(wish: Wish): () => void {
    const transaction = this.#systems[wish.side].begin()
    return () => {
      let inserted: RecordKey = ''
      this.#perform(wish, {
        insert: (table, values) => {
          transaction.insert(table, values)
          const before = new Set(this.records(wish.side).keys())
          transaction.commit()
          inserted = [...this.records(wish.side).keys()].find((key) => !before.has(key)) ?? ''
          return inserted
        },
        edit: (table, key, values) => {
          const before = new Set(this.records(wish.side).keys())
          transaction.edit(table, key, values)
          transaction.commit()
          return [...this.records(wish.side).keys()].find((each) => !before.has(each)) ?? key
        },
        remove: (table, key) => {
          transaction.remove(table, key)
          transaction.commit()
        },
      })
      transaction.rollback()
    }
  }

  #perform(wish: Wish, edits: Pick<MemorySystem, 'insert' | 'edit' | 'remove'>): void {
    const table = tableOf[wish.side]
    const before = wish.kind === 'insert' ? {} : this.records(wish.side).get(wish.key)?.values
    if (before === undefined || this.#isKeyTaken(wish)) return
    if (wish.kind === 'delete') {
      edits.remove(table, wish.key)
      this.#tell({ side: wish.side, key: wish.key, kind: 'delete', values: {}, before, stored: {} })
      return
    }
    if (wish.kind === 'insert') {
      const key = edits.insert(table, wish.values)
      this.#tell({
        side: wish.side,
        key,
        kind: 'insert',
        values: wish.values,
        before,
        stored: this.#stored(wish.side, key),
      })
      return
    }
    const key = edits.edit(table, wish.key, wish.values)
    const stored = this.#stored(wish.side, key)
    if (key === wish.key) {
      this.#tell({ side: wish.side, key, kind: 'edit', values: wish.values, before, stored })
      return
    }
    // For everybody else a record with another key is another record.
    this.#tell({ side: wish.side, key: wish.key, kind: 'delete', values: {}, before, stored: {} })
    const { modified: _modified, ...values } = stored
    this.#tell({ side: wish.side, key, kind: 'insert', values, before: {}, stored })
  }

  #isKeyTaken(wish: Wish): boolean {
    if (wish.kind === 'delete' || wish.side === 'local' || this.#remoteKeys !== 'mapped') return false
    const number = wish.values['number']
    if (wish.kind === 'edit' && number === undefined) return false
    return number === null || number === undefined || this.records('remote').has(number)
  }

  #stored(side: Side, key: RecordKey): Values {
    return this.records(side).get(key)?.values ?? {}
  }

  #tell(act: Omit<Act, 'at'>): void {
    this.#acts += 1
    this.#onAct({ ...act, at: this.#acts })
  }
}
