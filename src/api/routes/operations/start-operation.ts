import { nameOf, type Principal } from '../../../core/access/principal.ts'
import { includesRole } from '../../../core/access/role.ts'
import { SyncError } from '../../../core/errors.ts'
import { countOperation as count, startOperation as start } from '../../../usecases/bulk/start-operation.ts'
import type { Deps } from '../../../usecases/deps.ts'
import * as contract from '../../contract/operations.ts'
import { operationLocation } from '../../open-api.ts'
import { hashOperation, mappingOf, selectionOf, taskOf } from '../../operation-input.ts'
import { showOperation } from '../../operation-view.ts'
import { findPairId, getPairId } from '../../pair.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'

/** POST /operations/count: what an operation would be about. */
export function countOperation(server: Server, deps: Deps): void {
  serve(server, contract.countOperation, async ({ body, principal }) =>
    count(taskOf(body), selectionOf(body, await pairIdOf(body, principal, deps)), deps),
  )
}

/** POST /operations: the same Idempotency-Key with the same body answers with the operation that exists. */
export function startOperation(server: Server, deps: Deps): void {
  serve(server, contract.startOperation, async ({ body, headers, principal }, reply) => {
    assertMayDecide(body, principal)
    const pairId = await pairIdOf(body, principal, deps)
    const idempotencyKey = headers['idempotency-key'] ?? null
    const { operation, created } = await start(
      {
        task: taskOf(body),
        selection: selectionOf(body, pairId),
        expected: body.expected ?? null,
        requestedBy: nameOf(principal),
        reason: body.reason ?? null,
        idempotencyKey,
        payloadHash: idempotencyKey === null ? null : hashOperation(pairId, body),
      },
      deps,
    )
    if (!created) reply.code(200)
    reply.header('location', operationLocation(operation.id))
    return { operation: showOperation(operation), created }
  })
}

function pairIdOf(wish: contract.OperationWish, principal: Principal, deps: Deps): Promise<number | null> {
  const subject = { pair: wish.pair, mapping: mappingOf(wish) }
  return 'couplings' in wish ? getPairId(subject, principal, deps) : findPairId(subject, principal, deps)
}

function assertMayDecide({ kind }: contract.OperationWish, { name, role }: Principal): void {
  const decides = kind === 'resolve' || kind === 'resolve-deletion'
  if (!decides || includesRole(role, 'resolve')) return
  throw new SyncError('ROLE_MISSING', `'${name}' has the role '${role}'; '${kind}' needs 'resolve'`)
}
