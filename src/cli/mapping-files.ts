import { createReadStream } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { SyncError } from '../core/errors.ts'
import type { MappingDefinition } from '../core/mapping/definition.ts'
import { type MappingProblem, mappingProblem } from '../core/mapping/mapping-problem.ts'
import { maxFileBytes } from '../usecases/mapping-file-limits.ts'
import { lineFinder } from '../usecases/mapping-file-lines.ts'
import { parseMappingFile } from '../usecases/mapping-files.ts'
import { isModule, readMappingModule } from './mapping-module.ts'
import type { PlacedProblem } from './mapping-problems.ts'

interface Source {
  readonly file: string
  /** Of a program, whose lines say nothing: null. */
  readonly lineOf: ReturnType<typeof lineFinder> | null
}

/** What some files hold: the mappings that can be read, and where each of them stands. */
export interface ReadFiles {
  readonly definitions: readonly MappingDefinition[]
  readonly problems: readonly PlacedProblem[]
  /** File by name of the mapping. */
  readonly sources: ReadonlyMap<string, Source>
}

/** Reads all files; throws CONFIG_INVALID for one that cannot be read, everything else is a problem with its line. */
export async function readMappingFiles(files: readonly string[]): Promise<ReadFiles> {
  const definitions: MappingDefinition[] = []
  const problems: PlacedProblem[] = []
  const sources = new Map<string, Source>()
  for (const { file, name, text, isProgram } of await readTexts(files)) {
    const source = { file, lineOf: isProgram ? null : lineFinder(text) }
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

function placeOf({ file, lineOf }: Source, mapping: string, path: string) {
  return { file, line: lineOf === null ? null : lineOf(mapping, path) }
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
  const bytes = await readStart(file)
  if (bytes.length > maxFileBytes) throw unreadable(file, 'it is larger than 1 MB: split it')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw unreadable(file, 'it is no text in UTF-8', error)
  }
}

/** Not more than it takes to see that it is too large: a file may be of any size, or have no end at all. */
async function readStart(file: string): Promise<Buffer> {
  try {
    return await buffer(createReadStream(file, { end: maxFileBytes }))
  } catch (error) {
    throw unreadable(
      file,
      error instanceof Error && 'code' in error ? String(error.code) : 'unreadable',
      error,
    )
  }
}

function unreadable(file: string, reason: string, cause?: unknown): SyncError {
  return new SyncError('CONFIG_INVALID', `The file ${file} cannot be read (${reason})`, { cause })
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
