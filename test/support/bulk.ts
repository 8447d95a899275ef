import type { BulkOperation } from '../../src/core/bulk/operation.ts'
import type { NewBulkOperation } from '../../src/core/ports/bulk-store.ts'
import type { IssueFilter } from '../../src/core/sync/issue.ts'
import { startOperation } from '../../src/usecases/bulk/start-operation.ts'
import { workOperation } from '../../src/usecases/bulk/work-operation.ts'
import type { Deps } from '../../src/usecases/deps.ts'

type Asked = Pick<NewBulkOperation, 'task' | 'selection'> & Partial<NewBulkOperation>

export const newOperation = (asked: Asked): NewBulkOperation => ({
  expected: null,
  requestedBy: 'test',
  reason: null,
  idempotencyKey: null,
  payloadHash: null,
  ...asked,
})

/** Starts an operation and works it off here, to its end. */
export async function workOff(asked: Asked, deps: Deps): Promise<BulkOperation> {
  const { operation } = await startOperation(newOperation(asked), deps)
  await workOperation(operation.id, new AbortController().signal, deps)
  return deps.stores.bulk.get(operation.id)
}

export const ofIssues = (filter: IssueFilter) => ({ of: 'issues', filter }) as const
