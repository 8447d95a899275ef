import { nameOf, type Principal } from '../../../core/access/principal.ts'
import { breakerInWords } from '../../../core/control/breaker.ts'
import { type NamedScope, pauseWork, resumeWork } from '../../../usecases/control/pauses.ts'
import type { Deps } from '../../../usecases/deps.ts'
import * as contract from '../../contract/control.ts'
import type { Asked } from '../../contract/endpoint.ts'
import { getPairId } from '../../pair.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'

/** GET /pauses: what is paused, and connections that do not answer. */
export function listPauses(server: Server, { stores }: Deps): void {
  serve(server, contract.listPauses, async () => {
    const breakers = await stores.control.listBreakers()
    return {
      pauses: await stores.control.listPauses(),
      breakers: breakers.map(({ connection, state }) => ({ connection, says: breakerInWords(state) })),
    }
  })
}

/** POST /pauses and POST /pauses/resume. */
export function changePauses(server: Server, deps: Deps): void {
  serve(server, contract.pause, async ({ body, principal }) => {
    const { reason, until = null } = body
    const what = await scopeOf(body, principal, deps)
    const act = { by: nameOf(principal), reason }
    return { pause: await pauseWork(what, { cause: 'person', until }, act, deps) }
  })
  serve(server, contract.resume, async ({ body, principal }) => {
    const act = { by: nameOf(principal), reason: body.reason ?? null }
    await resumeWork(await scopeOf(body, principal, deps), act, deps)
    return { resumed: true as const }
  })
}

async function scopeOf(
  wish: Asked<typeof contract.resume>['body'] | Asked<typeof contract.pause>['body'],
  principal: Principal,
  deps: Deps,
): Promise<NamedScope> {
  if (wish.scope === 'everything') return { everything: true }
  if (wish.scope === 'connection') return { connection: wish.connection }
  return { pairId: await getPairId(wish, principal, deps), mapping: wish.mapping }
}
