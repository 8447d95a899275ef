import { nameOf } from '../../../core/access/principal.ts'
import type { Deps } from '../../../usecases/deps.ts'
import { assertRunInScope } from '../../access.ts'
import * as contract from '../../contract/run-endpoints.ts'
import { runLocation } from '../../open-api.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'
import { showRun } from '../../views.ts'

/** POST /runs/:id/cancel: stops a run at the next safe point. */
export function cancelRun(server: Server, deps: Deps): void {
  serve(server, contract.cancelRun, async ({ params, body, principal }, reply) => {
    await assertRunInScope(principal, await deps.stores.runs.getRun(params.id), deps)
    const request = { by: nameOf(principal), reason: body.reason ?? null }
    const run = await deps.stores.runs.cancelRun(params.id, request)
    reply.header('location', runLocation(run.id))
    return { run: showRun(run) }
  })
}
