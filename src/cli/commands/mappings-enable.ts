import type { Command } from 'commander'
import { enableMapping } from '../../usecases/setup/enable-mapping.ts'
import { addPairOptions, type PairOptions } from '../arguments.ts'
import type { Finish } from '../exit-codes.ts'
import { reportImport } from '../import-files.ts'
import { whoAsks, withPair } from '../session.ts'

interface Options extends PairOptions {
  readonly reason?: string
}

/** `couplet mappings enable` and `couplet mappings disable` */
export function addEnable(mappings: Command, finish: Finish): void {
  for (const [command, enabled, description] of [
    ['enable', true, 'have a mapping take part in runs again; it is checked like an import'],
    [
      'disable',
      false,
      'have a mapping take part in no run, also where it is named; works while its systems are down',
    ],
  ] as const)
    addPairOptions(mappings.command(command))
      .description(description)
      .argument('<name>', 'name of the mapping')
      .option('--reason <text>', 'why, for the history of the mapping')
      .action((name: string, options: Options) => finish(() => change(name, enabled, options)))
}

function change(name: string, enabled: boolean, { pair: pairName, json, reason }: Options): Promise<number> {
  return withPair(pairName, async (pair, deps) => {
    const by = {
      changedBy: whoAsks(),
      reason: reason ?? `${enabled ? 'Enabled' : 'Disabled'} on the command line`,
    }
    const { imported, problems } = await enableMapping(pair, name, enabled, by, deps)
    const placed = problems.map((problem) => ({ ...problem, file: null, line: null }))
    return reportImport(imported, placed, json)
  })
}
