import { type Command, InvalidArgumentError, Option } from 'commander'
import pc from 'picocolors'
import type { ConnectionRecord, Pair } from '../../core/ports/mapping-store.ts'
import { connectionsHeld } from '../../usecases/control/holds.ts'
import {
  addConnection,
  type ConnectionCheck,
  getConnection,
  mappedTables,
  type TriedTable,
  testConnection,
} from '../../usecases/setup/connections.ts'
import { addDefaultList, jsonOption } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { print, printJson, printTable, say } from '../output.ts'
import { act, withContext } from '../session.ts'
import { addAnnounce } from './connection-announce.ts'
import { addBudget } from './connection-budget.ts'
import { addDescribe } from './connection-describe.ts'

interface ListedConnection extends ConnectionRecord {
  /** Pairs that use it, with the side. */
  readonly usedBy: readonly string[]
  /** Out of reach, or paused, in words; null: neither. */
  readonly held: string | null
}

const listing = {
  columns: [
    { title: 'name' },
    { title: 'kind' },
    { title: 'settings' },
    { title: 'used by' },
    { title: 'state' },
  ],
  row: ({ name, kind, settings, usedBy, held }: ListedConnection) => [
    name,
    kind,
    Object.entries(settings)
      .map(([setting, value]) => `${setting}=${value}`)
      .join('\n'),
    usedBy.join('\n'),
    held ?? 'in use',
  ],
  empty: 'There are no connections. Make two with `couplet setup`, or one with `couplet connection add`.',
}

/** `couplet connection list|add|test|describe|announce|budget` */
export function addConnectionCommands(program: Command, finish: Finish): void {
  const connection = program.command('connection').description('The connected systems')
  addDefaultList(connection)
    .description('list the connections; `couplet connection` does it, too')
    .addOption(jsonOption())
    .action((options: { json?: boolean }) => finish(() => list(options)))
  connection
    .command('add')
    .description('store a connection, or change it, once the system has answered')
    .argument('<name>', 'name of the connection')
    .requiredOption('--kind <kind>', 'kind of system: postgres, dataverse, business-central or module')
    .addOption(
      new Option('--set <setting=value...>', 'settings of that kind; secrets only as env:NAME or file:/path')
        .argParser(addSetting)
        .default({}, 'none'),
    )
    .option('--reason <text>', 'why, for the audit log')
    .action((name: string, { kind, set: settings, reason }: AddOptions) =>
      finish(() => add({ name, kind, settings }, reason)),
    )
  connection
    .command('test')
    .description('try a connection step by step, and name exactly what fails; writes nothing')
    .argument('<name>', 'name of the connection')
    .option('--table <table>', 'try this table; otherwise all that are mapped')
    .option('--field <fields...>', 'only these fields of the table')
    .addOption(jsonOption())
    .action((name: string, options: TestOptions) => finish(() => test(name, options)))
  addDescribe(connection, finish)
  addAnnounce(connection, finish)
  addBudget(connection, finish)
}

/** The value may be a secret by mistake, so no message repeats it. */
function addSetting(
  text: string,
  before: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const at = text.indexOf('=')
  if (at > 0) return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
  throw new InvalidArgumentError('Expected SETTING=VALUE.')
}

function list({ json }: { readonly json?: boolean }): Promise<number> {
  return withContext(async ({ deps }) => {
    const pairs = await deps.stores.mappings.listPairs()
    const connections = await deps.stores.mappings.listConnections()
    const held = await connectionsHeld(deps)
    const listed = connections.map((each) => ({
      ...each,
      usedBy: usersOf(each, pairs),
      held: held.get(each.id) ?? null,
    }))
    if (json) printJson({ connections: listed })
    else printTable(listed, listing)
    return exitCodes.good
  })
}

function usersOf({ id }: ConnectionRecord, pairs: readonly Pair[]): readonly string[] {
  return pairs.flatMap(({ name, localConnection, remoteConnection }) => [
    ...(localConnection.id === id ? [`${name} (local)`] : []),
    ...(remoteConnection.id === id ? [`${name} (remote)`] : []),
  ])
}

function add(connection: Omit<ConnectionRecord, 'id'>, reason: string | undefined): Promise<number> {
  return withContext(async ({ deps }) => {
    const { name } = await addConnection(connection, act(reason), deps)
    print(`Connection ${name}: the system answers.`)
    say(`Next: couplet connection test ${name} --table TABLE`)
    return exitCodes.good
  })
}

interface AddOptions {
  readonly kind: string
  readonly set: Readonly<Record<string, string>>
  readonly reason?: string
}

interface TestOptions {
  readonly table?: string
  readonly field?: readonly string[]
  readonly json?: boolean
}

function test(name: string, { table, field, json }: TestOptions): Promise<number> {
  return withContext(async ({ deps }) => {
    const connection = await getConnection(name, deps)
    const tables: readonly TriedTable[] =
      table === undefined
        ? await mappedTables(connection, deps)
        : [{ address: { table }, fields: field ?? null }]
    const checks = await testConnection(connection, tables, deps, (check) => {
      if (!json) show(check)
    })
    if (json) printJson({ connection: name, checks })
    return checks.some(({ error }) => error !== null) ? exitCodes.failed : exitCodes.good
  })
}

function show({ step, detail, error }: ConnectionCheck): void {
  if (error === null) print(`${pc.green('✓')} ${step}: ${detail}`)
  else print(`${pc.red('✗')} ${step}: ${error.message} (${error.code})\n  ${pc.dim(error.remedy)}`)
}
