import { type Command, Option } from 'commander'
import { SyncError } from '../../core/errors.ts'
import { type AfterCoupling, afterCoupling } from '../../core/ports/sync-store.ts'
import { requestCoupling } from '../../usecases/coupling/request-coupling.ts'
import { startRun } from '../../usecases/flow/start-run.ts'
import { type AskedRunOptions, addAskedRunOptions, askedBy, askForRun, wholeMapping } from '../asked-run.ts'
import type { Finish } from '../exit-codes.ts'

interface Options extends AskedRunOptions {
  readonly then: AfterCoupling
  readonly match?: boolean
}

/** `couplet couple MAPPING LOCAL REMOTE` and `couplet couple MAPPING --match` */
export function addCouple(program: Command, finish: Finish): void {
  addAskedRunOptions(program.command('couple'))
    .description('Couple two records by hand, or all uncoupled records of a mapping by its match fields')
    .argument('<mapping>', 'name of the mapping')
    .argument('[local]', 'key or number of the local record; parts of a key by comma')
    .argument('[remote]', 'key or number of the remote record')
    .addOption(
      new Option(
        '--then <what>',
        'what to do with the two records next: nothing, bring the values to the remote side, from there, or merge both',
      )
        .choices(afterCoupling)
        .default('nothing'),
    )
    .option('--match', 'couple every uncoupled record that has one unique match')
    .action((mapping: string, local: string | undefined, remote: string | undefined, options: Options) =>
      finish(async () => couple(mapping, local, remote, options)),
    )
}

function couple(
  mapping: string,
  local: string | undefined,
  remote: string | undefined,
  options: Options,
): Promise<number> {
  if (options.match) {
    if (local === undefined) return coupleByMatch(mapping, options)
    throw new SyncError('CONFIG_INVALID', 'Name two records, or say --match: not both')
  }
  if (local === undefined || remote === undefined)
    throw new SyncError('CONFIG_INVALID', 'Name a local and a remote record, or say --match')
  return askForRun(options, (pair, deps) =>
    requestCoupling({ ...askedBy(pair, mapping, options), local, remote, next: options.then }, deps),
  )
}

function coupleByMatch(mapping: string, options: Options): Promise<number> {
  return askForRun(options, (pair, deps) => startRun(wholeMapping('couple', pair, mapping, options), deps))
}
