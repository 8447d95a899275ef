import { z } from 'zod'
import type { Deps } from '../../usecases/deps.ts'
import { nextPage, pageQuery, RunAddress, text } from '../input.ts'
import type { Server } from '../server-type.ts'
import { showOutcome } from '../views.ts'

const querystring = z.strictObject({ ...pageQuery, mapping: text(100).optional() })

/** GET /runs/:id/outcomes: what happened to each record, newest first. */
export function listOutcomes(server: Server, deps: Deps): void {
  const schema = { params: RunAddress, querystring }
  server.get('/runs/:id/outcomes', { schema, config: { role: 'view' } }, async ({ params, query }) => {
    const { limit, before = null, mapping = null } = query
    const { run } = await deps.stores.runs.getRun(params.id)
    const outcomes = await deps.stores.operations.listOutcomes({
      runId: run.id,
      jobId: null,
      mapping,
      limit,
      before,
    })
    return { outcomes: outcomes.map(showOutcome), next: nextPage(outcomes, limit) }
  })
}
