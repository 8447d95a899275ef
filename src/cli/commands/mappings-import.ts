import type { Command } from 'commander'
import { getPairByName } from '../../usecases/setup/get-pair.ts'
import { jsonOption, pairOption } from '../arguments.ts'
import type { Finish } from '../exit-codes.ts'
import { importFiles } from '../import-files.ts'
import { withContext } from '../session.ts'

interface Options {
  readonly json?: boolean
  readonly pair?: string
  readonly reason?: string
}

/** `couplet mappings import` */
export function addImport(mappings: Command, finish: Finish): void {
  mappings
    .command('import')
    .description('store mappings from files as new versions: all of them or, with any error, none')
    .argument('<files...>', 'YAML files, or TypeScript files that export mappings')
    .option('--reason <text>', 'why, for the history of the mapping')
    .addOption(jsonOption())
    .addOption(pairOption())
    .action((files: string[], options: Options) =>
      finish(() =>
        withContext(async ({ deps }) =>
          importFiles(await getPairByName(options.pair ?? null, deps), files, options, deps),
        ),
      ),
    )
}
