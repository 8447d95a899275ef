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
    const { pair: _, run: runId = null, before = null, mapping = null, ...filter } = query
    const pairId = await findPairId(query, principal, deps)
    const jobs = await deps.stores.runs.listJobs({ ...filter, before, mapping, pairId, runId })
    return { jobs: jobs.map(showJob), next: nextPage(jobs, query.limit) }
  })
}
