import { SyncError } from '../../../core/errors.ts'
import type { Deps } from '../../../usecases/deps.ts'
import { nextPage } from '../../contract/inputs.ts'
import * as contract from '../../contract/issues.ts'
import { findPairId } from '../../pair.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'
import { showIssue } from '../../views.ts'

/** GET /issues: what is wrong with records at this moment. */
export function listIssues(server: Server, deps: Deps): void {
  serve(server, contract.listIssues, async ({ query, principal }) => {
    const { pair, limit, before = null, ...filter } = query
    const pairId = await findPairId({ pair, mapping: filter.mapping }, principal, deps)
    const issues = await deps.stores.operations.listIssues({ ...filter, pairId, limit, before })
    return { issues: issues.map(showIssue), next: nextPage(issues, limit) }
  })
}

/** GET /issues/count: how many there are, by mapping and kind. */
export function countIssues(server: Server, deps: Deps): void {
  serve(server, contract.countIssues, async ({ query: { pair, ...filter }, principal }) => {
    const pairId = await findPairId({ pair, mapping: filter.mapping }, principal, deps)
    return { counts: await deps.stores.operations.countIssues({ ...filter, pairId }) }
  })
}

/** GET /issues/:id: one of them. */
export function getIssue(server: Server, deps: Deps): void {
  serve(server, contract.getIssue, async ({ params }) => {
    const issue = await deps.stores.operations.findIssue(params.id)
    if (issue === null) throw new SyncError('ISSUE_UNKNOWN', `There is no open issue ${params.id}`)
    return { issue: showIssue(issue) }
  })
}
