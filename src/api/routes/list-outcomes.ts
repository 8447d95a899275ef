import { z } from 'zod'
import type { Deps } from '../../usecases/deps.ts'
import { assertRunInScope } from '../access.ts'
import { nextPage, pageQuery, RunAddress, text } from '../input.ts'
import type { Server } from '../server-type.ts'
import { showOutcome } from '../views.ts'

const querystring = z.strictObject({ ...pageQuery, mapping: text(100).optional() })

/** GET /runs/:id/outcomes: what happened to each record, newest first. */
export function listOutcomes(server: Server, deps: Deps): void {
  const schema = { params: RunAddress, querystring }
  server.get(
    '/runs/:id/outcomes',
    { schema, config: { role: 'view', isScoped: true } },
    async ({ params, query, principal }) => {
      const { limit, before = null, mapping = null } = query
      const details = await deps.stores.runs.getRun(params.id)
      await assertRunInScope(principal, details, deps)
      const outcomes = await deps.stores.operations.listOutcomes({
        runId: details.run.id,
        jobId: null,
        mapping,
        limit,
        before,
      })
      return { outcomes: outcomes.map(showOutcome), next: nextPage(outcomes, limit) }
    },
  )
}
