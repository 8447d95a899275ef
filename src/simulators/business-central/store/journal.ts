import type { Stored } from '../../kit/table/row-source.ts'
import type { Table } from '../../kit/table/table.ts'

/** Writes to tables that are taken back together when the work they belong to fails. */
export interface Journal {
  put(table: Table, record: Stored): void
  remove(table: Table, record: Stored, at: { readonly version: number; readonly deletedMs: number }): void
  /** Runs the work; when it throws, everything that it has written is as before. Work may stand inside of work. */
  atomically<T>(work: () => T): T
}

type Undo = () => void

export function createJournal(): Journal {
  let open: Undo[] | null = null
  const restore = (table: Table, before: Stored | null, record: Stored): Undo =>
    before === null
      ? () => table.remove({ key: record.key, version: record.version, deletedMs: record.modifiedMs })
      : () => table.put(before)
  return {
    put(table, record) {
      open?.push(restore(table, table.get(record.key), record))
      table.put(record)
    },
    remove(table, record, at) {
      open?.push(() => table.put(record))
      table.remove({ key: record.key, ...at })
    },
    atomically(work) {
      const isOutermost = open === null
      const undos = open ?? []
      const mark = undos.length
      open = undos
      try {
        return work()
      } catch (error) {
        while (undos.length > mark) undos.pop()?.()
        throw error
      } finally {
        if (isOutermost) open = null
      }
    },
  }
}
