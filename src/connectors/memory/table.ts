import { isMatch } from '../../core/coupling/is-match.ts'
import { SyncError } from '../../core/errors.ts'
import { assertFields } from '../../core/mapping/assert-fields.ts'
import type { BoundFilter } from '../../core/mapping/filter.ts'
import { matchesFilter } from '../../core/mapping/filter-match.ts'
import { modifiedFieldMissing } from '../../core/mapping/modified-field.ts'
import type { TableSchema } from '../../core/mapping/schema.ts'
import type {
  ChangePage,
  ConnectedTable,
  MatchRequest,
  Page,
  ReadChangesRequest,
  ReadRequest,
  RecordSnapshot,
  TableAddress,
  Tombstones,
  WriteRequest,
  WriteResult,
} from '../../core/ports/connector.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { Value } from '../../core/values/value.ts'
import { pageOfChanges } from './changes.ts'
import { tombstonesOf } from './deletions.ts'
import type { MemoryFaults } from './faults.ts'
import { type MemoryRecords, type StoredRecord, timeOf } from './records.ts'
import { applyOperation, type CreationRule, rejected } from './write.ts'

/** What a table asks of the system it belongs to. */
export interface MemorySurroundings {
  readonly name: string
  readonly faults: MemoryFaults
  readonly keepsReceipts: boolean
  readonly recognisable: boolean
  readonly keepsTombstones: boolean
  readonly now: () => string
  /** Begin of the oldest open transaction, or now. */
  readonly ceiling: () => string
}

/** The records of one memory table as a connector shows them. */
export class MemoryTable implements ConnectedTable {
  readonly schema: TableSchema
  readonly tombstones: Tombstones | null
  readonly #records: MemoryRecords
  readonly #system: MemorySurroundings
  readonly #creates: CreationRule

  constructor(records: MemoryRecords, address: TableAddress, system: MemorySurroundings) {
    this.#records = records
    this.#system = system
    const { keepsReceipts, recognisable } = system
    const acceptsRisk = recognisable || (address.acceptDuplicateRisk ?? false)
    this.#creates = { keepsReceipts, acceptsRisk }
    this.schema = buildSchema(records, address, system)
    this.tombstones = system.keepsTombstones
      ? tombstonesOf(records.tombstones, (work) => this.#read(work))
      : null
  }

  takeWatermark(_signal: AbortSignal): Promise<string> {
    return this.#read(() => (this.schema.modifiedField === null ? '' : this.#system.ceiling()))
  }

  readChanges(request: ReadChangesRequest): Promise<ChangePage> {
    return this.#read(() => {
      assertFields(this.schema, request.fields)
      if (this.schema.modifiedField === null) return { ...this.#pageByKey(request), watermark: '' }
      const changes = this.#visible().map(([key, row]) => ({
        key,
        row,
        time: timeOf(row.values, this.schema.modifiedField) ?? '',
      }))
      const found = pageOfChanges(changes, ({ row }) => this.#passes(request.filter, row), {
        ...request,
        ceiling: this.#system.ceiling(),
      })
      return { ...found, records: found.page.map(({ key }) => this.#snapshot(key, request.fields)) }
    })
  }

  readAccess(_signal: AbortSignal): Promise<string> {
    return this.#read(() => String(this.#records.access.changes))
  }

  readAll(request: ReadRequest): Promise<Page> {
    return this.#read(() => this.#pageByKey(request))
  }

  readByKeys(
    keys: readonly RecordKey[],
    fields: readonly string[],
    _signal: AbortSignal,
  ): Promise<ReadonlyMap<RecordKey, RecordSnapshot>> {
    return this.#read(() => {
      assertFields(this.schema, fields)
      const present = keys.filter((key) => this.#sees(this.#records.rows.get(key)))
      return new Map(present.map((key) => [key, this.#snapshot(key, fields)]))
    })
  }

  findByMatch(request: MatchRequest): Promise<readonly (readonly RecordSnapshot[])[]> {
    return this.#read(() => {
      const names = request.matchFields.map((match) => match.field)
      assertFields(this.schema, [...names, ...request.fields])
      const rows = this.#visible().filter(([, row]) => this.#passes(request.filter, row))
      return request.candidates.map((candidate) =>
        rows
          .filter(([, row]) => isMatch(row.values, request.matchFields, candidate))
          .slice(0, request.limitPerCandidate)
          .map(([key]) => this.#snapshot(key, request.fields)),
      )
    })
  }

  async listKeys(request: {
    cursor: string | null
    limit: number
    signal: AbortSignal
  }): Promise<{ keys: readonly RecordKey[]; next: string | null }> {
    const page = await this.readAll({ ...request, fields: [], filter: null })
    return { keys: page.records.map((record) => record.key), next: page.next }
  }

  async write(request: WriteRequest): Promise<readonly WriteResult[]> {
    const names = request.operations.flatMap((operation) =>
      operation.kind === 'delete' ? [] : Object.keys(operation.values),
    )
    assertFields(this.schema, [...names, ...request.returning])
    request.assertMaySend()
    return this.#system.faults.carryOut('write', this.#system.name, () => this.#apply(request))
  }

  #apply({ operations, returning }: WriteRequest): readonly WriteResult[] {
    const time = this.#system.now()
    return operations.map((operation) => {
      const refusal = this.#system.faults.findRejection(this.schema.table, operation)
      if (refusal) return rejected(refusal)
      const snapshot = (key: RecordKey) => this.#snapshot(key, returning)
      return applyOperation(this.#records, operation, time, snapshot, this.#creates)
    })
  }

  #read<T>(work: () => T): Promise<T> {
    return this.#system.faults.carryOut('read', this.#system.name, work)
  }

  #pageByKey({ fields, filter, cursor, limit }: ReadRequest): Page {
    assertFields(this.schema, fields)
    const keys = this.#visible()
      .filter(([key, row]) => (cursor === null || key > cursor) && this.#passes(filter, row))
      .map(([key]) => key)
      .sort()
      .slice(0, limit)
    const isFull = keys.length === limit
    return {
      records: keys.map((key) => this.#snapshot(key, fields)),
      next: isFull ? (keys.at(-1) ?? null) : null,
    }
  }

  #visible(): readonly [RecordKey, StoredRecord][] {
    return [...this.#records.rows].filter(([, row]) => this.#sees(row))
  }

  #sees(row: StoredRecord | undefined): boolean {
    return row !== undefined && this.#records.access.sees(row.values)
  }

  findCreated(tokens: readonly string[]): Promise<ReadonlyMap<string, RecordKey>> {
    const { receipts } = this.#records
    return this.#read(
      () =>
        new Map(
          tokens.flatMap((token) => {
            const key = receipts.get(token)
            return key === undefined ? [] : [[token, key] as const]
          }),
        ),
    )
  }

  #passes(filter: BoundFilter | null, row: StoredRecord): boolean {
    return filter === null || matchesFilter(filter, row.values, this.schema.fields)
  }

  #snapshot(key: RecordKey, fields: readonly string[]): RecordSnapshot {
    const { values, version } = this.#records.get(key)
    const chosen: Record<string, Value> = {}
    for (const name of fields) chosen[name] = values[name] ?? null
    return { key, version, modifiedAt: timeOf(values, this.schema.modifiedField), values: chosen }
  }
}

function buildSchema(
  records: MemoryRecords,
  address: TableAddress,
  { keepsReceipts, recognisable }: MemorySurroundings,
): TableSchema {
  const { definition, fields } = records
  const { table } = definition
  if (address.modifiedField !== undefined && !fields.has(address.modifiedField)) {
    throw modifiedFieldMissing(table, address.modifiedField, undefined)
  }
  assertFields({ table, fields }, address.versionField === undefined ? [] : [address.versionField])
  assertFields({ table, fields }, address.keyFields ?? [])
  if (address.keyFields?.some((name) => !definition.keyFields.includes(name))) {
    throw new SyncError('KEY_NOT_FOUND', `Table ${table} is not unique by ${address.keyFields.join(', ')}`)
  }
  const made = keepsReceipts ? 'receipt' : 'unsafe'
  return {
    table,
    fields,
    keyFields: definition.keyFields,
    creation: definition.keys === 'serial' ? made : 'given',
    ...(definition.keys === 'serial' && !keepsReceipts && recognisable ? { recognisable } : {}),
    modifiedField: address.modifiedField ?? null,
    exactVersions: true,
    maxServerRunMs: 0,
    estimatedRows: records.rows.size,
  }
}
