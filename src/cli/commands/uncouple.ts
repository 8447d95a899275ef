import type { Command } from 'commander'
import { nameDependents } from '../../core/coupling/dependents.ts'
import { SyncError } from '../../core/errors.ts'
import type { Pair } from '../../core/ports/mapping-store.ts'
import { foreseeUncoupling } from '../../usecases/coupling/foresee-uncoupling.ts'
import { requestUncoupling } from '../../usecases/coupling/request-uncoupling.ts'
import type { Deps } from '../../usecases/deps.ts'
import { startRun } from '../../usecases/flow/start-run.ts'
import { type AskedRunOptions, addAskedRunOptions, askedBy, askForRun, wholeMapping } from '../asked-run.ts'
import type { Finish } from '../exit-codes.ts'
import { formatCount } from '../format.ts'

interface Options extends AskedRunOptions {
  readonly all?: boolean
  readonly yes?: boolean
}

/** `couplet uncouple MAPPING [KEYS…]` */
export function addUncouple(program: Command, finish: Finish): void {
  addAskedRunOptions(program.command('uncouple'))
    .description('Remove couplings; both records stay as they are, and are not coupled again by themselves')
    .argument('<mapping>', 'name of the mapping')
    .argument('[keys...]', 'key or number of the records on either side; parts of a key by comma')
    .option('--all', 'all couplings of the mapping')
    .option('--yes', 'confirms --all, and the uncoupling of records that others refer to')
    .action((mapping: string, keys: string[], options: Options) =>
      finish(async () => uncouple(mapping, keys, options)),
    )
}

function uncouple(mapping: string, keys: readonly string[], options: Options): Promise<number> {
  if ((options.all === true) === keys.length > 0)
    throw new SyncError('CONFIG_INVALID', 'Name the records to be uncoupled, or say --all')
  return askForRun(options, async (pair, deps) => {
    const named = options.all ? null : keys
    if (!options.yes && !options.dryRun) await refuseUnconfirmed(pair, mapping, named, deps)
    if (named === null) return startRun(wholeMapping('uncouple', pair, mapping, options), deps)
    return requestUncoupling({ ...askedBy(pair, mapping, options), keys: named }, deps)
  })
}

/** What others refer to, or is uncoupled by the hundred, is not done by a slip of the hand. */
async function refuseUnconfirmed(
  pair: Pair,
  mapping: string,
  keys: readonly string[] | null,
  deps: Deps,
): Promise<void> {
  const { couplings, dependents } = await foreseeUncoupling({ pairId: pair.id, mapping, keys }, deps)
  if (keys !== null && dependents.length === 0) return
  const what =
    keys === null
      ? `--all removes every coupling of ${mapping} (${formatCount(couplings)})`
      : `${mapping} ${keys.slice(0, 10).join(', ')} would be uncoupled`
  const whose = dependents.length > 0 ? `; still referred to by ${nameDependents(dependents)}` : ''
  throw new SyncError(
    'CONFIG_INVALID',
    `${what}${whose}; confirm it with --yes, or look first with --dry-run`,
  )
}
