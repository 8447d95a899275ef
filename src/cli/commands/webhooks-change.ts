import { type Command, InvalidArgumentError, Option } from 'commander'
import { type WantedEvent, wantedEvents } from '../../core/webhooks/event.ts'
import {
  removeWebhook,
  rotateWebhook,
  saveWebhook,
  switchWebhook,
} from '../../usecases/webhooks/change-webhooks.ts'
import { jsonOption, parseWholeNumber } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { print, printJson, say } from '../output.ts'
import { act, withContext } from '../session.ts'

const MOST_HOURS = 720

interface ChangeOptions {
  readonly reason?: string
  readonly json?: boolean
}

interface AddOptions extends ChangeOptions {
  readonly url: string
  readonly event: readonly WantedEvent[]
  readonly pair?: string
  readonly mapping: readonly string[]
}

/** `couplet webhooks add|enable|disable|rotate|remove` */
export function addWebhookChanges(webhooks: Command, finish: Finish): void {
  const repeated = (text: string, before: readonly string[]) => [...before, text]
  withReason(webhooks.command('add'))
    .description(
      'make a webhook and print its secret, once; or change the one of that name, which keeps its secret',
    )
    .argument('<name>', 'name of the webhook')
    .requiredOption('--url <address>', 'where messages are posted to')
    .addOption(
      new Option('--event <type>', 'what it is told of, as often as needed')
        .argParser((text: string, before: readonly WantedEvent[] | undefined) => [
          ...(before ?? []),
          parseEvent(text),
        ])
        .makeOptionMandatory(),
    )
    .option('--pair <name>', 'only of this pair')
    .addOption(
      new Option('--mapping <name>', 'only of this mapping, as often as needed')
        .argParser(repeated)
        .default([], 'all mappings'),
    )
    .addOption(jsonOption())
    .action((name: string, options: AddOptions) => finish(() => add(name, options)))
  for (const [command, enabled] of [
    ['enable', true],
    ['disable', false],
  ] as const) {
    withReason(webhooks.command(command))
      .description(
        enabled
          ? 'send again: what is owed, and what happens from now on'
          : 'send nothing; what happens meanwhile is not written down for it',
      )
      .argument('<name>', 'name of the webhook')
      .action((name: string, options: ChangeOptions) => finish(() => turn(name, enabled, options)))
  }
  withReason(webhooks.command('rotate'))
    .description('make a new secret and print it, once; the one before signs as well for a while')
    .argument('<name>', 'name of the webhook')
    .addOption(
      new Option('--previous-hours <n>', 'for how long')
        .argParser(parseWholeNumber(0, MOST_HOURS))
        .default(24),
    )
    .addOption(jsonOption())
    .action((name: string, options: ChangeOptions & { previousHours: number }) =>
      finish(() => rotate(name, options)),
    )
  withReason(webhooks.command('remove'))
    .description('remove a webhook with all that is owed to it')
    .argument('<name>', 'name of the webhook')
    .action((name: string, options: ChangeOptions) => finish(() => remove(name, options)))
}

function withReason(command: Command): Command {
  return command.option('--reason <text>', 'why, for the audit log')
}

function parseEvent(text: string): WantedEvent {
  const found = wantedEvents.find((type) => type === text)
  if (found !== undefined) return found
  throw new InvalidArgumentError(`Expected one of ${wantedEvents.join(', ')}.`)
}

function add(name: string, { url, event, pair, mapping, reason, json }: AddOptions): Promise<number> {
  return withContext(async (context) => {
    const endpoint = { name, url, events: event, pairName: pair ?? null, mappingNames: mapping }
    const { webhookTools } = await import('../../app/webhooks/webhook-tools.ts')
    const deps = { ...webhookTools(context), stores: context.deps.stores }
    const { secret, endpoint: webhook } = await saveWebhook(endpoint, act(reason), deps)
    if (json) printJson({ webhook, secret })
    else if (secret === null) print(`Webhook ${name} is changed; it keeps its secret.`)
    else print(secret)
    if (secret !== null)
      say('The secret is shown only now: the receiver needs it to know who has sent a message.')
    return exitCodes.good
  })
}

function turn(name: string, enabled: boolean, { reason }: ChangeOptions): Promise<number> {
  return withContext(async ({ care }) => {
    await switchWebhook(name, enabled, act(reason), care)
    print(`Webhook ${name} is ${enabled ? 'on' : 'off'}`)
    return exitCodes.good
  })
}

function rotate(
  name: string,
  { previousHours, reason, json }: ChangeOptions & { previousHours: number },
): Promise<number> {
  return withContext(async (context) => {
    const { webhookTools } = await import('../../app/webhooks/webhook-tools.ts')
    const { secret } = await rotateWebhook(name, previousHours, act(reason), webhookTools(context))
    if (json) printJson({ name, secret })
    else print(secret)
    say(`It is shown only now. The one before signs as well for ${previousHours} hours.`)
    return exitCodes.good
  })
}

function remove(name: string, { reason }: ChangeOptions): Promise<number> {
  return withContext(async ({ care }) => {
    await removeWebhook(name, act(reason), care)
    print(`Webhook ${name} is removed`)
    return exitCodes.good
  })
}
