import type { Deps } from '../../../usecases/deps.ts'
import { nextPage } from '../../contract/inputs.ts'
import * as contract from '../../contract/set-up.ts'
import { findPairId } from '../../pair.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'
import { showJob } from '../../views.ts'

/** GET /jobs: those of all runs, newest first. */
export function listJobs(server: Server, deps: Deps): void {
  serve(server, contract.listJobs, async ({ query, principal }) => {
    const { limit, before = null, pair, run: runId = null, mapping = null, state = null, code = null } = query
    const pairId = await findPairId({ pair, mapping: query.mapping }, principal, deps)
    const jobs = await deps.stores.runs.listJobs({ limit, before, mapping, state, pairId, runId, code })
    return { jobs: jobs.map(showJob), next: nextPage(jobs, limit) }
  })
}
