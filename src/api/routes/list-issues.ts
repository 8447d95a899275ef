import { z } from 'zod'
import { issueKinds } from '../../core/sync/issue.ts'
import type { Deps } from '../../usecases/deps.ts'
import { getPairByName } from '../../usecases/setup/get-pair.ts'
import { assertInScope } from '../access.ts'
import { instant, nextPage, pageQuery, text } from '../input.ts'
import type { Server } from '../server-type.ts'
import { showIssue } from '../views.ts'

const querystring = z.strictObject({
  ...pageQuery,
  pair: text(100).optional(),
  mapping: text(100).optional(),
  kind: z.enum(issueKinds).optional(),
  code: text(50).optional(),
  field: text(128).optional(),
  since: instant.optional(),
  until: instant.optional(),
})

/** GET /issues: what is wrong with records at this moment. */
export function listIssues(server: Server, deps: Deps): void {
  server.get(
    '/issues',
    { schema: { querystring }, config: { role: 'view', isScoped: true } },
    async ({ query, principal }) => {
      const { pair, limit, before = null, ...filter } = query
      assertInScope(principal, pair ?? null, filter.mapping ?? null)
      const pairId = pair === undefined ? null : (await getPairByName(pair, deps)).id
      const issues = await deps.stores.operations.listIssues({ ...filter, pairId, limit, before })
      return { issues: issues.map(showIssue), next: nextPage(issues, limit) }
    },
  )
}
