import { createHash } from 'node:crypto'
import type { BulkSelection, BulkTask } from '../core/bulk/operation.ts'
import { canonicalText } from '../lib/canonical-text.ts'
import type { OperationWish } from './contract/operations.ts'

/** What is to be done with each record. A wish that is only counted may leave out what is chosen. */
export function taskOf(wish: OperationWish): BulkTask {
  switch (wish.kind) {
    case 'resolve':
      return { kind: 'resolve', all: wish.all ?? null, fields: wish.fields }
    case 'resolve-deletion':
      return { kind: 'resolve-deletion', choice: wish.choice ?? 'leave' }
    default:
      return { kind: wish.kind }
  }
}

/** The name of the mapping that a wish is limited to. */
export function mappingOf(wish: OperationWish): string | undefined {
  return 'issues' in wish ? wish.issues.mapping : wish.couplings.mapping
}

/** `pairId`: of couplings never null. */
export function selectionOf(wish: OperationWish, pairId: number | null): BulkSelection {
  if ('issues' in wish) {
    const { all: _, stopped, ...filter } = wish.issues
    return { of: 'issues', filter: { ...filter, pairId, isStopped: stopped } }
  }
  const { mapping, ids, local } = wish.couplings
  return { of: 'couplings', filter: { pairId: pairId ?? 0, mapping, ids, startsWith: local } }
}

/** Equal for requests that ask for the same: defaults count as if they had been written. */
export function hashOperation(pairId: number | null, { pair: _, ...body }: OperationWish): string {
  return createHash('sha256')
    .update(canonicalText({ ...body, pairId }))
    .digest('hex')
}
