import type { Context } from '../../../app/context.ts'
import { nameOf } from '../../../core/access/principal.ts'
import type { Deps } from '../../../usecases/deps.ts'
import * as contract from '../../contract/access.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'
import { sessionRules } from '../../sign-in/sign-in.ts'

/** GET /sessions and POST /sessions/end: people who have signed in with a browser. */
export function changeSessions(server: Server, { stores }: Deps, context: Pick<Context, 'config'>): void {
  const { idleMs } = sessionRules(context)
  serve(server, contract.listSessions, async () => ({ sessions: await stores.access.listSessions(idleMs) }))
  serve(server, contract.endSessions, async ({ body: { reason = null, ...which }, principal }) => ({
    ended: await stores.access.endSessions(which, { actor: nameOf(principal), reason }),
  }))
}
