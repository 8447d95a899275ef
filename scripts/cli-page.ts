import type { Command, Option } from 'commander'
import { exitCodesHelp } from '../src/cli/exit-codes.ts'
import { createProgram } from '../src/cli/program.ts'

/** docs/cli.md: every command with its arguments and options, as the program itself knows them. */
export function cliPage(): string {
  const program = createProgram(() => Promise.resolve())
  const leaves = program.commands.flatMap((command) => withSubcommands(command, ''))
  return [...introduction, ...leaves.flatMap(describe), ...ending].join('\n')
}

const introduction = [
  '# The command line',
  '',
  'In a clone: `npm run couplet -- COMMAND`; installed: `couplet COMMAND`. `couplet help COMMAND` says what stands here.',
  '',
  'Results go to stdout, everything said about the work to stderr. With `--json` stdout is one JSON document with the names',
  'that the [HTTP API](http-api.md) uses, and keys are written as people write them. Lists come in pages: `--limit`, and',
  '`--before` with the number that the page before gives. Times are UTC.',
  '',
  'A command with `--json` that fails says why on stderr, and on stdout as `{ "error": { code, kind, message, remedy } }`. A run',
  'that is interrupted while it is waited for is shown as it stands.',
  '',
  '`--wait` makes a command work itself until its run is done, so that it needs no running service. It shows live progress in',
  'a terminal and plain lines elsewhere. Ctrl-C stops it in order; the run goes on later where it was.',
  '',
  'Settings are environment variables: [configuration](configuration.md). Commands that end by themselves log warnings only,',
  'unless `COUPLET_LOG_LEVEL` is set; at `debug` an error comes with its stack trace.',
  '',
  '```text',
  exitCodesHelp,
  '```',
  '',
]

const ending = ['This page is made from `src/cli/commands` by `npm run docs`.', '']

interface Leaf {
  readonly name: string
  readonly command: Command
}

function withSubcommands(command: Command, parent: string): readonly Leaf[] {
  const name = `${parent}${command.name()}`
  if (command.commands.length === 0) return [{ name, command }]
  return command.commands.flatMap((each) => withSubcommands(each, `${name} `))
}

function describe({ name, command }: Leaf): readonly string[] {
  const usage = command.usage().replace('[options] ', '').replace('[options]', '').trim()
  const options = command.options.map(optionRow)
  const table = options.length === 0 ? [] : ['| option | |', '| --- | --- |', ...options, '']
  return [
    `## \`couplet ${[name, usage].filter(Boolean).join(' ')}\``,
    '',
    sentence(command.description()),
    '',
    ...table,
  ]
}

function optionRow({
  flags,
  description,
  argChoices,
  defaultValue,
  defaultValueDescription,
  mandatory,
}: Option) {
  const notes = [
    mandatory ? 'required' : null,
    argChoices ? `one of ${argChoices.join(', ')}` : null,
    defaultText(defaultValueDescription ?? defaultValue),
  ].filter((note) => note !== null)
  const text = [description, notes.length > 0 ? `(${notes.join('; ')})` : ''].filter(Boolean).join(' ')
  return `| \`${flags}\` | ${text.replaceAll('|', '\\|')} |`
}

function defaultText(value: unknown): string | null {
  return value === undefined || value === null ? null : `default: ${String(value)}`
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
