import { type Command, Option } from 'commander'
import { shippedMappingFiles } from '../../app/package-root.ts'
import { setUpPair } from '../../usecases/setup/set-up-pair.ts'
import { parseAddressReference } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { importFiles } from '../import-files.ts'
import { print, say } from '../output.ts'
import { withContext } from '../session.ts'

interface Options {
  readonly pair: string
  readonly local: string
  readonly localSchema: string
  readonly remote: string
  readonly remoteSchema: string
  readonly mappings: readonly string[]
}

/** `couplet setup` */
export function addSetup(program: Command, finish: Finish): void {
  const address = (flags: string, description: string) =>
    new Option(flags, description).argParser(parseAddressReference).makeOptionMandatory()
  program
    .command('setup')
    .description('Connect two databases as a pair and import mappings; both are checked first')
    .addOption(
      address(
        '--local <reference>',
        'address of the local side (ERP): env:NAME, file:/path, or connection:NAME',
      ),
    )
    .option('--local-schema <name>', 'schema of its tables', 'public')
    .addOption(
      address(
        '--remote <reference>',
        'address of the remote side (CRM): env:NAME, file:/path, or connection:NAME',
      ),
    )
    .option('--remote-schema <name>', 'schema of its tables', 'public')
    .option('--pair <name>', 'name of the pair', 'main')
    .option(
      '--mappings <what...>',
      'default (the seven shipped ones), dynamics (those for Business Central and Dataverse), none, or files',
      ['default'],
    )
    .action((options: Options) => finish(() => setup(options)))
}

function setup(options: Options): Promise<number> {
  return withContext(async ({ deps }) => {
    const side = (url: string, schema: string) => ({ kind: 'postgres', url, schema, company: '' })
    const pair = await setUpPair(
      {
        name: options.pair,
        local: side(options.local, options.localSchema),
        remote: side(options.remote, options.remoteSchema),
      },
      deps,
    )
    print(`Pair ${pair.name}: both sides answer.`)
    const files = mappingFiles(options.mappings)
    const code = files.length === 0 ? exitCodes.good : await importFiles(pair, files, {}, deps)
    if (code !== exitCodes.good) return code
    say(files.length === 0 ? 'Next: couplet mappings import FILES' : 'Next: couplet sync full --wait')
    return code
  })
}

function mappingFiles(given: readonly string[]): readonly string[] {
  if (given.join() === 'none') return []
  if (given.join() === 'dynamics') return shippedMappingFiles('dynamics')
  return given.join() === 'default' ? shippedMappingFiles() : given
}
