import { readFile } from 'node:fs/promises'
import { SyncError } from '../core/errors.ts'
import type { MappingDefinition } from '../core/mapping/definition.ts'
import { type MappingProblem, mappingProblem } from '../core/mapping/mapping-problem.ts'
import { findLine } from '../usecases/mapping-file-lines.ts'
import { parseMappingFile } from '../usecases/mapping-files.ts'
import { isModule, readMappingModule } from './mapping-module.ts'
import type { PlacedProblem } from './mapping-problems.ts'

interface Source {
  readonly file: string
  readonly text: string | null
}

/** What some files hold: the mappings that can be read, and where each of them stands. */
export interface ReadFiles {
  readonly definitions: readonly MappingDefinition[]
  readonly problems: readonly PlacedProblem[]
  /** File and text by name of the mapping; of a program, whose lines say nothing, without the text. */
  readonly sources: ReadonlyMap<string, Source>
}

/** Reads all files; throws CONFIG_INVALID for one that cannot be read, everything else is a problem with its line. */
export async function readMappingFiles(files: readonly string[]): Promise<ReadFiles> {
  const definitions: MappingDefinition[] = []
  const problems: PlacedProblem[] = []
  const sources = new Map<string, Source>()
  for (const { file, name, text, isProgram } of await readTexts(files)) {
    const source = { file, text: isProgram ? null : text }
    const parsed = parseMappingFile(text, file)
    const place = isProgram ? { mapping: name, line: null } : { mapping: null }
    problems.push(...parsed.problems.map((problem) => ({ ...problem, ...place })))
    for (const definition of parsed.definitions) {
      const earlier = sources.get(definition.name)
      if (earlier) problems.push(twice(definition.name, source, earlier.file))
      else sources.set(definition.name, source)
      definitions.push(definition)
    }
  }
  return { definitions, problems, sources }
}

function twice(name: string, source: Source, earlierFile: string): PlacedProblem {
  const message = `The mapping ${name} stands in ${earlierFile} too`
  const problem = mappingProblem('MAPPING_INVALID', 'name', name, message, {
    remedy: 'Rename or remove one of them.',
  })
  return { ...problem, mapping: name, ...placeOf(source, name, 'name') }
}

function placeOf({ file, text }: Source, mapping: string, path: string) {
  return { file, line: text === null ? null : findLine(text, mapping, path) }
}

interface ReadText {
  readonly file: string
  readonly name: string | null
  readonly text: string
  readonly isProgram: boolean
}

/** One text per YAML file, one per mapping of a program. */
async function readTexts(files: readonly string[]): Promise<readonly ReadText[]> {
  const texts: ReadText[] = []
  for (const file of files) {
    const isProgram = isModule(file)
    const found = isProgram ? await readMappingModule(file) : [{ name: null, text: await readText(file) }]
    texts.push(...found.map((each) => ({ ...each, file, isProgram })))
  }
  return texts
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
    return { ...problem, ...placeOf(source, problem.mapping, problem.path) }
  })
}
