import { readFile } from 'node:fs/promises'
import { SyncError } from '../core/errors.ts'
import type { MappingDefinition } from '../core/mapping/definition.ts'
import { type MappingProblem, mappingProblem } from '../core/mapping/mapping-problem.ts'
import { findLine } from '../usecases/mapping-file-lines.ts'
import { parseMappingFile } from '../usecases/mapping-files.ts'
import type { PlacedProblem } from './mapping-problems.ts'

/** What some files hold: the mappings that can be read, and where each of them stands. */
export interface ReadFiles {
  readonly definitions: readonly MappingDefinition[]
  readonly problems: readonly PlacedProblem[]
  /** File and text by name of the mapping. */
  readonly sources: ReadonlyMap<string, { readonly file: string; readonly text: string }>
}

/** Reads all files; throws CONFIG_INVALID for one that cannot be read, everything else is a problem with its line. */
export async function readMappingFiles(files: readonly string[]): Promise<ReadFiles> {
  const definitions: MappingDefinition[] = []
  const problems: PlacedProblem[] = []
  const sources = new Map<string, { file: string; text: string }>()
  for (const file of files) {
    const text = await readText(file)
    const parsed = parseMappingFile(text, file)
    problems.push(...parsed.problems.map((problem) => ({ ...problem, mapping: null })))
    for (const definition of parsed.definitions) {
      const earlier = sources.get(definition.name)
      if (earlier) problems.push(twice(definition.name, file, text, earlier.file))
      else sources.set(definition.name, { file, text })
      definitions.push(definition)
    }
  }
  return { definitions, problems, sources }
}

function twice(name: string, file: string, text: string, earlier: string): PlacedProblem {
  const message = `The mapping ${name} stands in ${earlier} too`
  const problem = mappingProblem('MAPPING_INVALID', 'name', name, message, {
    remedy: 'Rename or remove one of them.',
  })
  return { ...problem, mapping: name, file, line: findLine(text, name, 'name') }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new SyncError('CONFIG_INVALID', `The file ${file} cannot be read (${reason})`, { cause: error })
  }
}

/** Gives problems found by meaning the line they stem from. */
export function placeProblems(
  problems: readonly (MappingProblem & { readonly mapping: string })[],
  { sources }: Pick<ReadFiles, 'sources'>,
): readonly PlacedProblem[] {
  return problems.map((problem) => {
    const source = sources.get(problem.mapping)
    if (!source) return { ...problem, file: null, line: null }
    return { ...problem, file: source.file, line: findLine(source.text, problem.mapping, problem.path) }
  })
}
