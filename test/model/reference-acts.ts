import type { Side } from '../../src/core/mapping/definition.ts'
import type { RecordKey } from '../../src/core/values/key.ts'
import type { Act } from './people.ts'
import type { LateAct } from './reference-history.ts'

/** What users have done since everything was at rest, and, of records that nobody has coupled, all that they have ever done. */
export class Acts {
  #list: LateAct[] = []
  readonly #deleted = new Set<string>()

  add(act: Act, isLate: boolean): void {
    this.#list.push({ ...act, isLate })
    if (act.kind === 'delete') this.#deleted.add(nameOf(act.side, act.key))
  }

  /** In the order they were done. */
  on(side: Side, keys: ReadonlySet<RecordKey>): readonly LateAct[] {
    return this.#list.filter((act) => act.side === side && keys.has(act.key))
  }

  isDeleted(side: Side, keys: Iterable<RecordKey>): boolean {
    return [...keys].some((key) => this.#deleted.has(nameOf(side, key)))
  }

  get all(): readonly LateAct[] {
    return this.#list
  }

  /** Everything has come to rest; what has been done up to now has been seen. */
  rest(isSingle: (name: string) => boolean): void {
    this.#list = this.#list
      .filter(({ side, key }) => isSingle(nameOf(side, key)))
      .map((act) => ({ ...act, isLate: false }))
  }
}

export function nameOf(side: Side, key: RecordKey): string {
  return `${side}/${key}`
}
