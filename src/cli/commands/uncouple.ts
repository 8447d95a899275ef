import type { Command } from 'commander'
import { SyncError } from '../../core/errors.ts'
import { requestUncoupling } from '../../usecases/coupling/request-uncoupling.ts'
import { startRun } from '../../usecases/flow/start-run.ts'
import { type AskedRunOptions, addAskedRunOptions, askForRun } from '../asked-run.ts'
import type { Finish } from '../exit-codes.ts'
import { whoAsks } from '../session.ts'

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
    .option('--yes', 'confirms --all')
    .action((mapping: string, keys: string[], options: Options) =>
      finish(async () => uncouple(mapping, keys, options)),
    )
}

function uncouple(mapping: string, keys: readonly string[], options: Options): Promise<number> {
  if ((options.all === true) === keys.length > 0)
    throw new SyncError('CONFIG_INVALID', 'Name the records to be uncoupled, or say --all')
  if (options.all && !options.yes)
    throw new SyncError('CONFIG_INVALID', `--all removes every coupling of ${mapping}; confirm it with --yes`)
  return askForRun(options, (pair, deps) => {
    const origin = {
      pairId: pair.id,
      mapping,
      requestedBy: whoAsks(),
      reason: options.reason,
      idempotencyKey: null,
      payloadHash: null,
    }
    if (!options.all) return requestUncoupling({ ...origin, keys }, deps)
    return startRun({ ...origin, kind: 'uncouple', keepCreating: 'no', scheduleId: null, slot: null }, deps)
  })
}
