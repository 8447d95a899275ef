import { type Command, Option } from 'commander'
import type { OpenSession } from '../../core/ports/access-store.ts'
import { addDefaultList, jsonOption } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { formatTime, print, printJson, printTable } from '../output.ts'
import { act, withContext } from '../session.ts'

const listing = {
  columns: [
    { title: 'session' },
    { title: 'name' },
    { title: 'known by' },
    { title: 'role' },
    { title: 'signed in (UTC)' },
    { title: 'last seen (UTC)' },
  ],
  row: ({ id, name, kind, role, createdAt, lastSeenAt }: OpenSession) => [
    id,
    name,
    kind === 'oidc' ? 'identity provider' : 'account',
    role,
    formatTime(createdAt),
    formatTime(lastSeenAt),
  ],
  empty: 'Nobody is signed in with a browser.',
}

interface EndOptions {
  readonly kind: OpenSession['kind']
  readonly reason?: string
  readonly json?: boolean
}

/** `couplet sessions list|end|sign-out` */
export function addSessions(program: Command, finish: Finish): void {
  const sessions = program.command('sessions').description('People who have signed in with a browser')
  addDefaultList(sessions)
    .description('list them; `couplet sessions` does it, too')
    .addOption(jsonOption())
    .action((options: { json?: boolean }) => finish(() => list(options)))
  sessions
    .command('end')
    .description('end one session')
    .argument('<session>', 'its id, as the list shows it')
    .option('--reason <text>', 'why, for the audit log')
    .addOption(jsonOption())
    .action((id: string, options: EndOptions) => finish(() => end({ id }, options)))
  sessions
    .command('sign-out')
    .description('end all sessions of somebody')
    .argument('<name>', 'name of the person')
    .addOption(
      new Option('--kind <kind>', 'known by an account of Couplet, or at the identity provider')
        .choices(['user', 'oidc'])
        .default('user'),
    )
    .option('--reason <text>', 'why, for the audit log')
    .addOption(jsonOption())
    .action((name: string, options: EndOptions) => finish(() => end({ name, kind: options.kind }, options)))
}

function list({ json }: { readonly json?: boolean }): Promise<number> {
  return withContext(async ({ deps, config }) => {
    const sessions = await deps.stores.access.listSessions(config.sessionIdleMinutes * 60_000)
    if (json) printJson({ sessions })
    else printTable(sessions, listing)
    return exitCodes.good
  })
}

function end(
  which: { readonly id: string } | Pick<OpenSession, 'name' | 'kind'>,
  { reason, json }: EndOptions,
): Promise<number> {
  return withContext(async ({ deps }) => {
    const { by: actor, ...why } = act(reason)
    const ended = await deps.stores.access.endSessions(which, { actor, ...why })
    if (json) printJson({ ended })
    else print(`${ended} session${ended === 1 ? '' : 's'} ended`)
    return exitCodes.good
  })
}
