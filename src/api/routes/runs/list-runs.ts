import type { Deps } from '../../../usecases/deps.ts'
import { nextPage } from '../../contract/inputs.ts'
import * as contract from '../../contract/run-endpoints.ts'
import { findPairId } from '../../pair.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'
import { showRun } from '../../views.ts'

/** GET /runs: newest first. */
export function listRuns(server: Server, deps: Deps): void {
  serve(server, contract.listRuns, async ({ query, principal }) => {
    const { limit, before = null, kind = null, state = null, pair } = query
    const pairId = await findPairId({ pair }, principal, deps)
    const runs = await deps.stores.runs.listRuns({ limit, before, kind, state, pairId })
    return { runs: runs.map(showRun), next: nextPage(runs, limit) }
  })
}
