import { type Problem, problem } from '../../core/errors.ts'
import type { FieldSchema } from '../../core/mapping/schema.ts'
import type { WriteOperation, WriteResult } from '../../core/ports/connector.ts'
import type { RecordKey } from '../../core/values/key.ts'
import { rawOf, type Value, type Values } from '../../core/values/value.ts'
import type { MemoryRecords } from './records.ts'

type Insert = Extract<WriteOperation, { kind: 'insert' }>
type Update = Extract<WriteOperation, { kind: 'update' }>
type Delete = Extract<WriteOperation, { kind: 'delete' }>
/** How records get their keys where the table makes them. */
export interface CreationRule {
  readonly keepsReceipts: boolean
  readonly acceptsRisk: boolean
}
export type SnapshotResult = (key: RecordKey) => Extract<WriteResult, { status: 'written' }>['record']

/** Carries out one operation at once. `time` is that of the request: all its operations are one transaction. */
export function applyOperation(
  records: MemoryRecords,
  operation: WriteOperation,
  time: string,
  snapshot: SnapshotResult,
  rule: CreationRule,
): WriteResult {
  if (operation.kind === 'insert') return insert(records, operation, time, snapshot, rule)
  return operation.kind === 'delete' ? remove(records, operation) : update(records, operation, time, snapshot)
}

function remove(records: MemoryRecords, { key, expectedVersion }: Delete): WriteResult {
  const row = records.rows.get(key)
  if (!row) return { status: 'missing' }
  if (row.version !== expectedVersion) return { status: 'version-mismatch' }
  records.remove(key)
  return { status: 'deleted' }
}

function insert(
  records: MemoryRecords,
  operation: Insert,
  time: string,
  snapshot: SnapshotResult,
  rule: CreationRule,
): WriteResult {
  const isMade = operation.key === null && records.definition.keys === 'serial'
  if (isMade && !rule.keepsReceipts && !rule.acceptsRisk) {
    return rejected(
      problem(
        'CREATE_NOT_IDEMPOTENT',
        `${records.definition.table} makes its own keys and keeps no receipts`,
      ),
    )
  }
  const receipt = isMade && rule.keepsReceipts ? records.receipts.get(operation.token) : undefined
  if (receipt !== undefined) {
    return records.rows.has(receipt) ? { status: 'exists', record: snapshot(receipt) } : { status: 'missing' }
  }
  const missingKey = isMade ? null : findMissingKey(records, operation.values)
  if (missingKey) return rejected(missingKey)
  const values = records.prepare(operation.values, null, time)
  const misfit = findMisfit(records, values)
  if (misfit) return rejected(misfit)
  const key = records.keyOf(values)
  if (records.rows.has(key)) return { status: 'exists', record: snapshot(key) }
  records.put(values)
  if (isMade) records.receipts.set(operation.token, key)
  return { status: 'written', record: snapshot(key) }
}

function update(
  records: MemoryRecords,
  operation: Update,
  time: string,
  snapshot: SnapshotResult,
): WriteResult {
  const row = records.rows.get(operation.key)
  if (!row) return { status: 'missing' }
  if (row.version !== operation.expectedVersion) return { status: 'version-mismatch' }
  const values = records.prepare(operation.values, row.values, time)
  const misfit = findMisfit(records, values)
  if (misfit) return rejected(misfit)
  if (Object.keys(operation.values).length === 0)
    return { status: 'written', record: snapshot(operation.key) }
  const key = records.keyOf(values)
  if (key !== operation.key && records.rows.has(key)) {
    return rejected(
      problem('POSSIBLE_DUPLICATE', `There is a record ${key} already`, { field: keyField(records) }),
    )
  }
  if (key !== operation.key) records.remove(operation.key)
  records.put(values)
  return { status: 'written', record: snapshot(key) }
}

function keyField({ definition }: MemoryRecords): string | null {
  return definition.keyFields[0] ?? null
}

function findMissingKey(records: MemoryRecords, values: Values): Problem | null {
  const field = records.definition.keyFields.find((name) => (values[name] ?? null) === null)
  return field === undefined ? null : problem('VALUE_MISSING', `key field ${field} has no value`, { field })
}

function findMisfit(records: MemoryRecords, values: Values): Problem | null {
  for (const field of records.fields.values()) {
    const found = misfit(field, values[field.name] ?? null)
    if (found) return found
  }
  return null
}

function misfit(field: FieldSchema, value: Value): Problem | null {
  const { name, type, nullable } = field
  if (value === null)
    return nullable ? null : problem('VALUE_MISSING', `${name} has no value`, { field: name })
  const isText = type.kind === 'text' || type.kind === 'code'
  const raw = rawOf(value)
  if (!isText || type.maxLength === null || Array.from(raw).length <= type.maxLength) return null
  return problem('VALUE_TRUNCATED', `${name} takes ${type.maxLength} characters`, {
    field: name,
    value: raw.slice(0, 200),
  })
}

export function rejected(found: Problem): WriteResult {
  return { status: 'rejected', problem: found }
}
