import { nameOf } from '../../../core/access/principal.ts'
import type { Deps } from '../../../usecases/deps.ts'
import { addBlackout, removeBlackout } from '../../../usecases/schedules/calendar.ts'
import * as contract from '../../contract/schedules.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'

/** GET and POST /blackouts, DELETE /blackouts/:id. */
export function changeBlackouts(server: Server, deps: Deps): void {
  serve(server, contract.listBlackouts, async () => ({
    blackouts: await deps.stores.schedules.listCalendar(),
  }))
  serve(server, contract.addBlackout, async ({ body, principal }) => {
    const act = { by: nameOf(principal), reason: body.reason }
    return { blackout: await addBlackout(body, act, deps) }
  })
  serve(server, contract.removeBlackout, async ({ params, query, principal }) => {
    await removeBlackout(params.id, { by: nameOf(principal), reason: query.reason ?? null }, deps)
    return { removed: true as const }
  })
}
