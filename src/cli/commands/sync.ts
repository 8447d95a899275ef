import { type Command, Option } from 'commander'
import { hashRequest, type RunWish, startWish, type Without } from '../../api/run-input.ts'
import { type InitialDirection, initialDirections } from '../../core/mapping/conflict-strategy.ts'
import type { Pair } from '../../core/ports/mapping-store.ts'
import { choiceOf } from '../../core/sync/recommend.ts'
import { type LineChoice, lineChoices, type RecordWay, type Run, recordWays } from '../../core/sync/run.ts'
import type { Deps } from '../../usecases/deps.ts'
import { reviewFullSync } from '../../usecases/review/review-full-sync.ts'
import { choiceOption } from '../arguments.ts'
import { type AskedRunOptions, addAskedRunOptions, askForRun } from '../asked-run.ts'
import type { Finish } from '../exit-codes.ts'
import { say } from '../output.ts'
import { whoAsks } from '../session.ts'
import { NO_MATCH_FIELDS } from './review.ts'

interface SyncOptions extends AskedRunOptions {
  /** Of a full synchronization: with the recommended choices. */
  readonly review?: boolean
  readonly idempotencyKey?: string
}

/** What is to be synchronized, as the HTTP API takes it too. */
type Wish = Without<RunWish, 'dryRun'>

/** `couplet sync …`: asks for a run, and works it off here when told to wait. */
export function addSync(program: Command, finish: Finish): void {
  const sync = program
    .command('sync')
    .description('Synchronize: everything, what changed, one mapping, records, or deletions')
  addFull(sync, finish)
  addModified(sync, finish)
  addMapping(sync, finish)
  addRecord(sync, finish)
  addDeletions(sync, finish)
}

interface FullOptions extends SyncOptions {
  readonly keepCreating?: 'yes' | 'no'
  readonly line: Readonly<Record<string, LineChoice>>
  readonly initial: Readonly<Record<string, InitialDirection>>
  readonly includeSkipped?: boolean
}

function addFull(sync: Command, finish: Finish): void {
  withSyncOptions(sync.command('full'))
    .description('all records of all mappings, in dependency order; creates missing records')
    .addOption(
      new Option(
        '--keep-creating <answer>',
        'answer to the question at the end: keep creating new records in scheduled jobs?',
      ).choices(['yes', 'no']),
    )
    .addOption(
      new Option('--review', 'do with each mapping what `couplet review` recommends').conflicts(
        'idempotencyKey',
      ),
    )
    .addOption(
      choiceOption(
        '--line <mapping=choice>',
        'what to do with one mapping instead (may be repeated)',
        lineChoices,
      ),
    )
    .addOption(
      choiceOption(
        '--initial <mapping=direction>',
        'who gives the values where two records meet for the first time (may be repeated)',
        initialDirections,
      ),
    )
    .option('--include-skipped', 'take skipped records along, too')
    .action((options: FullOptions) => finish(() => begin(fullWish(options), options)))
}

function fullWish({ keepCreating, line, initial, includeSkipped = false }: FullOptions): Wish {
  return {
    kind: 'full',
    keepCreating: keepCreating ?? 'ask',
    lines: line,
    initialDirection: initial,
    includeSkipped,
  }
}

function addModified(sync: Command, finish: Finish): void {
  withSyncOptions(sync.command('modified'))
    .description('what changed since the last run, in all mappings')
    .action((options: SyncOptions) => finish(() => begin({ kind: 'modified' }, options)))
}

function addMapping(sync: Command, finish: Finish): void {
  withSyncOptions(sync.command('mapping'))
    .description('what changed since the last run, in one mapping')
    .argument('<name>', 'name of the mapping')
    .action((mapping: string, options: SyncOptions) =>
      finish(() => begin({ kind: 'mapping', mapping }, options)),
    )
}

interface RecordOptions extends SyncOptions {
  readonly create?: boolean
  readonly way: RecordWay
}

function addRecord(sync: Command, finish: Finish): void {
  withSyncOptions(sync.command('record'))
    .description('single records, soon')
    .argument('<mapping>', 'name of the mapping')
    .argument('<keys...>', 'key or number of the record on either side; parts of a key by comma')
    .option('--create', 'create the missing partner, also where the mapping says only coupled records')
    .addOption(
      new Option(
        '--way <way>',
        'send the values to the remote side, get them from there, or merge both; one record that is sent or got alone wins where both sides were changed',
      )
        .choices(recordWays)
        .default('merge'),
    )
    .action((mapping: string, keys: string[], options: RecordOptions) =>
      finish(() => {
        const { create: createMissing = false, way } = options
        return begin({ kind: 'records', mapping, keys, createMissing, way }, options)
      }),
    )
}

function addDeletions(sync: Command, finish: Finish): void {
  withSyncOptions(sync.command('deletions'))
    .description('search for deleted records: compare the keys of both sides with the couplings')
    .argument('[mapping]', 'name of the mapping; all of them when it is left out')
    .action((mapping: string | undefined, options: SyncOptions) =>
      finish(() => begin({ kind: 'deletions', ...(mapping !== undefined && { mapping }) }, options)),
    )
}

function withSyncOptions(command: Command): Command {
  return addAskedRunOptions(command).option(
    '--idempotency-key <key>',
    'the same key asks for the same run, however often it is sent',
  )
}

function begin(wish: Wish, options: SyncOptions): Promise<number> {
  return askForRun(options, (pair, deps) => ask(wish, options, pair, deps))
}

async function ask(
  given: Wish,
  options: SyncOptions,
  pair: Pair,
  deps: Deps,
): Promise<{ run: Run; created: boolean }> {
  const wish = options.review ? await withRecommendations(given, pair, deps) : given
  const { reason, priority, idempotencyKey = null, dryRun = false } = options
  const body = { ...wish, reason, dryRun, priority, deduplicate: false }
  const payloadHash = idempotencyKey === null ? null : hashRequest(pair.id, body)
  const origin = { pairId: pair.id, requestedBy: whoAsks(), reason, idempotencyKey, payloadHash, priority }
  return startWish({ ...wish, dryRun }, origin, deps)
}

/** What somebody has chosen goes before what is recommended. */
async function withRecommendations(wish: Wish, pair: Pair, deps: Deps): Promise<Wish> {
  if (wish.kind !== 'full') return wish
  const { lines } = await reviewFullSync(pair, deps, new AbortController().signal)
  const recommended = lines.map(({ mapping, recommendation }) => [mapping, choiceOf[recommendation]] as const)
  const chosen = wish.lines
  const matchless = lines.filter(
    ({ mapping, recommendation }) => recommendation === 'No Match Fields' && !Object.hasOwn(chosen, mapping),
  )
  for (const { mapping } of matchless) say(`${mapping} is left out: ${NO_MATCH_FIELDS}`)
  return { ...wish, lines: { ...Object.fromEntries(recommended), ...wish.lines } }
}
