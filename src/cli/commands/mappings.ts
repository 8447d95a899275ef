import type { Command } from 'commander'
import { effectiveDependencies } from '../../core/mapping/validate.ts'
import type { StoredMapping } from '../../core/ports/mapping-store.ts'
import { printMappingFile } from '../../usecases/mapping-files.ts'
import { addDefaultList, addPairOptions, type PairOptions } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { print, printJson, printTable } from '../output.ts'
import { withPair } from '../session.ts'
import { addEnable } from './mappings-enable.ts'
import { addExport } from './mappings-export.ts'
import { addImport } from './mappings-import.ts'
import { addValidate } from './mappings-validate.ts'

const listing = {
  columns: [
    { title: 'mapping' },
    { title: 'direction' },
    { title: 'local' },
    { title: 'remote' },
    { title: 'fields', align: 'right' as const },
    { title: 'version', align: 'right' as const },
    { title: 'creates in scheduled jobs' },
    { title: 'after' },
  ],
  row: ({ definition, version }: StoredMapping) => [
    definition.enabled ? definition.name : `${definition.name} (disabled)`,
    definition.direction,
    definition.local.table,
    definition.remote.table,
    String(definition.fields.filter((field) => field.enabled).length),
    String(version),
    definition.onlyCoupled ? 'no, only coupled' : 'yes',
    effectiveDependencies(definition).join(', '),
  ],
  empty: 'There are no mappings. Import some with `couplet mappings import`.',
}

/** `couplet mappings list|show|export|import|validate|enable|disable` */
export function addMappings(program: Command, finish: Finish): void {
  const mappings = program
    .command('mappings')
    .description('Table mappings: which table corresponds to which entity')
  addPairOptions(addDefaultList(mappings))
    .description('list the mappings in the order of their position; `couplet mappings` does it, too')
    .action((options: PairOptions) => finish(() => list(options)))
  addPairOptions(mappings.command('show'))
    .description('show one mapping as YAML')
    .argument('<name>', 'name of the mapping')
    .action((name: string, options: PairOptions) => finish(() => show(name, options)))
  addExport(mappings, finish)
  addImport(mappings, finish)
  addValidate(mappings, finish)
  addEnable(mappings, finish)
}

function list(options: PairOptions): Promise<number> {
  return withPair(options.pair, async (pair, deps) => {
    const mappings = await deps.stores.mappings.listMappings(pair.id)
    if (options.json) printJson({ mappings })
    else printTable(mappings, listing)
    return exitCodes.good
  })
}

function show(name: string, options: PairOptions): Promise<number> {
  return withPair(options.pair, async (pair, deps) => {
    const mapping = await deps.stores.mappings.getMapping(pair.id, name)
    if (options.json) printJson({ mapping })
    else print(printMappingFile(mapping.definition).trimEnd())
    return exitCodes.good
  })
}
