import { type Command, Option } from 'commander'
import { type IssueFilter, type IssueKind, issueKinds } from '../core/sync/issue.ts'
import type { Deps } from '../usecases/deps.ts'
import { getPairByName } from '../usecases/setup/get-pair.ts'
import { pairOption, parseInstant } from './arguments.ts'

/** Options that say which issues are meant. */
export interface FilterOptions {
  readonly mapping?: string
  readonly kind?: IssueKind
  readonly code?: string
  readonly field?: string
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
  return { ids, pairId, mapping, kind, code, field, since, until }
}
