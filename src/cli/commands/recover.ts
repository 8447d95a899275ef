import type { Command } from 'commander'
import { assertNobodyWorks } from '../../usecases/processes/assert-nobody-works.ts'
import { type Rejoined, rejoin } from '../../usecases/recovery/rejoin.ts'
import { getPairByName } from '../../usecases/setup/get-pair.ts'
import { addPairOptions, type PairOptions } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { formatDirection, printJson, printTable, say } from '../output.ts'
import { commandConfig, whoAsks } from '../session.ts'
import { followRun, type WorkSession, workInThisProcess } from '../work.ts'

interface RecoverOptions extends PairOptions {
  readonly reason: string
}

const listing = {
  columns: [
    { title: 'mapping' },
    { title: 'direction' },
    { title: 'coupled again', align: 'right' as const },
  ],
  row: ({ mapping, direction, found, isSearched }: Rejoined) => [
    mapping,
    formatDirection(direction),
    isSearched ? String(found) : 'not searched: its ids are not ours',
  ],
  empty: 'There are no mappings.',
}

/** `couplet recover`: after the store was restored from a backup that is older than the systems (docs/disaster.md). */
export function addRecover(program: Command, finish: Finish): void {
  addPairOptions(program.command('recover'))
    .description('after a restore: couple again what was created since the backup; stop all services before')
    .requiredOption('--reason <text>', 'why, for the audit log')
    .action((options: RecoverOptions) => finish(() => recover(options)))
}

function recover(options: RecoverOptions): Promise<number> {
  const output = { json: options.json === true, stream: process.stderr }
  return workInThisProcess(commandConfig(), output, (session) => coupleAgain(options, session))
}

async function coupleAgain(
  { pair: name, reason, json }: RecoverOptions,
  session: WorkSession,
): Promise<number> {
  const { care, deps } = session.context
  await assertNobodyWorks(care.processes)
  const pair = await getPairByName(name ?? null, deps)
  const requestedBy = whoAsks()
  await care.recovery.skipAhead({ by: requestedBy, reason })
  const { runIds, found } = await rejoin(pair, { requestedBy, reason }, deps, session.signal)
  const states: string[] = []
  for (const runId of runIds) states.push((await followRun(runId, session)).run.state)
  if (json) printJson({ recovered: found, runs: runIds })
  else printTable(found, listing)
  if (session.signal.aborted) return exitCodes.interrupted
  if (states.some((state) => state !== 'succeeded')) return exitCodes.recordFailures
  if (!json)
    say('Next: a preview, then a full synchronization, with --initial MAPPING=merge (docs/disaster.md).')
  return exitCodes.good
}
