import { nameOf } from '../../../core/access/principal.ts'
import type { Deps } from '../../../usecases/deps.ts'
import { linesOf, retryLines, retryRecords } from '../../../usecases/flow/retry-run.ts'
import { assertRunInScope } from '../../access.ts'
import * as contract from '../../contract/run-endpoints.ts'
import { runLocation } from '../../open-api.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'
import { showRun } from '../../views.ts'

/** POST /runs/:id/retry: its failed lines in the same run, or its failed records in a run of their own. */
export function retryRun(server: Server, deps: Deps): void {
  serve(server, contract.retryRun, async ({ params, body: wish, principal }, reply) => {
    const details = await deps.stores.runs.getRun(params.id)
    await assertRunInScope(principal, details, deps)
    const named = wish.what === 'lines' ? wish.mapping : undefined
    const by = nameOf(principal)
    const lines = named === undefined ? null : linesOf(named, details)
    const run =
      wish.what === 'lines'
        ? await retryLines(params.id, lines, { by, reason: wish.reason ?? null }, deps)
        : await retryRecords(params.id, by, deps)
    reply.header('location', runLocation(run.id))
    return { run: showRun(run) }
  })
}
