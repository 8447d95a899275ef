import { nameOf } from '../../../core/access/principal.ts'
import { resolveConflict as decideConflict } from '../../../usecases/conflicts/resolve-conflict.ts'
import { resolveDeletion as decideDeletion } from '../../../usecases/deletions/resolve-deletion.ts'
import type { Deps } from '../../../usecases/deps.ts'
import * as contract from '../../contract/issues.ts'
import { runLocation } from '../../open-api.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'
import { showRun } from '../../views.ts'

/** POST /issues/:id/resolve: which values both sides of a conflict get. */
export function resolveConflict(server: Server, deps: Deps): void {
  serve(server, contract.resolveConflict, ({ params, body, principal }) => {
    const wish = { all: body.all ?? null, byField: new Map(Object.entries(body.fields)) }
    return decideConflict({ issueId: params.id, wish, decidedBy: nameOf(principal) }, deps)
  })
}

/** POST /issues/:id/deletion: what is to be done about a record that was deleted on one side. */
export function resolveDeletion(server: Server, deps: Deps): void {
  serve(server, contract.resolveDeletion, async ({ params, body, principal }, reply) => {
    const wish = { issueId: params.id, choice: body.choice, by: nameOf(principal) }
    const run = await decideDeletion(wish, deps)
    reply.header('location', runLocation(run.id))
    return { run: showRun(run) }
  })
}
