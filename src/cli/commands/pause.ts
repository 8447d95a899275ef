import { type Command, Option } from 'commander'
import { breakerInWords } from '../../core/control/breaker.ts'
import { type Pause, pauseInWords } from '../../core/control/pause.ts'
import { SyncError } from '../../core/errors.ts'
import { type NamedScope, pauseWork, resumeWork } from '../../usecases/control/pauses.ts'
import type { Deps } from '../../usecases/deps.ts'
import { getPairByName } from '../../usecases/setup/get-pair.ts'
import { addPairOptions, jsonOption, type PairOptions, parseInstant } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { formatTime, print, printJson, printTable, say } from '../output.ts'
import { act, withContext } from '../session.ts'

interface Options extends PairOptions {
  readonly connection?: string
  readonly all?: boolean
  readonly until?: string
  readonly reason?: string
}

const listing = {
  columns: [
    { title: 'paused' },
    { title: 'by' },
    { title: 'since (UTC)' },
    { title: 'until (UTC)' },
    { title: 'reason' },
  ],
  row: ({ scope, name, by, cause, at, until, reason }: Pause) => [
    name === null ? 'everything' : `${scope} ${name}`,
    cause === 'automatic' ? `${by} (automatically)` : by,
    formatTime(at),
    formatTime(until),
    reason,
  ],
  empty: 'Nothing is paused.',
}

/** `couplet pause`, `couplet resume`, `couplet pauses` */
export function addPause(program: Command, finish: Finish): void {
  withScope(program.command('pause'))
    .description(
      'Stop the work of a mapping, a connection or everything between two pages, until it is resumed',
    )
    .requiredOption('--reason <text>', 'why; it is shown wherever somebody asks')
    .addOption(new Option('--until <time>', 'it goes on by itself then').argParser(parseInstant))
    .action((mapping: string | undefined, options: Options) => finish(() => pause(mapping, options)))
  withScope(program.command('resume'))
    .description('Go on with what is paused')
    .option('--reason <text>', 'why')
    .action((mapping: string | undefined, options: Options) => finish(() => resume(mapping, options)))
  program
    .command('pauses')
    .description('List what is paused, by whom and why, and which connections are out of reach')
    .addOption(jsonOption())
    .action((options: { json?: boolean }) => finish(() => list(options)))
}

function withScope(command: Command): Command {
  return addPairOptions(
    command
      .argument('[mapping]', 'name of a mapping')
      .option('--connection <name>', 'a connection, with all mappings that use it')
      .option('--all', 'everything'),
  )
}

async function scopeOf(
  mapping: string | undefined,
  { connection, all, pair }: Options,
  deps: Deps,
): Promise<NamedScope> {
  if ([mapping, connection, all].filter((given) => given !== undefined).length !== 1)
    throw new SyncError('CONFIG_INVALID', 'Name one thing: a mapping, --connection NAME or --all')
  if (all) return { everything: true }
  if (connection !== undefined) return { connection }
  return { pairId: (await getPairByName(pair ?? null, deps)).id, mapping: mapping ?? '' }
}

function pause(mapping: string | undefined, options: Options): Promise<number> {
  return withContext(async ({ deps }) => {
    const what = await scopeOf(mapping, options, deps)
    const how = { cause: 'person', until: options.until ?? null } as const
    const paused = await pauseWork(what, how, act(options.reason), deps)
    if (options.json) printJson({ pause: paused })
    else print(pauseInWords(paused))
    return exitCodes.good
  })
}

function resume(mapping: string | undefined, options: Options): Promise<number> {
  return withContext(async ({ deps }) => {
    await resumeWork(await scopeOf(mapping, options, deps), act(options.reason), deps)
    if (options.json) printJson({ resumed: true })
    else print('It goes on within seconds.')
    return exitCodes.good
  })
}

function list({ json }: { readonly json?: boolean }): Promise<number> {
  return withContext(async ({ deps }) => {
    const pauses = await deps.stores.control.listPauses()
    const breakers = await deps.stores.control.listBreakers()
    if (json) printJson({ pauses, breakers })
    else {
      printTable(pauses, listing)
      for (const { connection, state } of breakers)
        say(`Connection ${connection} is ${breakerInWords(state)}`)
    }
    return exitCodes.good
  })
}
