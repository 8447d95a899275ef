import type { Pair } from '../core/ports/mapping-store.ts'
import type { Deps } from '../usecases/deps.ts'
import { type ImportedMapping, importMappings } from '../usecases/setup/import-mappings.ts'
import { exitCodes } from './exit-codes.ts'
import { placeProblems, readMappingFiles } from './mapping-files.ts'
import { hasErrors, type PlacedProblem, showProblems } from './mapping-problems.ts'
import { print, printJson, say } from './output.ts'
import { whoAsks } from './session.ts'

/** Imports the mappings of all files, or none of them and shows every problem. Returns the exit code. */
export async function importFiles(
  pair: Pair,
  files: readonly string[],
  options: { readonly json?: boolean | undefined; readonly reason?: string | undefined },
  deps: Deps,
): Promise<number> {
  const read = await readMappingFiles(files)
  if (hasErrors(read.problems)) return reportImport([], read.problems, options.json)
  const by = { changedBy: whoAsks(), reason: options.reason ?? 'Imported from files' }
  const { imported, problems } = await importMappings(pair, read.definitions, by, deps)
  return reportImport(imported, placeProblems(problems, read), options.json)
}

/** What an import has done, or what is wrong with it; returns the exit code. */
export function reportImport(
  imported: readonly ImportedMapping[],
  problems: readonly PlacedProblem[],
  json: boolean | undefined,
): number {
  const refused = hasErrors(problems)
  if (json) printJson({ imported, problems })
  else {
    showProblems(problems)
    for (const { name, version, result } of imported) print(`${name}: ${result}, version ${version}`)
    if (refused) say('Nothing was imported.')
  }
  return refused ? exitCodes.failed : exitCodes.good
}
