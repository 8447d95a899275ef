import { type Command, InvalidArgumentError, Option } from 'commander'
import type { BulkOperation } from '../../core/bulk/operation.ts'
import { SyncError } from '../../core/errors.ts'
import type { ConflictWish, FieldWish } from '../../core/sync/choose-values.ts'
import { type DeletionChoice, deletionChoices } from '../../core/sync/deletion.ts'
import type { IssueFilter } from '../../core/sync/issue.ts'
import {
  chooseResolution,
  type ResolveReport,
  type ResolveRequest,
  resolveConflict,
} from '../../usecases/conflicts/resolve-conflict.ts'
import type { Deps } from '../../usecases/deps.ts'
import { getPairByName } from '../../usecases/setup/get-pair.ts'
import { jsonOption, pairOption, parseId } from '../arguments.ts'
import { leftAlone, runBulk, startBulk, tellBulk, workBulk } from '../bulk.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { print, printJson, say } from '../output.ts'
import { whoAsks, withContext } from '../session.ts'
import { decideDeletion } from './resolve-deletion.ts'

interface Options {
  readonly take?: FieldWish
  readonly field?: ReadonlyMap<string, FieldWish>
  readonly alike?: boolean
  readonly mapping?: string
  readonly all?: boolean
  readonly pair?: string
  readonly deletion?: DeletionChoice
  readonly wait?: boolean
  readonly json?: boolean
}

const decided = 'conflict(s) decided'

/** `couplet resolve` */
export function addResolve(program: Command, finish: Finish): void {
  program
    .command('resolve')
    .description(
      'Decide conflicts (which value both sides get; carried out by the next run that looks at the record), or what is to be done about a deleted record',
    )
    .argument('[issue]', 'number of one issue (`couplet conflicts`, `couplet issues`)', parseId)
    .addOption(
      new Option('--take <choice>', 'for all fields: local, remote, newest, or value=TEXT').argParser(
        parseWish,
      ),
    )
    .addOption(
      new Option(
        '--field <name=choice>',
        'for one field, such as phone=local; may be given several times',
      ).argParser(parseFieldWish),
    )
    .option('--alike', 'and all other conflicts of the same mapping in the same fields')
    .option('--mapping <name>', 'all conflicts of this mapping')
    .option('--all', 'all conflicts of the pair')
    .addOption(
      new Option('--deletion <choice>', 'what to do about the pair of a record that was deleted')
        .choices(deletionChoices)
        .conflicts(['take', 'field', 'alike', 'mapping', 'all', 'pair']),
    )
    .option('--wait', 'with --deletion: work here until it is done; no running service is needed')
    .addOption(pairOption())
    .addOption(jsonOption())
    .action((issueId: number | undefined, options: Options) =>
      finish(() =>
        options.deletion === undefined
          ? decideConflicts(issueId, options)
          : decideDeletion(issueId, options.deletion, options),
      ),
    )
}

function parseWish(text: string): FieldWish {
  if (text === 'local' || text === 'remote' || text === 'newest') return { take: text }
  if (text.startsWith('value=')) return { take: 'value', text: text.slice('value='.length) }
  throw new InvalidArgumentError('Expected local, remote, newest or value=TEXT.')
}

function parseFieldWish(
  text: string,
  earlier: ReadonlyMap<string, FieldWish> | undefined,
): ReadonlyMap<string, FieldWish> {
  const at = text.indexOf('=')
  if (at < 1)
    throw new InvalidArgumentError('Expected the name of a field, = and a choice, such as phone=local.')
  return new Map([...(earlier ?? []), [text.slice(0, at), parseWish(text.slice(at + 1))]])
}

function decideConflicts(issueId: number | undefined, options: Options): Promise<number> {
  return withContext(async ({ deps }) => {
    const { alike = false, mapping = null, all = false } = options
    if ([issueId !== undefined, mapping !== null, all].filter(Boolean).length !== 1)
      throw new SyncError('RESOLUTION_INVALID', 'Name one conflict by its number, or --mapping, or --all')
    if (issueId === undefined && alike)
      throw new SyncError('RESOLUTION_INVALID', '--alike goes with the number of one conflict')
    const wish = { all: options.take ?? null, byField: options.field ?? new Map<string, FieldWish>() }
    if (wish.all === null && wish.byField.size === 0)
      throw new SyncError(
        'RESOLUTION_INVALID',
        'Nothing is said about what to do: --take, --field or --deletion',
      )
    if (options.wait) throw new SyncError('RESOLUTION_INVALID', '--wait goes with --deletion')
    if (issueId === undefined) return decideMany(wish, await filterOf(options, deps), options, deps)
    const request = { issueId, wish, decidedBy: whoAsks() }
    if (alike) return decideAlike(request, options, deps)
    return tellOne(await resolveConflict(request, deps), options)
  })
}

/**
 * One conflict and those alike. Which these are is fixed before the one is decided: a service may carry it out at once, and
 * nothing is alike to what is gone.
 */
async function decideAlike(request: ResolveRequest, options: Options, deps: Deps): Promise<number> {
  const json = options.json === true
  const storeFirst = await chooseResolution(request, deps)
  const alike = await startAlike(request, deps)
  const first = await storeFirst()
  if (alike === null) return tellOne(first, options)
  return tellBulk(await workBulk(alike, deps, json), decided, json, first)
}

/** Null: there are none. */
async function startAlike({ wish, issueId }: ResolveRequest, deps: Deps): Promise<BulkOperation | null> {
  try {
    return await startBulk(requestOf(wish, { alikeTo: issueId }), deps)
  } catch (error) {
    if (error instanceof SyncError && error.code === 'NOTHING_SELECTED') return null
    throw error
  }
}

async function filterOf(options: Options, deps: Deps): Promise<IssueFilter> {
  const { mapping = null, pair = null } = options
  return { pairId: (await getPairByName(pair, deps)).id, mapping }
}

/** By an operation, so that what has become of each can be seen. */
async function decideMany(
  wish: ConflictWish,
  filter: IssueFilter,
  { json }: Options,
  deps: Deps,
): Promise<number> {
  return tellBulk(await runBulk(requestOf(wish, filter), deps, json === true), decided, json)
}

function requestOf({ all, byField }: ConflictWish, filter: IssueFilter) {
  const task = { kind: 'resolve', all, fields: Object.fromEntries(byField) } as const
  return { task, selection: { of: 'issues', filter }, expected: null, reason: null } as const
}

function tellOne(report: ResolveReport, { json }: Options): number {
  if (json) printJson(report)
  else if (report.decided > 0) {
    print('1 conflict decided.')
    say(
      '  Carried out where a service runs (`couplet start`), or by the next run of the mapping (`couplet sync`).',
    )
  } else print(leftAlone)
  return report.decided > 0 ? exitCodes.good : exitCodes.recordFailures
}
