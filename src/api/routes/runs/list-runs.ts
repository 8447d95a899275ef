import type { Deps } from '../../../usecases/deps.ts'
import { nextPage } from '../../contract/inputs.ts'
import * as contract from '../../contract/run-endpoints.ts'
import { findPairId, getPairId } from '../../pair.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'
import { showRun } from '../../views.ts'

/** GET /runs: newest first. */
export function listRuns(server: Server, deps: Deps): void {
  serve(server, contract.listRuns, async ({ query, principal }) => {
    const { pair: _, before = null, kind = null, ...filter } = query
    // A name of a mapping means something within its pair only.
    const pairId = await (query.mapping === undefined ? findPairId : getPairId)(query, principal, deps)
    const onlyMappings = principal.scope.mappings
    const runs = await deps.stores.runs.listRuns({ ...filter, before, kind, pairId, onlyMappings })
    return { runs: runs.map(showRun), next: nextPage(runs, query.limit) }
  })
}
