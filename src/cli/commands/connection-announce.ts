import type { Command } from 'commander'
import type { AnnouncedTable } from '../../core/ports/connector.ts'
import { planAnnouncing, switchAnnouncing } from '../../usecases/announcements/switch-announcing.ts'
import { getConnection } from '../../usecases/setup/connections.ts'
import { jsonOption } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { print, printJson, say } from '../output.ts'
import { act, withContext } from '../session.ts'

interface Options {
  readonly apply?: boolean
  readonly switchOnly?: boolean
  readonly off?: boolean
  readonly reason?: string
  readonly json?: boolean
}

/** `couplet connection announce`: the SQL that makes a Postgres tell of changes, and the switch for it. */
export function addAnnounce(connection: Command, finish: Finish): void {
  connection
    .command('announce')
    .description(
      'have a Postgres tell of changes of the mapped tables, so that they are looked for within moments; without --apply and --switch-only it only prints the SQL',
    )
    .argument('<name>', 'name of the connection')
    .option('--apply', 'run the SQL as the user of the connection, and listen')
    .option('--switch-only', 'listen; somebody else has run the SQL')
    .option('--off', 'not any more: the SQL that takes everything away')
    .option('--reason <text>', 'why, for the audit log')
    .addOption(jsonOption())
    .action((name: string, options: Options) => finish(() => announce(name, options)))
}

function announce(name: string, options: Options): Promise<number> {
  const { apply = false, switchOnly = false, off = false, reason, json } = options
  const wanted = off ? 'off' : 'on'
  return withContext(async ({ deps }) => {
    const connection = await getConnection(name, deps)
    const isSwitched = apply || switchOnly
    if (isSwitched) await switchAnnouncing(connection, wanted, { apply }, act(reason), deps)
    const { statements, tables, warnings } = await planAnnouncing(connection, wanted, deps)
    if (json) printJson({ connection: name, announce: wanted, isSwitched, tables, statements, warnings })
    else if (isSwitched) tellSwitched(name, wanted, tables)
    else {
      print(`${statements.join(';\n\n')};`)
      say(`Run it, then: couplet connection announce ${name}${off ? ' --off' : ''} --switch-only`)
    }
    for (const warning of warnings) say(`Warning: ${warning}`)
    return exitCodes.good
  })
}

function tellSwitched(name: string, wanted: 'on' | 'off', tables: readonly AnnouncedTable[]): void {
  print(`Connection ${name}: changes are ${wanted === 'on' ? 'listened to' : 'found by schedule alone'}.`)
  if (wanted === 'off') return
  const told = { silent: 'has no trigger yet', impossible: 'is a view: it cannot tell' } as const
  for (const { table, state } of tables) if (state !== 'announced') say(`${table} ${told[state]}`)
}
