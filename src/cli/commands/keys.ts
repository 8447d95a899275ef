import { type Command, Option } from 'commander'
import { hashKey, newKey } from '../../api/api-key.ts'
import { type Role, roles } from '../../core/access/role.ts'
import { addKey, listKeys, revokeKey } from '../../usecases/access/keys.ts'
import { addDefaultList, jsonOption, parseInstant } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { formatTime, print, printJson, printTable, say } from '../output.ts'
import { act, whoAsks, withContext } from '../session.ts'

interface AddOptions {
  readonly role: Role
  readonly pair?: readonly string[]
  readonly mapping?: readonly string[]
  readonly expires?: string
  readonly reason?: string
  readonly json?: boolean
}

const columns = [
  { title: 'name' },
  { title: 'role' },
  { title: 'pairs' },
  { title: 'mappings' },
  { title: 'state' },
  { title: 'expires (UTC)' },
  { title: 'last used (UTC)' },
  { title: 'added by' },
]

/** `couplet keys list|add|revoke` */
export function addKeys(program: Command, finish: Finish): void {
  const keys = program.command('keys').description('API keys: who may ask over HTTP, and for what')
  addDefaultList(keys)
    .description('list the keys; `couplet keys` does it, too. The keys themselves are stored nowhere')
    .addOption(jsonOption())
    .action((options: { json?: boolean }) => finish(() => list(options)))
  keys
    .command('add')
    .description('make a key and print it, once')
    .argument('<name>', 'name of the key, for logs and the audit log')
    .addOption(new Option('--role <role>', 'what it may do').choices(roles).makeOptionMandatory())
    .option('--pair <names...>', 'only for these pairs')
    .option('--mapping <names...>', 'only for these mappings')
    .addOption(new Option('--expires <time>', 'until when it can be used').argParser(parseInstant))
    .option('--reason <text>', 'why, for the audit log')
    .addOption(jsonOption())
    .action((name: string, options: AddOptions) => finish(() => add(name, options)))
  keys
    .command('revoke')
    .description('end a key at once')
    .argument('<name>', 'name of the key')
    .option('--reason <text>', 'why, for the audit log')
    .action((name: string, { reason }: { reason?: string }) => finish(() => revoke(name, reason)))
}

function list({ json }: { readonly json?: boolean }): Promise<number> {
  return withContext(async ({ deps }) => {
    const keys = await listKeys(deps)
    if (json) printJson({ keys })
    else printTable(keys, { columns, row, empty: 'There are no keys.' })
    return exitCodes.good
  })
}

function row(key: Awaited<ReturnType<typeof listKeys>>[number]): readonly string[] {
  const { name, role, pairs, mappings, state, expiresAt, lastUsedAt, createdBy } = key
  const only = (names: readonly string[] | null) => names?.join('\n') ?? 'all'
  return [
    name,
    role,
    only(pairs),
    only(mappings),
    state,
    formatTime(expiresAt),
    formatTime(lastUsedAt),
    createdBy,
  ]
}

function add(name: string, options: AddOptions): Promise<number> {
  return withContext(async ({ deps }) => {
    const key = newKey()
    const { role, pair = null, mapping = null, expires = null, reason = null } = options
    await addKey(
      {
        name,
        hash: hashKey(key),
        role,
        pairs: pair,
        mappings: mapping,
        expiresAt: expires,
        by: whoAsks(),
        reason,
      },
      deps,
    )
    if (options.json) printJson({ name, key })
    else print(key)
    say('It is shown only now: keep it in a safe place.')
    return exitCodes.good
  })
}

function revoke(name: string, reason: string | undefined): Promise<number> {
  return withContext(async ({ deps }) => {
    await revokeKey(name, act(reason), deps)
    print(`Key ${name} is revoked`)
    return exitCodes.good
  })
}
