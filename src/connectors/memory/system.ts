import { SyncError } from '../../core/errors.ts'
import type { Connector } from '../../core/ports/connector.ts'
import type { Clock } from '../../core/ports/runtime.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { Values } from '../../core/values/value.ts'
import { MemoryFaults } from './faults.ts'
import { MemoryRecords, type MemoryTableDefinition, type StoredRecord } from './records.ts'
import { type MemorySurroundings, MemoryTable } from './table.ts'

export interface MemorySystemSettings {
  readonly clock: Clock
  readonly name?: string
  /** False: tables that make their own keys refuse creation. */
  readonly receipts?: boolean
  /** True: without receipts such tables let the writer recognise what he has created (`recognisable`). */
  readonly recognisable?: boolean
  /** True: deletions are remembered and can be asked for. */
  readonly tombstones?: boolean
}

/** What people and programs of the other system do to its tables. */
export interface MemoryEdits {
  /** Values left out become null; gives the key, made by the table if need be. */
  insert(table: string, values: Values): RecordKey
  /** Changes the given fields; a key field may change, too. */
  edit(table: string, key: RecordKey, values: Values): RecordKey
  remove(table: string, key: RecordKey): void
}

/** Edits that become visible together when it commits, stamped with the time the transaction began. */
export interface MemoryTransaction {
  insert(table: string, values: Values): void
  edit(table: string, key: RecordKey, values: Values): void
  remove(table: string, key: RecordKey): void
  commit(): void
  rollback(): void
}

/** A business system in memory, with all that makes real ones hard: for tests and model-based histories. */
export interface MemorySystem extends MemoryEdits {
  readonly connector: Connector
  readonly faults: MemoryFaults
  addTable(definition: MemoryTableDefinition): void
  records(table: string): ReadonlyMap<RecordKey, StoredRecord>
  /** Deletions up to now can no longer be asked for, as if they had expired. */
  forgetTombstones(table: string): void
  /** The connection sees only these records from now on, as after a new row policy; its writes are not limited. */
  restrict(table: string, sees: (values: Values) => boolean): void
  begin(): MemoryTransaction
}

/** Deterministic: time comes from the clock, everything else from what is called in which order. */
export function createMemorySystem(settings: MemorySystemSettings): MemorySystem {
  const name = settings.name ?? 'memory'
  const faults = new MemoryFaults()
  const tables = new Map<string, MemoryRecords>()
  const openSince = new Map<MemoryTransaction, string>()
  let versions = 0
  const now = () => `${settings.clock.now().toISOString().slice(0, -1)}000Z`
  const getTable = (table: string): MemoryRecords => {
    const found = tables.get(table)
    if (found) return found
    throw new SyncError('TABLE_NOT_FOUND', `Connection ${name} has no table ${table}`, { data: { table } })
  }
  const surroundings: MemorySurroundings = {
    name,
    faults,
    keepsReceipts: settings.receipts ?? true,
    recognisable: settings.recognisable ?? false,
    keepsTombstones: settings.tombstones ?? false,
    now,
    ceiling: () => [...openSince.values(), now()].sort()[0] ?? now(),
  }
  return {
    ...editor(getTable, now),
    faults,
    connector: connectorOf(tables, getTable, surroundings),
    addTable: (definition) => {
      tables.set(
        definition.table,
        new MemoryRecords(definition, () => {
          versions += 1
          return String(versions)
        }),
      )
    },
    records: (table) => getTable(table).rows,
    forgetTombstones: (table) => {
      getTable(table).tombstones.fill(null)
    },
    restrict: (table, sees) => {
      const records = getTable(table)
      records.access = { sees, changes: records.access.changes + 1 }
    },
    begin: () => beginTransaction(getTable, now(), openSince),
  }
}

function editor(getTable: (table: string) => MemoryRecords, time: () => string): MemoryEdits {
  return {
    insert: (table, values) => {
      const records = getTable(table)
      const prepared = records.prepare(values, null, time())
      const key = records.keyOf(prepared)
      if (records.rows.has(key)) throw new RangeError(`Table ${table} has a record ${key} already`)
      return records.put(prepared)
    },
    edit: (table, key, values) => {
      const records = getTable(table)
      const prepared = records.prepare(values, records.get(key).values, time())
      if (records.keyOf(prepared) !== key) records.remove(key)
      return records.put(prepared)
    },
    remove: (table, key) => {
      const records = getTable(table)
      records.get(key)
      records.remove(key)
    },
  }
}

function beginTransaction(
  getTable: (table: string) => MemoryRecords,
  begun: string,
  openSince: Map<MemoryTransaction, string>,
): MemoryTransaction {
  const edits = editor(getTable, () => begun)
  const pending: (() => void)[] = []
  const transaction: MemoryTransaction = {
    insert: (table, values) => pending.push(() => edits.insert(table, values)),
    edit: (table, key, values) => pending.push(() => edits.edit(table, key, values)),
    remove: (table, key) => pending.push(() => edits.remove(table, key)),
    commit: () => {
      for (const edit of pending) edit()
      openSince.delete(transaction)
    },
    rollback: () => {
      openSince.delete(transaction)
    },
  }
  openSince.set(transaction, begun)
  return transaction
}

function connectorOf(
  tables: ReadonlyMap<string, MemoryRecords>,
  getTable: (table: string) => MemoryRecords,
  surroundings: MemorySurroundings,
): Connector {
  return {
    name: surroundings.name,
    check: () => surroundings.faults.carryOut('read', surroundings.name, () => {}),
    listTables: async () => [...tables.keys()],
    openTable: async (address) => new MemoryTable(getTable(address.table), address, surroundings),
    close: async () => {},
  }
}
