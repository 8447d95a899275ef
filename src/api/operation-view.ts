import { type BulkOperation, type BulkRecord, type BulkTask, briefSelection } from '../core/bulk/operation.ts'
import { showKey } from './views.ts'

/** What the API says about an operation. A value that was typed may be sensitive, and is not repeated. */
export function showOperation({ task, generation: _, ...operation }: BulkOperation) {
  return {
    ...operation,
    kind: task.kind,
    take: task.kind === 'resolve' ? showTake(task) : null,
    choice: task.kind === 'resolve-deletion' ? task.choice : null,
    selection: briefSelection(operation.selection),
  }
}

function showTake({ all, fields }: Extract<BulkTask, { kind: 'resolve' }>) {
  const byField = Object.entries(fields).map(([name, { take }]) => [name, take] as const)
  return { all: all?.take ?? null, fields: Object.fromEntries(byField) }
}

export function showRecord({ key, partnerKey, ...record }: BulkRecord) {
  return { ...record, key: showKey(key), partnerKey: showKey(partnerKey) }
}
