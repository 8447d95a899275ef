import type { Command } from 'commander'
import type { WebhookEndpoint } from '../../core/ports/webhook-store.ts'
import { getWebhook } from '../../usecases/webhooks/change-webhooks.ts'
import { addDefaultList, jsonOption } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { formatTime, print, printJson, printTable } from '../output.ts'
import { withContext } from '../session.ts'
import { addWebhookChanges } from './webhooks-change.ts'
import { addWebhookDeliveries } from './webhooks-deliveries.ts'

interface JsonOptions {
  readonly json?: boolean
}

const listing = {
  columns: [
    { title: 'webhook' },
    { title: 'to' },
    { title: 'events' },
    { title: 'of' },
    { title: 'state' },
    { title: 'failing since (UTC)' },
  ],
  row: ({ name, url, events, failingSince, ...rest }: WebhookEndpoint) => [
    name,
    // The rest of an address may be a secret.
    new URL(url).origin,
    events.join('\n'),
    placeOf(rest),
    stateOf(rest),
    formatTime(failingSince),
  ],
  empty: 'There are no webhooks. Make one with `couplet webhooks add`.',
}

function placeOf({ pairName, mappingNames }: Pick<WebhookEndpoint, 'pairName' | 'mappingNames'>): string {
  const mappings = mappingNames.length === 0 ? ['all mappings'] : mappingNames
  return [...(pairName === null ? [] : [pairName]), ...mappings].join('\n')
}

function stateOf({ enabled, disabledReason }: Pick<WebhookEndpoint, 'enabled' | 'disabledReason'>): string {
  return enabled ? 'on' : `off: ${disabledReason ?? ''}`
}

/** `couplet webhooks list|show|test|add|…` */
export function addWebhooks(program: Command, finish: Finish): void {
  const webhooks = program
    .command('webhooks')
    .description('Webhooks: tell other programs of what happens, signed (docs/webhooks.md)')
  addDefaultList(webhooks)
    .description('list who is told; `couplet webhooks` does it, too')
    .addOption(jsonOption())
    .action((options: JsonOptions) => finish(() => list(options)))
  webhooks
    .command('show')
    .description('one webhook with its whole address')
    .argument('<name>', 'name of the webhook')
    .addOption(jsonOption())
    .action((name: string, options: JsonOptions) => finish(() => show(name, options)))
  webhooks
    .command('test')
    .description('send it a test now, once, also when it is off')
    .argument('<name>', 'name of the webhook')
    .addOption(jsonOption())
    .action((name: string, options: JsonOptions) => finish(() => test(name, options)))
  addWebhookChanges(webhooks, finish)
  addWebhookDeliveries(webhooks, finish)
}

function list({ json }: JsonOptions): Promise<number> {
  return withContext(async ({ care }) => {
    const webhooks = await care.webhooks.list()
    if (json) printJson({ webhooks })
    else printTable(webhooks, listing)
    return exitCodes.good
  })
}

function show(name: string, { json }: JsonOptions): Promise<number> {
  return withContext(async ({ care }) => {
    const webhook = await getWebhook(name, care)
    if (json) printJson({ webhook })
    else {
      print(`${webhook.name}: ${webhook.url}`)
      print(`events: ${webhook.events.join(', ')}`)
      print(`of: ${placeOf(webhook).replaceAll('\n', ', ')}`)
      print(`state: ${stateOf(webhook)}`)
      if (webhook.failingSince !== null)
        print(`nothing reaches it since ${formatTime(webhook.failingSince)} UTC`)
    }
    return exitCodes.good
  })
}

function test(name: string, { json }: JsonOptions): Promise<number> {
  return withContext(async (context) => {
    const { testWebhook } = await import('../../app/webhooks/test-webhook.ts')
    const tried = await testWebhook(name, context)
    if (json) printJson(tried)
    else if (tried.delivered) print(`${name} has taken it (status ${tried.status}).`)
    else print(`${name} has not taken it: ${tried.code ?? `status ${tried.status}`}.`)
    return tried.delivered ? exitCodes.good : exitCodes.failed
  })
}
