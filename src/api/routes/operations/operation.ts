import { nameOf, type Principal } from '../../../core/access/principal.ts'
import type { BulkOperation } from '../../../core/bulk/operation.ts'
import { cancelOperation as cancel } from '../../../usecases/bulk/cancel-operation.ts'
import type { Deps } from '../../../usecases/deps.ts'
import { assertInScope } from '../../access.ts'
import { nextPage } from '../../contract/inputs.ts'
import * as contract from '../../contract/operations.ts'
import { showOperation, showRecord } from '../../operation-view.ts'
import { findPairId } from '../../pair.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'

/** GET /operations: newest first. */
export function listOperations(server: Server, deps: Deps): void {
  serve(server, contract.listOperations, async ({ query, principal }) => {
    const { limit, before = null, pair, mapping = null, kind = null, state = null } = query
    const pairId = await findPairId({ pair, mapping: mapping ?? undefined }, principal, deps)
    const operations = await deps.stores.bulk.list({ limit, before, pairId, mapping, kind, state })
    return { operations: operations.map(showOperation), next: nextPage(operations, limit) }
  })
}

/** GET /operations/:id: one of them, with how far it is. */
export function getOperation(server: Server, deps: Deps): void {
  serve(server, contract.getOperation, async ({ params, principal }) => ({
    operation: showOperation(await getInScope(params.id, principal, deps)),
  }))
}

/** GET /operations/:id/records: what has become of each. */
export function listOperationRecords(server: Server, deps: Deps): void {
  serve(server, contract.listOperationRecords, async ({ params: { id }, query, principal }) => {
    await getInScope(id, principal, deps)
    const { limit, after = 0, state = null } = query
    const records = await deps.stores.bulk.listRecords({ id, limit, after, state })
    const next = records.length < limit ? null : (records.at(-1)?.position ?? null)
    return { records: records.map(showRecord), next }
  })
}

/** POST /operations/:id/cancel: ends it between two chunks. */
export function cancelOperation(server: Server, deps: Deps): void {
  serve(server, contract.cancelOperation, async ({ params: { id }, body, principal }) => {
    await getInScope(id, principal, deps)
    const act = { by: nameOf(principal), reason: body.reason ?? null }
    return { operation: showOperation(await cancel(id, act, deps)) }
  })
}

/** Throws OPERATION_UNKNOWN, and SCOPE_MISSING unless who asks may have to do with all that it is about. */
async function getInScope(id: number, principal: Principal, { stores }: Deps): Promise<BulkOperation> {
  const operation = await stores.bulk.get(id)
  const { pairId, mapping } = operation
  const pair = pairId === null ? null : (await stores.mappings.getPair(pairId)).name
  assertInScope(principal, pair, mapping)
  return operation
}
