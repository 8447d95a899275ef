import { type Command, Option } from 'commander'
import { showRun } from '../api/views.ts'
import { type WishedPriority, wishedPriorities } from '../core/jobs/priority.ts'
import type { Pair } from '../core/ports/mapping-store.ts'
import type { Run } from '../core/sync/run.ts'
import type { Deps } from '../usecases/deps.ts'
import type { RunRequest } from '../usecases/flow/plan-run.ts'
import { getPairByName } from '../usecases/setup/get-pair.ts'
import { jsonOption, type PairOptions, pairOption } from './arguments.ts'
import { exitCodes } from './exit-codes.ts'
import { print, printJson, say } from './output.ts'
import { waitForRun } from './run-result.ts'
import { whoAsks, withPair } from './session.ts'

/** Options of a command that asks for a run of one mapping. */
export interface AskedRunOptions extends PairOptions {
  readonly wait?: boolean
  readonly dryRun?: boolean
  readonly reason: string
  readonly priority: WishedPriority
}

/** `--wait`, `--dry-run`, `--priority`, `--json`, `--pair` and `--reason`. */
export function addAskedRunOptions(command: Command): Command {
  return command
    .option('--wait', 'work here until the run is done, and show its result; no running service is needed')
    .option('--dry-run', 'only show what would happen: read and decide everything, write nothing')
    .addOption(
      new Option(
        '--priority <priority>',
        'which of several runs is worked off first; single records go before all others',
      )
        .choices(wishedPriorities)
        .default('normal'),
    )
    .addOption(jsonOption())
    .addOption(pairOption())
    .option('--reason <text>', 'why, for the list of runs', 'Asked for on the command line')
}

/** Asks for a run; works it off here when told to wait, else says which run it is. */
export function askForRun(
  options: AskedRunOptions,
  ask: (pair: Pair, deps: Deps) => Promise<{ readonly run: Run; readonly created: boolean }>,
): Promise<number> {
  if (options.wait) {
    const begin = async (deps: Deps) => ask(await getPairByName(options.pair ?? null, deps), deps)
    return waitForRun(async ({ deps }) => (await begin(deps)).run, options)
  }
  return withPair(options.pair, async (pair, deps) => {
    const { run, created } = await ask(pair, deps)
    if (options.json) printJson({ run: showRun(run), created })
    else announce(run, created)
    return exitCodes.good
  })
}

/** Says which run stands for a request that nobody waits for. */
export function announce(run: Run, created = true): void {
  if (created) print(`Run ${run.id} is stored and queued.`)
  else print(`Run ${run.id} stands for this key already: ${run.state.replaceAll('-', ' ')}.`)
  say(`  It runs where a service runs (\`couplet start\`); see it with \`couplet run ${run.id}\`.`)
}

/** The origin of a request for one mapping, as use cases take it. */
export function askedBy(
  { id: pairId }: Pair,
  mapping: string,
  { reason, priority, dryRun = false }: AskedRunOptions,
) {
  return {
    pairId,
    mapping,
    dryRun,
    priority,
    requestedBy: whoAsks(),
    reason,
    idempotencyKey: null,
    payloadHash: null,
  }
}

/** A run over all records of one mapping. */
export function wholeMapping(
  kind: 'couple' | 'uncouple',
  pair: Pair,
  mapping: string,
  options: AskedRunOptions,
): RunRequest {
  const { dryRun, ...origin } = askedBy(pair, mapping, options)
  return { ...origin, kind, keepCreating: 'no', scheduleId: null, slot: null, overrides: { dryRun } }
}
