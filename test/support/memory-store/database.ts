import type { Clock } from '../../../src/core/ports/runtime.ts'
import { present } from '../../../src/lib/assert.ts'

type Undo = () => void

/** Rows of one table by id. Rows are replaced, never changed, so whoever has read one keeps what he has read. */
export class Rows<Row extends { readonly id: number }> {
  readonly #rows = new Map<number, Row>()
  readonly #onChange: (undo: Undo) => void
  #lastId = 0

  constructor(onChange: (undo: Undo) => void) {
    this.#onChange = onChange
  }

  /** In the order of their ids. */
  where(condition: (row: Row) => boolean): Row[] {
    const found: Row[] = []
    for (const row of this.#rows.values()) if (condition(row)) found.push(row)
    return found
  }

  find(condition: (row: Row) => boolean): Row | undefined {
    for (const row of this.#rows.values()) if (condition(row)) return row
    return undefined
  }

  byId(id: number): Row | undefined {
    return this.#rows.get(id)
  }

  get(id: number, what: string): Row {
    return present(this.byId(id), `${what} ${id}`)
  }

  insert(row: Omit<Row, 'id'>): Row {
    this.#lastId += 1
    const id = this.#lastId
    const inserted = { ...row, id } as Row
    this.#rows.set(id, inserted)
    this.#onChange(() => this.#rows.delete(id))
    return inserted
  }

  update(id: number, changes: Partial<Omit<Row, 'id'>>): Row {
    const before = present(this.#rows.get(id), `row ${id}`)
    const after = { ...before, ...changes }
    this.#rows.set(id, after)
    this.#onChange(() => this.#rows.set(id, before))
    return after
  }

  updateWhere(condition: (row: Row) => boolean, changes: Partial<Omit<Row, 'id'>>): number {
    const rows = this.where(condition)
    for (const { id } of rows) this.update(id, changes)
    return rows.length
  }

  /** A row that is put back by a rollback stands at the end, which nobody who asks for an order can see. */
  removeWhere(condition: (row: Row) => boolean): Row[] {
    const removed = this.where(condition)
    for (const row of removed) {
      this.#rows.delete(row.id)
      this.#onChange(() => this.#rows.set(row.id, row))
    }
    return removed
  }
}

/** All or nothing, as a database does it: everything runs in one go, and what fails is taken back step by step. */
export class Transactions {
  readonly #clock: Clock
  #undo: Undo[] | null = null
  #lastMicros = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  readonly remember = (undo: Undo): void => {
    this.#undo?.push(undo)
  }

  run<T>(work: () => T): T {
    if (this.#undo !== null) return work()
    const undo: Undo[] = []
    this.#undo = undo
    try {
      return work()
    } catch (error) {
      this.#undo = null
      for (const step of undo.reverse()) step()
      throw error
    } finally {
      this.#undo = null
    }
  }

  /** The clock of this store, as ISO text with microseconds: every look at it is later than the one before. */
  now(): string {
    return this.in(0)
  }

  in(ms: number): string {
    this.#lastMicros = Math.max(this.#lastMicros + 1, this.#clock.now().getTime() * 1_000)
    return instantOf(this.#lastMicros + Math.round(ms * 1_000))
  }
}

export function instantOf(micros: number): string {
  const millis = Math.floor(micros / 1_000)
  const rest = String(micros - millis * 1_000).padStart(3, '0')
  return `${new Date(millis).toISOString().slice(0, -1)}${rest}Z`
}

/** Microseconds since the epoch. */
export function microsOf(instant: string): number {
  return Date.parse(`${instant.slice(0, 23)}Z`) * 1_000 + Number(instant.slice(23, 26))
}
