import type { Command } from 'commander'
import { showRun } from '../../api/views.ts'
import type { Context } from '../../app/context.ts'
import { SyncError } from '../../core/errors.ts'
import type { IssueCount } from '../../core/ports/operations-store.ts'
import type { IssueFilter } from '../../core/sync/issue.ts'
import { present } from '../../lib/assert.ts'
import { retryIssues, skipIssues } from '../../usecases/records/change-issues.ts'
import { jsonOption, parseId } from '../arguments.ts'
import { announce } from '../asked-run.ts'
import { askYesNo, canAsk } from '../end-question.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { formatCount } from '../format.ts'
import { addIssueFilter, type FilterOptions, readIssueFilter } from '../issue-filter.ts'
import { formatState, print, printJson, printTable, say } from '../output.ts'
import { waitForRun } from '../run-result.ts'
import { whoAsks, withContext } from '../session.ts'

interface Options extends FilterOptions {
  readonly all?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly reason?: string
  readonly json?: boolean
  readonly wait?: boolean
}

const counting = {
  columns: [{ title: 'mapping' }, { title: 'state' }, { title: 'issues', align: 'right' as const }],
  row: ({ mapping, kind, issues }: IssueCount) => [mapping, formatState(kind), formatCount(issues)],
  empty: 'There are no such issues.',
}

function addChange(issues: Command, name: 'skip' | 'retry'): Command {
  return addIssueFilter(
    issues.command(name).argument('[ids...]', 'numbers of issues', parseIds).option('--all', 'all issues'),
  )
    .option('--dry-run', 'only show how many issues are meant')
    .option('--yes', 'do not ask')
    .option('--reason <text>', 'why; it is shown with the issues')
    .addOption(jsonOption())
}

/** `couplet issues skip` */
export function addSkip(issues: Command, finish: Finish): void {
  addChange(issues, 'skip')
    .description('set records aside: nothing tries them again until they change, or are retried')
    .action((ids: number[], options: Options) => finish(() => skip(ids, options)))
}

/** `couplet issues retry` */
export function addRetryIssues(issues: Command, finish: Finish): void {
  addChange(issues, 'retry')
    .description('try exactly these records again, those that were set aside as well')
    .option('--wait', 'work here until it is done; no running service is needed')
    .action((ids: number[], options: Options) => finish(() => retry(ids, options)))
}

function parseIds(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, parseId(text)]
}

function skip(ids: readonly number[], options: Options): Promise<number> {
  return withContext(async (context) => {
    const filter = await confirm('Set them aside', ids, options, context)
    if (filter === null) return endUnchanged(options)
    const skipped = await skipIssues({ filter, ...asked(options) }, context.deps)
    if (options.json) printJson({ skipped })
    else print(`${formatCount(skipped)} set aside.`)
    return exitCodes.good
  })
}

async function retry(ids: readonly number[], options: Options): Promise<number> {
  const filter = await withContext((context) => confirm('Try them again', ids, options, context))
  if (filter === null) return endUnchanged(options)
  const request = { filter, ...asked(options) }
  if (options.wait) {
    return waitForRun(async ({ deps }) => {
      const { runs } = await retryIssues(request, deps)
      for (const other of runs.slice(1)) say(`Run ${other.id}, of another pair, is not waited for.`)
      return present(runs[0], 'run')
    }, options)
  }
  return withContext(async ({ deps }) => {
    const { released, runs } = await retryIssues(request, deps)
    if (options.json) printJson({ released, runs: runs.map(showRun) })
    else {
      print(`${formatCount(released)} due.`)
      for (const run of runs) announce(run)
    }
    return exitCodes.good
  })
}

const asked = ({ reason }: Options) => ({ requestedBy: whoAsks(), reason: reason ?? null })

function endUnchanged({ dryRun }: Options): number {
  return dryRun ? exitCodes.good : exitCodes.failed
}

/** The issues meant, when there are any and the person is sure; null: nothing is to be done. Counts come first. */
async function confirm(
  what: string,
  given: readonly number[],
  options: Options,
  { deps }: Context,
): Promise<IssueFilter | null> {
  const ids = given.length > 0 ? given : null
  const filter = await readIssueFilter(ids, options, deps)
  const isChosen = Object.values(filter).some((chosen) => chosen !== null)
  if (isChosen === (options.all === true))
    throw new SyncError('CONFIG_INVALID', 'Name issues by number or by options, or say --all')
  const counts = await deps.stores.operations.countIssues(filter)
  if (counts.length === 0) throw new SyncError('NOTHING_TO_RETRY', 'There are no such issues')
  if (options.dryRun && options.json) printJson({ counts })
  else if (!options.json) printTable(counts, counting)
  if (options.dryRun) return null
  return options.yes || (await isSure(what, options)) ? filter : null
}

async function isSure(what: string, { json }: Options): Promise<boolean> {
  if (!canAsk(json)) throw new SyncError('CONFIG_INVALID', 'This changes issues; say --yes to confirm it')
  return (await askYesNo(`${what}? [y/n] `, new AbortController().signal)) === 'yes'
}
