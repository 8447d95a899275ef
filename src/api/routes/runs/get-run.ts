import type { Deps } from '../../../usecases/deps.ts'
import { assertRunInScope } from '../../access.ts'
import * as contract from '../../contract/run-endpoints.ts'
import { showDetails } from '../../run-view.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'

/** GET /runs/:id: the run with its lines, jobs, counters over all jobs, its question, and what a preview has found. */
export function getRun(server: Server, deps: Deps): void {
  serve(server, contract.getRun, async ({ params, principal }) => {
    const details = await deps.stores.runs.getRun(params.id)
    await assertRunInScope(principal, details, deps)
    return showDetails(details, deps)
  })
}
