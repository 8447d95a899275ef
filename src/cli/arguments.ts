import { type Command, InvalidArgumentError, Option } from 'commander'
import { isUsualTime } from '../lib/usual-time.ts'

const maxPage = 1_000

/** A number of a row, as commands print it. */
export function parseId(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Expected a whole number from 1 on.')
}

/** A point in time as ISO text; a day begins at midnight UTC. */
export function parseInstant(text: string): string {
  const isWhole = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)
  if (isWhole && !Number.isNaN(Date.parse(text))) {
    const utc = new Date(text).toISOString()
    if (isUsualTime(utc)) return utc
    throw new InvalidArgumentError('Expected a time from 1900 to 9998, in UTC.')
  }
  throw new InvalidArgumentError(
    'Expected a day (2024-05-01) or a time with its zone (2024-05-01T10:20:00Z).',
  )
}

export function parseWholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`)
  }
}

/** A reference to a secret, or to a connection there is; the address itself would end up in the history of the shell and in the database. */
export function parseAddressReference(text: string): string {
  if (/^env:[A-Za-z_][A-Za-z0-9_]*$/.test(text) || /^(file|connection):.+/.test(text)) return text
  // The text may be an address with a password: it must not be shown.
  throw new InvalidArgumentError(
    'Expected env:NAME (a variable that holds the address), file:/path (a file that does) or connection:NAME.',
  )
}

/** The `list` of a group of commands: what the group does when it is called by its name alone. */
export function addDefaultList(group: Command): Command {
  return group
    .command('list', { isDefault: true })
    .allowExcessArguments()
    .hook('preAction', (_group, { args: [unknown] }) => {
      if (unknown !== undefined) group.error(`error: unknown command '${unknown}' of ${group.name()}`)
    })
}

/** `--flag MAPPING=choice`, as often as needed; a blank in a choice may be written as a hyphen. */
export function choiceOption(flags: string, description: string, choices: readonly string[]): Option {
  const written = choices.map((choice) => choice.replaceAll(' ', '-'))
  const add = (text: string, before: Readonly<Record<string, string>>) => {
    const at = text.lastIndexOf('=')
    const choice = choices[written.indexOf(text.slice(at + 1).replaceAll(' ', '-'))]
    if (at > 0 && choice !== undefined) return { ...before, [text.slice(0, at)]: choice }
    throw new InvalidArgumentError(`Expected MAPPING=${written.join('|')}.`)
  }
  return new Option(flags, `${description}: ${written.join(', ')}`).argParser(add).default({}, 'none')
}

export function jsonOption(): Option {
  return new Option('--json', 'print JSON for programs')
}

export function pairOption(): Option {
  return new Option('--pair <name>', 'pair of systems; needed when there are several')
}

/** What a command about a pair is always given. */
export interface PairOptions {
  readonly json?: boolean
  readonly pair?: string
}

/** `--json` and `--pair`. */
export function addPairOptions(command: Command): Command {
  return command.addOption(jsonOption()).addOption(pairOption())
}

/** For texts that name one record on each side. */
export function sideOption(): Option {
  return new Option(
    '--side <side>',
    'side that the key is of; otherwise the local side is asked first',
  ).choices(['local', 'remote'])
}

/** `--limit`, `--before` and `--json`. */
export function addListOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--limit <n>', 'how many to show').argParser(parseWholeNumber(1, maxPage)).default(50),
    )
    .addOption(
      new Option('--before <id>', 'only those with a smaller number: the next page')
        .argParser(parseId)
        .default(null, 'the newest'),
    )
    .addOption(jsonOption())
}
