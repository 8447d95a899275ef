import { onAbort } from '../../lib/on-abort.ts'

/** What is to be looked at: names of tables, or everything. */
export type Changed = ReadonlySet<string> | 'everything'

/** Tables that have been told of and not been looked at yet: told often, they stand here once. */
export class PendingTables {
  #tables = new Set<string>()
  #isEverything = false
  #wake: () => void = () => {}

  /** Null: everything. */
  add(table: string | null): void {
    if (table === null) this.#isEverything = true
    else this.#tables.add(table)
    this.#wake()
  }

  /** Takes all there is, as soon as there is anything; null once the signal is aborted. */
  async take(signal: AbortSignal): Promise<Changed | null> {
    while (!this.#isEverything && this.#tables.size === 0) {
      if (signal.aborted) return null
      let forget = () => {}
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        forget = onAbort(signal, resolve)
      })
      forget()
    }
    const taken = this.#isEverything ? 'everything' : this.#tables
    this.#tables = new Set()
    this.#isEverything = false
    return taken
  }

  putBack(changed: Changed): void {
    if (changed === 'everything') this.add(null)
    else for (const table of changed) this.add(table)
  }
}
