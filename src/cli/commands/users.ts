import { type Command, Option } from 'commander'
import { hashPassword, newPassword } from '../../app/password.ts'
import { type Role, roles } from '../../core/access/role.ts'
import { SyncError } from '../../core/errors.ts'
import type { AccessStore, Account } from '../../core/ports/access-store.ts'
import { assertName } from '../../usecases/access/keys.ts'
import { addDefaultList, jsonOption } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { readInput } from '../input.ts'
import { formatTime, print, printJson, printTable, say } from '../output.ts'
import { whoAsks, withContext } from '../session.ts'

interface Why {
  readonly reason?: string
}
interface PasswordOptions extends Why {
  readonly stdin?: boolean
}

const listing = {
  columns: [{ title: 'name' }, { title: 'role' }, { title: 'added (UTC)' }],
  row: ({ name, role, createdAt }: Account) => [name, role, formatTime(createdAt)],
  empty: 'Nobody signs in with a password. Add somebody with `couplet users add`.',
}

const withPassword = (command: Command) =>
  command
    .option('--stdin', 'read the password from the input instead of making one')
    .option('--reason <text>', 'why, for the audit log')

/** `couplet users list|add|password|role|remove` */
export function addUsers(program: Command, finish: Finish): void {
  const users = program.command('users').description('People who sign in with a password of Couplet')
  addDefaultList(users)
    .description('list them; `couplet users` does it, too')
    .addOption(jsonOption())
    .action((options: { json?: boolean }) => finish(() => list(options)))
  withPassword(users.command('add'))
    .description('add somebody, and print the password, once')
    .argument('<name>', 'name to sign in with')
    .addOption(new Option('--role <role>', 'what they may do').choices(roles).makeOptionMandatory())
    .action((name: string, options: PasswordOptions & { role: Role }) => finish(() => add(name, options)))
  withPassword(users.command('password'))
    .description('set another password, and end all sessions with the old one')
    .argument('<name>', 'name they sign in with')
    .action((name: string, options: PasswordOptions) => finish(() => setPassword(name, options)))
  users
    .command('role')
    .description('change what somebody may do, and end their sessions')
    .argument('<name>', 'name they sign in with')
    .addOption(new Option('--role <role>', 'what they may do').choices(roles).makeOptionMandatory())
    .option('--reason <text>', 'why, for the audit log')
    .action((name: string, { role, reason }: Why & { role: Role }) =>
      finish(() =>
        change(name, (access) => access.changeAccount(name, { role }, by(reason)), `may ${role} now`),
      ),
    )
  users
    .command('remove')
    .description('remove somebody, with all sessions')
    .argument('<name>', 'name they sign in with')
    .option('--reason <text>', 'why, for the audit log')
    .action((name: string, { reason }: Why) =>
      finish(() => change(name, (access) => access.removeAccount(name, by(reason)), 'is removed')),
    )
}

const by = (reason: string | undefined) => ({ actor: whoAsks(), reason: reason ?? null })

function list({ json }: { readonly json?: boolean }): Promise<number> {
  return withContext(async ({ deps }) => {
    const users = await deps.stores.access.listAccounts()
    if (json) printJson({ users })
    else printTable(users, listing)
    return exitCodes.good
  })
}

function add(name: string, { role, stdin, reason }: PasswordOptions & { role: Role }): Promise<number> {
  return withContext(async ({ deps }) => {
    assertName('name', name)
    const password = await choosePassword(stdin)
    const account = { name, role, password: await hashPassword(password) }
    if (!(await deps.stores.access.createAccount(account, by(reason)))) {
      throw new SyncError('CONFIG_INVALID', `name = '${name}': there is somebody of that name already`)
    }
    show(password, stdin, `User ${name} is added`)
    return exitCodes.good
  })
}

function setPassword(name: string, { stdin, reason }: PasswordOptions): Promise<number> {
  return withContext(async ({ deps }) => {
    const password = await choosePassword(stdin)
    const hash = await hashPassword(password)
    await assertThere(name, await deps.stores.access.changeAccount(name, { password: hash }, by(reason)))
    show(password, stdin, `User ${name} has another password`)
    return exitCodes.good
  })
}

function change(
  name: string,
  work: (access: AccessStore) => Promise<boolean>,
  done: string,
): Promise<number> {
  return withContext(async ({ deps }) => {
    assertThere(name, await work(deps.stores.access))
    print(`User ${name} ${done}`)
    return exitCodes.good
  })
}

function assertThere(name: string, isThere: boolean): void {
  if (isThere) return
  throw new SyncError(
    'CONFIG_INVALID',
    `name = '${name}': there is nobody of that name; see \`couplet users\``,
  )
}

async function choosePassword(stdin: boolean | undefined): Promise<string> {
  return stdin ? readInput() : newPassword()
}

function show(password: string, stdin: boolean | undefined, done: string): void {
  say(done)
  if (stdin) return
  print(password)
  say('The password is shown only now.')
}
