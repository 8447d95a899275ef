import type { Deps } from '../../../usecases/deps.ts'
import * as contract from '../../contract/control.ts'
import { nextPage } from '../../contract/inputs.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'

/** GET /audit: who did what, newest first. */
export function listAudit(server: Server, { stores }: Deps): void {
  serve(server, contract.listAudit, async ({ query: { limit, before = null, ...filter } }) => {
    const entries = await stores.access.listAudit({ ...filter, limit, before })
    return { entries, next: nextPage(entries, limit) }
  })
}
