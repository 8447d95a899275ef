import type { Deps } from '../../../usecases/deps.ts'
import { assertRunInScope } from '../../access.ts'
import { nextPage } from '../../contract/inputs.ts'
import * as outcomes from '../../contract/outcomes.ts'
import * as runs from '../../contract/run-endpoints.ts'
import { findPairId, getPairId } from '../../pair.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'
import { showOutcome } from '../../views.ts'

/** GET /runs/:id/outcomes: what happened to each record, newest first. */
export function listOutcomesOfRun(server: Server, deps: Deps): void {
  serve(server, runs.listOutcomesOfRun, async ({ params, query, principal }) => {
    const details = await deps.stores.runs.getRun(params.id)
    await assertRunInScope(principal, details, deps)
    const { limit, before = null, mapping = null, kind = null, code = null } = query
    const asked = { runId: details.run.id, jobId: null, pairId: null, mapping, kind, code, limit, before }
    const found = await deps.stores.operations.listOutcomes(asked)
    return { outcomes: found.map(showOutcome), next: nextPage(found, limit) }
  })
}

/** GET /outcomes: the same of one mapping or of all, over all runs. */
export function listOutcomes(server: Server, deps: Deps): void {
  serve(server, outcomes.listOutcomes, async ({ query, principal }) => {
    const { pair: _, before = null, mapping = null, ...filter } = query
    // A name of a mapping means something within its pair only.
    const pairId = await (mapping === null ? findPairId : getPairId)(query, principal, deps)
    const asked = { ...filter, runId: null, jobId: null, pairId, mapping, before }
    const found = await deps.stores.operations.listOutcomes(asked)
    return { outcomes: found.map(showOutcome), next: nextPage(found, query.limit) }
  })
}
