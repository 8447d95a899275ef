import { nameOf, type Principal } from '../../core/access/principal.ts'
import type { Run } from '../../core/sync/run.ts'
import type { Deps } from '../../usecases/deps.ts'
import { startRun } from '../../usecases/flow/start-run.ts'
import { requestRecords } from '../../usecases/records/request-records.ts'
import { getPairByName } from '../../usecases/setup/get-pair.ts'
import { assertInScope } from '../access.ts'
import { hashRequest, NewRunBody, NewRunHeaders, wishOf } from '../run-input.ts'
import type { Server } from '../server-type.ts'
import { showRun } from '../views.ts'

/** POST /runs: asks for work of any kind. The same Idempotency-Key with the same body answers with the run that exists. */
export function postRun(server: Server, deps: Deps): void {
  const schema = { body: NewRunBody, headers: NewRunHeaders }
  server.post(
    '/runs',
    { schema, config: { role: 'operate', isScoped: true } },
    async ({ body, headers, principal }, reply) => {
      const { run, created } = await start(body, headers['idempotency-key'] ?? null, principal, deps)
      return reply
        .code(created ? 202 : 200)
        .header('location', `/runs/${run.id}`)
        .send({ run: showRun(run), created })
    },
  )
}

async function start(
  body: NewRunBody,
  idempotencyKey: string | null,
  principal: Principal,
  deps: Deps,
): Promise<{ run: Run; created: boolean }> {
  const { id: pairId, name: pair } = await getPairByName(body.pair ?? null, deps)
  assertInScope(principal, pair, 'mapping' in body ? (body.mapping ?? null) : null)
  const origin = {
    pairId,
    requestedBy: nameOf(principal),
    reason: body.reason,
    idempotencyKey,
    payloadHash: idempotencyKey === null ? null : hashRequest(pairId, body),
  }
  if (body.kind === 'records') {
    const { mapping, keys, createMissing, way, dryRun } = body
    return requestRecords({ ...origin, mapping, keys, createMissing, way, dryRun }, deps)
  }
  return startRun({ ...origin, ...wishOf(body), scheduleId: null, slot: null }, deps)
}
