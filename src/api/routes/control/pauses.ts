import { nameOf, type Principal } from '../../../core/access/principal.ts'
import { breakerInWords } from '../../../core/control/breaker.ts'
import type { PauseScope } from '../../../core/control/pause.ts'
import type { Deps } from '../../../usecases/deps.ts'
import { getConnection } from '../../../usecases/setup/connections.ts'
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
  const { control } = deps.stores
  serve(server, contract.pause, async ({ body, principal }) => {
    const { reason, until = null } = body
    const act = { by: nameOf(principal), reason }
    const scope = await scopeOf(body, principal, deps)
    return { pause: await control.pause(scope, { cause: 'person', until, reason }, act) }
  })
  serve(server, contract.resume, async ({ body, principal }) => {
    const act = { by: nameOf(principal), reason: body.reason ?? null }
    return { resumed: await control.resume(await scopeOf(body, principal, deps), act) }
  })
}

async function scopeOf(
  wish: Asked<typeof contract.resume>['body'] | Asked<typeof contract.pause>['body'],
  principal: Principal,
  deps: Deps,
): Promise<PauseScope> {
  const { scope } = wish
  if (scope === 'everything') return { scope }
  if (scope === 'connection') return { scope, connectionId: (await getConnection(wish.connection, deps)).id }
  const pairId = await getPairId(wish, principal, deps)
  return { scope, mappingId: (await deps.stores.mappings.getMapping(pairId, wish.mapping)).id }
}
