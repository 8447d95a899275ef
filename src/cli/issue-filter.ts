import { type Command, InvalidArgumentError, Option } from 'commander'
import {
  findGroup,
  type IssueFilter,
  type IssueGroup,
  type IssueKind,
  issueKinds,
} from '../core/sync/issue.ts'
import type { Deps } from '../usecases/deps.ts'
import { getPairByName } from '../usecases/setup/get-pair.ts'
import { pairOption, parseInstant } from './arguments.ts'

/** Options that say which issues are meant. */
export interface FilterOptions {
  readonly mapping?: string
  readonly kind?: IssueKind
  readonly code?: string
  readonly field?: string
  readonly group?: IssueGroup
  readonly stopped?: boolean
  readonly since?: string
  readonly until?: string
  readonly pair?: string
}

export function addIssueFilter(command: Command): Command {
  return command
    .option('--mapping <name>', 'only issues of this mapping')
    .addOption(new Option('--kind <kind>', 'only issues of this kind').choices(issueKinds))
    .option('--code <code>', 'only issues with this code (docs/errors.md)')
    .option('--field <name>', 'only issues of this field')
    .addOption(
      new Option(
        '--group <group>',
        'only issues of this group, as `couplet issues groups` names it',
      ).argParser(parseGroup),
    )
    .option('--stopped', 'only issues that nothing tries again by itself')
    .addOption(new Option('--since <time>', 'only issues met at this time or later').argParser(parseInstant))
    .addOption(new Option('--until <time>', 'only issues met last before this time').argParser(parseInstant))
    .addOption(pairOption())
}

export async function readIssueFilter(
  ids: readonly number[] | null,
  options: FilterOptions,
  deps: Pick<Deps, 'stores'>,
): Promise<IssueFilter> {
  const { mapping = null, kind = null, code = null, field = null, since = null, until = null } = options
  const pairId = options.pair === undefined ? null : (await getPairByName(options.pair, deps)).id
  const group = options.group ?? null
  return { ids, pairId, mapping, kind, code, field, group, isStopped: options.stopped ?? null, since, until }
}

function parseGroup(text: string): IssueGroup {
  const group = findGroup(text)
  if (group !== null) return group
  throw new InvalidArgumentError(
    'Expected a group as `couplet issues groups` names it, as 7/VALUE_TRUNCATED/city.',
  )
}
