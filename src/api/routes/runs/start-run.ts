import type { Context } from '../../../app/context.ts'
import { assertCallback } from '../../../app/webhooks/webhook-tools.ts'
import { nameOf, type Principal } from '../../../core/access/principal.ts'
import { includesRole } from '../../../core/access/role.ts'
import { SyncError } from '../../../core/errors.ts'
import type { Deps } from '../../../usecases/deps.ts'
import * as contract from '../../contract/run-endpoints.ts'
import { runLocation } from '../../open-api.ts'
import { getPairId } from '../../pair.ts'
import { hashRequest, type RunWish, startWish } from '../../run-input.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'
import { showRun } from '../../views.ts'

/** One record that goes one way wins over what the other side has changed: that is a decision about a conflict. */
function assertMayDecide(wish: RunWish, { name, role }: Principal): void {
  const isOneWay = 'way' in wish && (wish.way === 'to' || wish.way === 'from')
  if (!isOneWay || includesRole(role, 'resolve')) return
  const message = `'${name}' has the role '${role}'; records that go one way only need 'resolve'`
  throw new SyncError('ROLE_MISSING', message)
}

/** POST /runs: asks for work of any kind. The same Idempotency-Key with the same body answers with the run that exists. */
export function startRun(server: Server, deps: Deps, { config }: Context): void {
  serve(server, contract.startRun, async ({ body, headers, principal }, reply) => {
    const { pair, reason, priority, deduplicate, callbackUrl = null, ...wish } = body
    assertMayDecide(wish, principal)
    const pairId = await getPairId(
      { pair, mapping: 'mapping' in wish ? wish.mapping : undefined },
      principal,
      deps,
    )
    const idempotencyKey = headers['idempotency-key'] ?? null
    const payloadHash = idempotencyKey === null ? null : hashRequest(pairId, body)
    if (callbackUrl !== null) await assertCallback(callbackUrl, config)
    const requestedBy = nameOf(principal)
    const asked = { priority, deduplicate, callbackUrl }
    const origin = { pairId, requestedBy, reason, idempotencyKey, payloadHash, ...asked }
    const { run, created } = await startWish(wish, origin, deps)
    if (!created) reply.code(200)
    reply.header('location', runLocation(run.id))
    return { run: showRun(run), created }
  })
}
