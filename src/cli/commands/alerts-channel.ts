import { type Command, Option } from 'commander'
import type { AlertMessage } from '../../core/alerts/message.ts'
import { type AlertChannel, type ChannelKind, channelKinds } from '../../core/alerts/rule.ts'
import { SyncError, toSyncError } from '../../core/errors.ts'
import { saveAlertChannel } from '../../usecases/alerts/change-alerts.ts'
import { jsonOption } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { print, printJson, printTable } from '../output.ts'
import { whoAsks, withContext } from '../session.ts'

interface Tried {
  readonly channel: string
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string } | null
}

const channelListing = {
  columns: [{ title: 'channel' }, { title: 'kind' }, { title: 'to' }],
  row: ({ name, kind, target }: AlertChannel) => [name, kind, target],
  empty: 'There are no channels, so nobody is told. Make one with `couplet alerts channel`.',
}
const triedListing = {
  columns: [{ title: 'channel' }, { title: 'result' }],
  row: ({ channel, error }: Tried) => [channel, error === null ? 'sent' : `${error.message} ${error.remedy}`],
  empty: channelListing.empty,
}

/** `couplet alerts channels|channel|remove-channel|test` */
export function addAlertChannels(alerts: Command, finish: Finish): void {
  alerts
    .command('channels')
    .description('list who is told')
    .addOption(jsonOption())
    .action((options: { json?: boolean }) => finish(() => list(options)))
  alerts
    .command('channel')
    .description('make a channel, or replace the one of that name')
    .argument('<name>', 'name of the channel')
    .addOption(new Option('--kind <kind>').choices(channelKinds).makeOptionMandatory())
    .requiredOption(
      '--to <target>',
      'addresses for mail, with commas; else env:NAME or file:/path, which hold the address',
    )
    .option('--reason <text>', 'why, for the audit log')
    .action((name: string, options: { kind: ChannelKind; to: string; reason?: string }) =>
      finish(() => save(name, options)),
    )
  alerts
    .command('remove-channel')
    .description('remove a channel')
    .argument('<name>', 'name of the channel')
    .option('--reason <text>', 'why, for the audit log')
    .action((name: string, options: { reason?: string }) => finish(() => remove(name, options)))
  alerts
    .command('test')
    .description('send a message to a channel now, or to all')
    .argument('[channel]', 'name of the channel')
    .addOption(jsonOption())
    .action((name: string | undefined, options: { json?: boolean }) => finish(() => test(name, options)))
}

function list({ json }: { json?: boolean }): Promise<number> {
  return withContext(async ({ care }) => {
    const channels = await care.alerts.listChannels()
    if (json) printJson({ channels })
    else printTable(channels, channelListing)
    return exitCodes.good
  })
}

function save(
  name: string,
  { kind, to, reason = null }: { kind: ChannelKind; to: string; reason?: string | null },
): Promise<number> {
  return withContext(async ({ care }) => {
    await saveAlertChannel({ name, kind, target: to }, { by: whoAsks(), reason }, care)
    print(`Channel ${name} is stored; try it: couplet alerts test ${name}`)
    return exitCodes.good
  })
}

function remove(name: string, { reason = null }: { reason?: string | null }): Promise<number> {
  return withContext(async ({ care }) => {
    if (!(await care.alerts.removeChannel(name, { by: whoAsks(), reason }))) throw unknown(name)
    print(`Channel ${name} is removed`)
    return exitCodes.good
  })
}

function test(name: string | undefined, { json }: { json?: boolean }): Promise<number> {
  return withContext(async ({ care, config }) => {
    const all = await care.alerts.listChannels()
    const channels = all.filter((channel) => name === undefined || channel.name === name)
    if (name !== undefined && channels.length === 0) throw unknown(name)
    const { sendAlert } = await import('../../app/alerts/send-alert.ts')
    const tried: Tried[] = []
    for (const channel of channels)
      tried.push(await tryChannel(channel, () => sendAlert(channel, trial, config)))
    if (json) printJson({ channels: tried })
    else printTable(tried, triedListing)
    return tried.every(({ error }) => error === null) ? exitCodes.good : exitCodes.failed
  })
}

const trial: AlertMessage = {
  event: 'fired',
  title: '[Couplet] a test',
  text: 'Somebody has tried whether messages about alerts arrive here. Nothing is wrong.',
  alerts: [],
}

async function tryChannel({ name }: AlertChannel, send: () => Promise<void>): Promise<Tried> {
  try {
    await send()
    return { channel: name, error: null }
  } catch (error) {
    const { code, message, remedy } = toSyncError(error)
    return { channel: name, error: { code, message, remedy } }
  }
}

const unknown = (name: string) =>
  new SyncError('CONFIG_INVALID', `There is no channel ${name}; see \`couplet alerts channels\``)
