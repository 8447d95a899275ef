import { nameOf } from '../../../core/access/principal.ts'
import { approveHeld, listHeldDeletions, rejectHeld } from '../../../usecases/deletions/answer-held.ts'
import type { Deps } from '../../../usecases/deps.ts'
import * as contract from '../../contract/run-endpoints.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'
import { showRun } from '../../views.ts'

/** GET /runs/:id/held-deletions: deletions that wait for an approval. */
export function getHeldDeletions(server: Server, deps: Deps): void {
  serve(server, contract.getHeldDeletions, async ({ params }) => ({
    held: await listHeldDeletions({ runId: params.id, mapping: null }, deps),
  }))
}

/** POST /runs/:id/held-deletions: approves or rejects them. */
export function answerHeldDeletions(server: Server, deps: Deps): void {
  serve(server, contract.answerHeldDeletions, async ({ params, body, principal }) => {
    const request = { runId: params.id, mapping: body.mapping ?? null, by: nameOf(principal) }
    if (body.answer === 'approve') {
      const run = await approveHeld({ ...request, records: body.records }, deps)
      return { run: showRun(run), records: body.records }
    }
    const held = await rejectHeld(request, deps)
    return { run: null, records: held.reduce((sum, { records }) => sum + records, 0) }
  })
}
