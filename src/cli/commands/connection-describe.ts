import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { SyncError } from '../../core/errors.ts'
import { describeType } from '../../core/mapping/describe-type.ts'
import type { FieldSchema, TableSchema } from '../../core/mapping/schema.ts'
import { type SuggestedMapping, suggestMapping } from '../../core/mapping/suggest.ts'
import type { Deps } from '../../usecases/deps.ts'
import { printMappingFile } from '../../usecases/mapping-files.ts'
import { getConnection } from '../../usecases/setup/connections.ts'
import { readTable } from '../../usecases/setup/read-table.ts'
import { jsonOption } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { print, printJson, printTable, say } from '../output.ts'
import { withContext } from '../session.ts'

interface Options {
  readonly json?: boolean
  readonly suggestMapping?: string
  readonly name?: string
  readonly out?: string
}

/** `couplet connection describe`: tables, fields, and a mapping to begin with. */
export function addDescribe(connection: Command, finish: Finish): void {
  connection
    .command('describe')
    .description('list the tables of a system, or the fields of a table; suggest a mapping')
    .argument('<name>', 'name of the connection')
    .argument('[table]', 'name of a table; without one all tables are listed')
    .option(
      '--suggest-mapping <connection:table>',
      'print a mapping of the table (local side) to that one (remote side), by names and types of the fields',
    )
    .option('--name <mapping>', 'name of the suggested mapping; otherwise that of the table')
    .option('--out <file>', 'write the suggested mapping there; a file that exists is left alone')
    .addOption(jsonOption())
    .action((name: string, table: string | undefined, options: Options) =>
      finish(() => withContext(({ deps }) => describe(name, table, options, deps))),
    )
}

async function describe(
  name: string,
  table: string | undefined,
  options: Options,
  deps: Deps,
): Promise<number> {
  if (table === undefined) {
    if (options.suggestMapping !== undefined)
      throw new SyncError('CONFIG_INVALID', 'Name the table that a mapping is to be suggested for')
    return listTables(name, options, deps)
  }
  const schema = await readSchema(name, table, deps)
  if (options.suggestMapping !== undefined) return suggest(schema, options.suggestMapping, options, deps)
  if (options.json) printJson({ ...schema, fields: [...schema.fields.values()] })
  else showSchema(schema)
  return exitCodes.good
}

async function listTables(name: string, { json }: Options, deps: Deps): Promise<number> {
  const connector = await deps.connect(await getConnection(name, deps))
  const tables = await connector.listTables(new AbortController().signal)
  if (json) printJson({ tables })
  else for (const table of tables) print(table)
  return exitCodes.good
}

function readSchema(name: string, table: string, deps: Deps): Promise<TableSchema> {
  return readTable(name, table, new AbortController().signal, deps)
}

function showSchema(schema: TableSchema): void {
  const notes = (field: FieldSchema) => [
    ...(schema.keyFields.includes(field.name) ? ['key'] : []),
    ...(schema.modifiedField === field.name ? ['time of the last change'] : []),
    ...(field.writable ? [] : ['read only']),
    ...(field.writable && !field.nullable && !field.hasDefault ? ['required'] : []),
  ]
  printTable([...schema.fields.values()], {
    columns: [{ title: 'field' }, { title: 'type' }, { title: '' }],
    row: (field) => [field.name, describeType(field.type), notes(field).join(', ')],
    empty: 'The table has no fields.',
  })
  for (const [field, type] of schema.unsupportedFields ?? [])
    say(`${field}: ${type} is not supported, the field is left out`)
}

async function suggest(
  local: TableSchema,
  other: string,
  { name = local.table.toUpperCase().slice(0, 50), out, json }: Options,
  deps: Deps,
): Promise<number> {
  const at = other.indexOf(':')
  if (at < 1 || at === other.length - 1)
    throw new SyncError('CONFIG_INVALID', `--suggest-mapping = '${other}': expected CONNECTION:TABLE`)
  const remote = await readSchema(other.slice(0, at), other.slice(at + 1), deps)
  const suggested = suggestMapping(name.replaceAll('/', '-'), { local, remote })
  if (suggested === null) {
    const message = `No field of ${local.table} is like one of ${remote.table} in name and type`
    throw new SyncError('NO_FIELD_MAPPINGS', message)
  }
  if (json) printJson({ mapping: suggested.definition, unmapped: suggested.unmapped })
  else if (out === undefined) print(fileOf(suggested).trimEnd())
  else await writeNew(out, fileOf(suggested))
  if (out !== undefined) say(`Next: look through ${out}, then couplet mappings validate ${out}`)
  return exitCodes.good
}

/** The mapping as a file, with what is left to do as comments. */
function fileOf({ definition, problems, unmapped }: SuggestedMapping): string {
  const comment = (text: string) => `# ${text.replace(/\s+/g, ' ')}\n`
  return [
    comment('Suggested by the names and types of the fields: look through it before it is imported.'),
    ...problems.map(({ path, message, remedy }) =>
      comment(`To be corrected: ${path}: ${message}. ${remedy}`),
    ),
    printMappingFile(definition),
    ...(['local', 'remote'] as const).flatMap((side) =>
      unmapped[side].length === 0 ? [] : [comment(`Not mapped, ${side}: ${unmapped[side].join(', ')}`)],
    ),
  ].join('')
}

async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' })
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
    throw new SyncError('CONFIG_INVALID', `--out = '${file}' cannot be written (${reason})`, { cause: error })
  }
}
