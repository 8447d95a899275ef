import { type Command, Option } from 'commander'
import { type AfterCoupling, afterCoupling } from '../../core/ports/sync-store.ts'
import { requestCoupling } from '../../usecases/coupling/request-coupling.ts'
import { type AskedRunOptions, addAskedRunOptions, askForRun } from '../asked-run.ts'
import type { Finish } from '../exit-codes.ts'
import { whoAsks } from '../session.ts'

interface Options extends AskedRunOptions {
  readonly next: AfterCoupling
}

/** `couplet couple MAPPING LOCAL REMOTE` */
export function addCouple(program: Command, finish: Finish): void {
  addAskedRunOptions(program.command('couple'))
    .description('Couple two records by hand')
    .argument('<mapping>', 'name of the mapping')
    .argument('<local>', 'key or number of the local record; parts of a key by comma')
    .argument('<remote>', 'key or number of the remote record')
    .addOption(
      new Option(
        '--then <what>',
        'what to do with the pair next: nothing, bring the values to the remote side, from there, or merge both',
      )
        .choices(afterCoupling)
        .default('nothing'),
    )
    .action(
      (mapping: string, local: string, remote: string, options: AskedRunOptions & { then: AfterCoupling }) =>
        finish(() => coupleByHand({ mapping, local, remote }, { ...options, next: options.then })),
    )
}

function coupleByHand(
  names: { readonly mapping: string; readonly local: string; readonly remote: string },
  options: Options,
): Promise<number> {
  return askForRun(options, (pair, deps) =>
    requestCoupling(
      {
        ...names,
        pairId: pair.id,
        next: options.next,
        requestedBy: whoAsks(),
        reason: options.reason,
        idempotencyKey: null,
        payloadHash: null,
      },
      deps,
    ),
  )
}
