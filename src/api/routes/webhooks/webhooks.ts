import type { Context } from '../../../app/context.ts'
import { testWebhook } from '../../../app/webhooks/test-webhook.ts'
import { webhookTools } from '../../../app/webhooks/webhook-tools.ts'
import { nameOf, type Principal } from '../../../core/access/principal.ts'
import type { WebhookEndpoint } from '../../../core/ports/webhook-store.ts'
import type { Deps } from '../../../usecases/deps.ts'
import * as usecase from '../../../usecases/webhooks/change-webhooks.ts'
import * as contract from '../../contract/webhooks.ts'
import { judgingWhatWasSent } from '../../refusal.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'

const act = (principal: Principal, reason?: string) => ({ by: nameOf(principal), reason: reason ?? null })

/** As it is answered: pair and mappings are called so, as everywhere in the API. */
function show({ pairName, mappingNames, ...webhook }: WebhookEndpoint) {
  return { ...webhook, pair: pairName, mappings: mappingNames }
}

/** GET, PUT and DELETE /webhooks: who is told of events. */
export function changeWebhooks(server: Server, deps: Deps, context: Context): void {
  const tools = webhookTools(context)
  const all = { ...tools, stores: deps.stores }
  serve(server, contract.listWebhooks, async () => ({ webhooks: (await tools.webhooks.list()).map(show) }))
  serve(server, contract.getWebhook, async ({ params }) => ({
    webhook: show(await usecase.getWebhook(params.name, tools)),
  }))
  serve(server, contract.saveWebhook, async ({ params: { name }, body, principal }) => {
    const { url, events, pair, mappings, reason } = body
    const wanted = { name, url, events, pairName: pair ?? null, mappingNames: mappings }
    const { endpoint, secret } = await judgingWhatWasSent(() =>
      usecase.saveWebhook(wanted, act(principal, reason), all),
    )
    return { webhook: show(endpoint), secret }
  })
  serve(server, contract.removeWebhook, async ({ params, principal }) => {
    await usecase.removeWebhook(params.name, act(principal), tools)
    return { removed: true as const }
  })
}

/** POST /webhooks/:name/…: on and off, a new secret, a test, and again what has failed. */
export function operateWebhooks(server: Server, _deps: Deps, context: Context): void {
  const tools = webhookTools(context)
  const change = (name: string, enabled: boolean, principal: Principal, reason?: string) =>
    usecase.switchWebhook(name, enabled, act(principal, reason), tools)
  serve(server, contract.enableWebhook, async ({ params, body, principal }) => ({
    webhook: show(await change(params.name, true, principal, body.reason)),
  }))
  serve(server, contract.disableWebhook, async ({ params, body, principal }) => ({
    webhook: show(await change(params.name, false, principal, body.reason)),
  }))
  serve(server, contract.rotateWebhook, async ({ params, body, principal }) => {
    const changed = act(principal, body.reason)
    const { endpoint, secret } = await usecase.rotateWebhook(params.name, body.previousHours, changed, tools)
    return { webhook: show(endpoint), secret }
  })
  serve(server, contract.testWebhook, async ({ params }) => testWebhook(params.name, context))
  serve(server, contract.replayWebhook, async ({ params, body, principal }) => {
    const changed = act(principal, body.reason)
    return { deliveries: await usecase.replayFailed(params.name, body.since ?? null, changed, tools) }
  })
}
