import type { Deps } from '../../../usecases/deps.ts'
import { readIssue } from '../../../usecases/records/read-issue.ts'
import { assertInScope } from '../../access.ts'
import { nextPage } from '../../contract/inputs.ts'
import * as contract from '../../contract/issues.ts'
import { findPairId } from '../../pair.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'
import { showIssue, showOutcome } from '../../views.ts'

/** GET /issues: what is wrong with records at this moment. */
export function listIssues(server: Server, deps: Deps): void {
  serve(server, contract.listIssues, async ({ query, principal }) => {
    const { pair, limit, before = null, stopped: isStopped, ...filter } = query
    const pairId = await findPairId({ pair, mapping: filter.mapping }, principal, deps)
    const issues = await deps.stores.operations.listIssues({ ...filter, isStopped, pairId, limit, before })
    return { issues: issues.map(showIssue), next: nextPage(issues, limit) }
  })
}

/** GET /issues/count: how many there are, by mapping and kind. */
export function countIssues(server: Server, deps: Deps): void {
  serve(
    server,
    contract.countIssues,
    async ({ query: { pair, stopped: isStopped, ...filter }, principal }) => {
      const pairId = await findPairId({ pair, mapping: filter.mapping }, principal, deps)
      return { counts: await deps.stores.operations.countIssues({ ...filter, isStopped, pairId }) }
    },
  )
}

/** GET /issues/:id: one of them, with the latest attempts. */
export function getIssue(server: Server, deps: Deps): void {
  serve(server, contract.getIssue, async ({ params, principal }) => {
    const { issue, attempts } = await readIssue(params.id, deps)
    const { name: pair } = await deps.stores.mappings.getPair(issue.pairId)
    assertInScope(principal, pair, issue.mappingName)
    return { issue: showIssue(issue), attempts: attempts.map(showOutcome) }
  })
}
