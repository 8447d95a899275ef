import type { Command } from 'commander'
import { recoverPair } from '../../usecases/recovery/recover-pair.ts'
import type { Rejoined } from '../../usecases/recovery/rejoin.ts'
import { getPairByName } from '../../usecases/setup/get-pair.ts'
import { addPairOptions, type PairOptions } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { formatDirection, printJson, printTable, say } from '../output.ts'
import { act, withContext } from '../session.ts'

interface RecoverOptions extends PairOptions {
  readonly reason: string
}

const listing = {
  columns: [
    { title: 'mapping' },
    { title: 'direction' },
    { title: 'coupled again', align: 'right' as const },
    { title: 'set aside', align: 'right' as const },
  ],
  row: ({ mapping, direction, found, isSearched, failure, held }: Rejoined) => [
    mapping,
    formatDirection(direction),
    isSearched ? String(found) : failure === null ? 'not searched' : 'not searched: disabled',
    String(held),
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

/** No worker runs here, and nothing but what this command does itself: see `carryOut`. */
function recover({ pair: name, reason, json }: RecoverOptions): Promise<number> {
  return withContext(async ({ care, deps }) => {
    const pair = await getPairByName(name ?? null, deps)
    const why = act(reason)
    const needed = { deps, recovery: care.recovery }
    const { found, states, cancelledRuns } = await recoverPair(
      pair,
      why,
      needed,
      new AbortController().signal,
    )
    if (json) printJson({ recovered: found, cancelledRuns })
    else printTable(found, listing)
    if (cancelledRuns > 0) say(`Runs that were under way and are cancelled: ${cancelledRuns}`)
    const open = openQuestions(found)
    for (const question of open) say(question)
    say(
      'Everything is paused. Recover the other pairs, look at a preview, then: couplet resume --all (docs/disaster.md)',
    )
    const isDone = open.length === 0 && states.every((state) => state === 'succeeded')
    return isDone ? exitCodes.good : exitCodes.recordFailures
  })
}

/** What this command could not do, in words. */
function openQuestions(found: readonly Rejoined[]): readonly string[] {
  const untold = found.filter(({ isSearched, failure }) => !isSearched && failure === null)
  const unsearched = [...new Set(untold.map(({ mapping }) => mapping))]
  const failures = new Map(
    found.flatMap(({ mapping, failure }) => (failure === null ? [] : [[mapping, failure] as const])),
  )
  const held = [...new Set(found.filter((each) => each.held > 0).map(({ mapping }) => mapping))]
  return [
    ...unsearched.map(
      (mapping) =>
        `${mapping} was not searched: nothing tells what it has created since the backup. It is paused on its own; couple those records, then: couplet resume ${mapping}`,
    ),
    ...[...failures].map(
      ([mapping, failure]) =>
        `${mapping} is disabled and was not searched: ${failure}. It is paused on its own; before you enable it, mend it, recover again, then: couplet resume ${mapping}`,
    ),
    ...held.map(
      (mapping) =>
        `${mapping}: records that Couplet created for others which are gone are set aside; delete or couple them, or let them go on: couplet issues --mapping ${mapping}`,
    ),
  ]
}
