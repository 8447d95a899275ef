import { z } from 'zod'
import { runKinds } from '../../core/sync/run.ts'
import type { Deps } from '../../usecases/deps.ts'
import { nextPage, pageQuery } from '../input.ts'
import type { Server } from '../server-type.ts'
import { showRun } from '../views.ts'

const querystring = z.strictObject({ ...pageQuery, kind: z.enum(runKinds).optional() })

/** GET /runs: newest first. */
export function listRuns(server: Server, deps: Deps): void {
  server.get('/runs', { schema: { querystring }, config: { role: 'view' } }, async ({ query }) => {
    const { limit, before = null, kind = null } = query
    const runs = await deps.stores.runs.listRuns({ limit, before, kind })
    return { runs: runs.map(showRun), next: nextPage(runs, limit) }
  })
}
