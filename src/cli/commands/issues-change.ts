import type { Command } from 'commander'
import { showOperation } from '../../api/operation-view.ts'
import { showRun } from '../../api/views.ts'
import type { Context } from '../../app/context.ts'
import { type BulkOperation, type BulkSelection, bulkIsDone } from '../../core/bulk/operation.ts'
import { SyncError } from '../../core/errors.ts'
import { countOperation } from '../../usecases/bulk/start-operation.ts'
import type { Deps } from '../../usecases/deps.ts'
import { jsonOption, parseId } from '../arguments.ts'
import { announce } from '../asked-run.ts'
import { exitCodeOfBulk, howItEnded, printCount, runBulk, tellBulk } from '../bulk.ts'
import { askYesNo, canAsk } from '../end-question.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { formatCount } from '../format.ts'
import { addIssueFilter, type FilterOptions, readIssueFilter } from '../issue-filter.ts'
import { print, printJson, say } from '../output.ts'
import { waitForRun } from '../run-result.ts'
import { withContext } from '../session.ts'

interface Options extends FilterOptions {
  readonly all?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly reason?: string
  readonly json?: boolean
  readonly wait?: boolean
}

interface Change {
  readonly kind: 'skip' | 'unskip' | 'retry'
  readonly description: string
  /** What is asked before. */
  readonly question: string
  /** What is said after. */
  readonly did: string
}

const skipping: Change = {
  kind: 'skip',
  description: 'set records aside: nothing tries them again until they change, or are released or retried',
  question: 'Set them aside',
  did: 'set aside',
}
const releasing: Change = {
  kind: 'unskip',
  description: 'release records that were set aside: the next run tries them again',
  question: 'Release them',
  did: 'released',
}
const retrying: Change = {
  kind: 'retry',
  description: 'try exactly these records again, those that were set aside as well',
  question: 'Try them again',
  did: 'due',
}

/** `couplet issues skip|unskip|retry` */
export function addIssueChanges(issues: Command, finish: Finish): void {
  for (const change of [skipping, releasing])
    addChange(issues, change).action((ids: number[], options: Options) =>
      finish(() => carryOut(change, ids, options)),
    )
  addChange(issues, retrying)
    .option('--wait', 'work here until it is done; no running service is needed')
    .action((ids: number[], options: Options) => finish(() => retry(ids, options)))
}

function addChange(issues: Command, { kind, description }: Change): Command {
  return addIssueFilter(
    issues.command(kind).argument('[ids...]', 'numbers of issues', parseIds).option('--all', 'all issues'),
  )
    .description(description)
    .option('--dry-run', 'only show how many issues are meant')
    .option('--yes', 'do not ask')
    .option('--reason <text>', 'why; it is shown with the issues')
    .addOption(jsonOption())
}

function parseIds(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, parseId(text)]
}

function carryOut(change: Change, ids: readonly number[], options: Options): Promise<number> {
  return withContext(async (context) => {
    const meant = await confirm(change, ids, options, context)
    if (meant === null) return endUnchanged(options)
    return tellBulk(await run(change, meant, options, context.deps), change.did, options.json)
  })
}

async function retry(ids: readonly number[], options: Options): Promise<number> {
  const meant = await withContext((context) => confirm(retrying, ids, options, context))
  if (meant === null) return endUnchanged(options)
  if (options.wait) {
    return waitForRun(async ({ deps }, signal) => {
      const operation = await run(retrying, meant, options, deps, signal)
      if (!bulkIsDone(operation.state)) return { stopped: stoppedIn(operation) }
      const [first, ...others] = operation.runIds
      for (const other of others) say(`Run ${other}, of another pair, is not waited for.`)
      if (first === undefined) throw nothingToWaitFor(operation)
      return (await deps.stores.runs.getRun(first)).run
    }, options)
  }
  return withContext(async ({ deps }) => {
    const operation = await run(retrying, meant, options, deps)
    const runs = await Promise.all(operation.runIds.map((id) => deps.stores.runs.getRun(id)))
    if (options.json)
      printJson({ operation: showOperation(operation), runs: runs.map((each) => showRun(each.run)) })
    else {
      print(`${formatCount(operation.counts.done)} due.`)
      if (operation.state !== 'finished') print(`${howItEnded(operation)}.`)
      for (const each of runs) announce(each.run)
    }
    return exitCodeOfBulk(operation)
  })
}

function stoppedIn({ id }: BulkOperation): string {
  return `Stopped. Operation ${id} is stored and goes on with a service that runs (\`couplet start\`).`
}

function nothingToWaitFor(operation: BulkOperation): SyncError {
  const { id, state, counts } = operation
  if (state !== 'finished')
    return new SyncError('OPERATION_ENDED', `${howItEnded(operation)}; no run was started`)
  const message = `All ${counts.selected} have changed meanwhile: \`couplet operations show ${id} --records\``
  return new SyncError('ISSUE_CHANGED', message)
}

interface Meant {
  readonly selection: BulkSelection
  /** How many the person has said yes to; null: nobody was asked. */
  readonly expected: number | null
}

function run(
  { kind }: Change,
  meant: Meant,
  { reason, json }: Options,
  deps: Deps,
  signal?: AbortSignal,
): Promise<BulkOperation> {
  return runBulk({ task: { kind }, ...meant, reason: reason ?? null }, deps, json === true, signal)
}

function endUnchanged({ dryRun }: Options): number {
  return dryRun ? exitCodes.good : exitCodes.failed
}

/** The issues meant, when there are any and the person is sure; null: nothing is to be done. Counts come first. */
async function confirm(
  { kind, question }: Change,
  given: readonly number[],
  options: Options,
  { deps }: Context,
): Promise<Meant | null> {
  const filter = await readIssueFilter(given.length > 0 ? given : null, options, deps)
  const isChosen = Object.values(filter).some((chosen) => chosen !== null)
  if (isChosen === (options.all === true))
    throw new SyncError('CONFIG_INVALID', 'Name issues by number or by options, or say --all')
  const selection: BulkSelection = { of: 'issues', filter }
  const count = await countOperation({ kind }, selection, deps)
  if (count.groups.length === 0) throw new SyncError('NOTHING_SELECTED', 'There are no such issues')
  if (options.dryRun && options.json) printJson(count)
  else if (!options.json) printCount(count)
  if (options.dryRun) return null
  if (options.yes) return { selection, expected: null }
  return (await isSure(question, options)) ? { selection, expected: count.selected } : null
}

async function isSure(question: string, { json }: Options): Promise<boolean> {
  if (!canAsk(json)) throw new SyncError('CONFIG_INVALID', 'This changes issues; say --yes to confirm it')
  return (await askYesNo(`${question}? [y/n] `, new AbortController().signal)) === 'yes'
}
