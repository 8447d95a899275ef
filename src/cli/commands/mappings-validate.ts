import type { Command } from 'commander'
import { SyncError } from '../../core/errors.ts'
import { validateDefinition } from '../../core/mapping/validate.ts'
import { getPairByName } from '../../usecases/setup/get-pair.ts'
import { checkMappings } from '../../usecases/setup/import-mappings.ts'
import { jsonOption, pairOption } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { placeProblems, type ReadFiles, readMappingFiles } from '../mapping-files.ts'
import { hasErrors, type PlacedProblem, showProblems } from '../mapping-problems.ts'
import { print, printJson } from '../output.ts'
import { withContext } from '../session.ts'

interface Options {
  readonly json?: boolean
  readonly pair?: string
  readonly offline?: boolean
}

/** `couplet mappings validate`: every problem at once. */
export function addValidate(mappings: Command, finish: Finish): void {
  mappings
    .command('validate')
    .description('check mappings against each other and against the real tables; stores nothing')
    .argument('[files...]', 'YAML or TypeScript files; without one the stored mappings')
    .option('--offline', 'check files only against each other, without any database')
    .addOption(jsonOption())
    .addOption(pairOption())
    .action((files: string[], options: Options) => finish(() => validate(files, options)))
}

async function validate(files: readonly string[], options: Options): Promise<number> {
  if (options.offline && files.length === 0) {
    throw new SyncError(
      'CONFIG_INVALID',
      'Name the files to check with --offline: stored mappings need the database',
    )
  }
  const read = await readMappingFiles(files)
  const found = options.offline ? checkAlone(read) : await checkTables(files, read, options)
  return report(found.checked, [...read.problems, ...placeProblems(found.problems, read)], options)
}

type Found = Awaited<ReturnType<typeof checkMappings>>

function checkAlone({ definitions }: ReadFiles): { checked: number; problems: Found } {
  const problems = definitions.flatMap((definition) => {
    const others = definitions.filter((each) => each !== definition)
    const found = validateDefinition(definition, { mappings: others })
    return found.map((problem) => ({ ...problem, mapping: definition.name }))
  })
  return { checked: definitions.length, problems }
}

function checkTables(
  files: readonly string[],
  read: ReadFiles,
  options: Options,
): Promise<{ checked: number; problems: Found }> {
  return withContext(async ({ deps }) => {
    const pair = await getPairByName(options.pair ?? null, deps)
    const stored = files.length > 0 ? [] : await deps.stores.mappings.listMappings(pair.id)
    const definitions = [...read.definitions, ...stored.map((mapping) => mapping.definition)]
    return { checked: definitions.length, problems: await checkMappings(pair, definitions, deps) }
  })
}

function report(checked: number, problems: readonly PlacedProblem[], { json }: Options): number {
  const refused = hasErrors(problems)
  if (json) printJson({ valid: !refused, checked, problems })
  else {
    showProblems(problems)
    const errors = problems.filter((problem) => problem.severity === 'error').length
    print(`${checked} mappings checked: ${errors} errors, ${problems.length - errors} warnings`)
  }
  return refused ? exitCodes.failed : exitCodes.good
}
