import type { Context } from '../../../app/context.ts'
import { nameOf } from '../../../core/access/principal.ts'
import { messageBody } from '../../../core/webhooks/event.ts'
import type { Deps } from '../../../usecases/deps.ts'
import { getDelivery, replayDelivery } from '../../../usecases/webhooks/change-webhooks.ts'
import { nextPage } from '../../contract/inputs.ts'
import * as contract from '../../contract/webhooks.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'

/** GET /webhook-deliveries and below: what was sent, and once more. */
export function serveDeliveries(server: Server, _deps: Deps, { care }: Context): void {
  serve(server, contract.listDeliveries, async ({ query: { limit, before = null, ...filter } }) => {
    const deliveries = await care.webhooks.listDeliveries({ ...filter, limit, before })
    return { deliveries, next: nextPage(deliveries, limit) }
  })
  serve(server, contract.getDelivery, async ({ params }) => {
    const { delivery, event, attempts } = await getDelivery(params.id, care)
    return { delivery, body: messageBody(event), attempts }
  })
  serve(server, contract.replayDelivery, async ({ params, body, principal }) => {
    const changed = { by: nameOf(principal), reason: body.reason ?? null }
    return { deliveries: await replayDelivery(params.id, changed, care) }
  })
}
