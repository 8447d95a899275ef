import { type Command, Option } from 'commander'
import { SyncError } from '../../core/errors.ts'
import { type DeliveryState, deliveryStates, type ListedDelivery } from '../../core/ports/webhook-store.ts'
import { replayDelivery, replayFailed } from '../../usecases/webhooks/change-webhooks.ts'
import { addListOptions, jsonOption, parseId, parseInstant } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { formatTime, print, printJson, printTable } from '../output.ts'
import { act, withContext } from '../session.ts'

interface ListOptions {
  readonly webhook?: string
  readonly state?: DeliveryState
  readonly limit: number
  readonly before: number | null
  readonly json?: boolean
}

interface ReplayOptions {
  readonly webhook?: string
  readonly since?: string
  readonly reason?: string
  readonly json?: boolean
}

const listing = {
  columns: [
    { title: 'delivery', align: 'right' as const },
    { title: 'event' },
    { title: 'at (UTC)' },
    { title: 'to' },
    { title: 'state' },
    { title: 'attempts', align: 'right' as const },
    { title: 'last answer' },
    { title: 'next (UTC)' },
  ],
  row: ({ id, type, at, webhook, callbackOrigin, state, attempts, ...rest }: ListedDelivery) => [
    String(id),
    type,
    formatTime(at),
    webhook ?? callbackOrigin ?? '',
    state,
    String(attempts),
    rest.lastCode ?? (rest.lastStatus === null ? '' : String(rest.lastStatus)),
    formatTime(rest.nextAttemptAt),
  ],
  empty: 'Nothing was sent, and nothing is owed.',
}

/** `couplet webhooks deliveries|replay` */
export function addWebhookDeliveries(webhooks: Command, finish: Finish): void {
  addListOptions(webhooks.command('deliveries'))
    .description('list what was sent, is owed or has failed, newest first; callbacks of runs, too')
    .option('--webhook <name>', 'only of this webhook')
    .addOption(new Option('--state <state>', 'only in this state').choices(deliveryStates))
    .action((options: ListOptions) => finish(() => list(options)))
  webhooks
    .command('replay')
    .description('send again, with the same ids: one delivery, or all of a webhook that have failed for good')
    .argument('[delivery]', 'its number', parseId)
    .option('--webhook <name>', 'all of this webhook that have failed')
    .addOption(new Option('--since <time>', 'only what was given up since then').argParser(parseInstant))
    .option('--reason <text>', 'why, for the audit log')
    .addOption(jsonOption())
    .action((delivery: number | undefined, options: ReplayOptions) => finish(() => replay(delivery, options)))
}

function list({ webhook, state, limit, before, json }: ListOptions): Promise<number> {
  return withContext(async ({ care }) => {
    const deliveries = await care.webhooks.listDeliveries({ webhook, state, limit, before })
    if (json) printJson({ deliveries })
    else printTable(deliveries, listing)
    return exitCodes.good
  })
}

function replay(delivery: number | undefined, options: ReplayOptions): Promise<number> {
  const { webhook, since, reason, json } = options
  if ((delivery === undefined) === (webhook === undefined)) {
    throw new SyncError('REQUEST_INVALID', 'Name either a delivery or, with --webhook, a webhook')
  }
  return withContext(async ({ care }) => {
    const deliveries =
      delivery !== undefined
        ? await replayDelivery(delivery, act(reason), care)
        : await replayFailed(webhook ?? '', since ?? null, act(reason), care)
    if (json) printJson({ deliveries })
    else print(`${deliveries} ${deliveries === 1 ? 'delivery is' : 'deliveries are'} sent again.`)
    return exitCodes.good
  })
}
