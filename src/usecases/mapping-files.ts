import { Document, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml'
import { FieldMapping, MappingDefinition } from '../core/mapping/definition.ts'
import { mappingProblem } from '../core/mapping/mapping-problem.ts'
import { whyTooMuch, yamlOptions } from './mapping-file-limits.ts'
import {
  at,
  type MappingFileProblem,
  type ProblemPlace,
  problemsOfIssue,
  problemsOfNames,
} from './mapping-file-problems.ts'

export interface ParsedMappingFile {
  readonly definitions: readonly MappingDefinition[]
  readonly problems: readonly MappingFileProblem[]
}

/** Enough for a shared side or field; far too few to blow a small file up. */
const maxAliases = 50

/**
 * Reads a YAML file with one mapping per document. All problems at once, each with its line; a document with a problem
 * gives no definition. What a definition means is not checked here (`validateDefinition`).
 */
export function parseMappingFile(text: string, fileName: string): ParsedMappingFile {
  const tooMuch = whyTooMuch(text)
  if (tooMuch !== null) return refused(fileName, `The file ${tooMuch}`, 'Split it, or write it plainly.')
  const lines = new LineCounter()
  const documents = readDocuments(text, lines)
  if (documents === null) return refused(fileName, 'The file is nested too deeply', 'Write it plainly.')
  const definitions: MappingDefinition[] = []
  const problems: MappingFileProblem[] = []
  for (const document of documents) {
    if (isEmpty(document)) continue
    const read = readDefinition({ file: fileName, document, lines }, definitions)
    if (read.definition) definitions.push(read.definition)
    problems.push(...read.problems)
  }
  if (definitions.length + problems.length > 0) return { definitions, problems }
  return refused(fileName, 'The file holds no mapping', 'Write a mapping into it, or remove the file.')
}

function refused(file: string, message: string, remedy: string): ParsedMappingFile {
  const problem = mappingProblem('MAPPING_INVALID', '', '', message, { remedy })
  return { definitions: [], problems: [{ ...problem, file, line: 1 }] }
}

/** Null when the parser runs out of stack; everything else it finds wrong stands in the documents. */
function readDocuments(text: string, lineCounter: LineCounter): readonly Document[] | null {
  try {
    return [...parseAllDocuments(text, { ...yamlOptions, lineCounter })]
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

function isEmpty({ contents, errors }: Document): boolean {
  return errors.length === 0 && (contents === null || (isScalar(contents) && contents.value === null))
}

interface ReadDefinition {
  readonly definition?: MappingDefinition
  readonly problems: readonly MappingFileProblem[]
}

function readDefinition(place: ProblemPlace, earlier: readonly MappingDefinition[]): ReadDefinition {
  const { document, file, lines } = place
  if (document.errors.length > 0) {
    const remedy = 'Correct the YAML at this line.'
    const problems = document.errors.map((error) => ({
      ...mappingProblem('MAPPING_INVALID', '', '', error.message, { remedy }),
      file,
      line: lines.linePos(error.pos[0]).line,
    }))
    return { problems }
  }
  const values = expandAliases(document)
  if (values === null) {
    const message = `The document expands aliases more than ${maxAliases} times`
    return { problems: [at(place, [], { message, remedy: 'Write the values out.' })] }
  }
  const parsed = MappingDefinition.safeParse(values.value)
  const wrongNames = problemsOfNames(place)
  if (!parsed.success || wrongNames.length > 0) {
    const issues = parsed.error?.issues ?? []
    return { problems: [...wrongNames, ...issues.flatMap((issue) => problemsOfIssue(issue, place))] }
  }
  if (earlier.some(({ name }) => name === parsed.data.name)) {
    const message = `There are two mappings with the name ${parsed.data.name}`
    return { problems: [at(place, ['name'], { message, remedy: 'Rename or remove one of them.' })] }
  }
  return { definition: parsed.data, problems: [] }
}

function expandAliases(document: Document): { readonly value: unknown } | null {
  try {
    return { value: document.toJS({ maxAliasCount: maxAliases }) }
  } catch (error) {
    if (error instanceof ReferenceError) return null
    throw error
  }
}

/** A mapping as readable YAML without the settings that have their default; `parseMappingFile` reads it back. */
export function printMappingFile(definition: MappingDefinition): string {
  const { name, description, direction, position, local, remote, fields, ...more } = definition
  const document = new Document({
    name,
    ...withoutDefaults({ description }, mappingDefaults),
    direction,
    ...withoutDefaults({ position }, mappingDefaults),
    local,
    remote,
    ...withoutDefaults(more, mappingDefaults),
    fields: fields.map(shortField),
  })
  const rows = document.get('fields')
  for (const row of isSeq(rows) ? rows.items : []) if (isMap(row)) row.flow = fitsOneLine(row.toJSON())
  return document.toString({ lineWidth: maxLineLength, singleQuote: true })
}

const maxLineLength = 110

const mappingDefaults = MappingDefinition.parse({
  name: 'DEFAULTS',
  direction: 'Bidirectional',
  local: { table: 'defaults' },
  remote: { table: 'defaults' },
  fields: [{}],
})
const fieldDefaults = FieldMapping.parse({ match: {} })

function shortField({ reference, match, ...field }: FieldMapping): object {
  return {
    ...withoutDefaults(field, fieldDefaults),
    ...(reference && { reference: withoutDefaults(reference, { deferred: false }) }),
    ...(match && { match: withoutDefaults(match, fieldDefaults.match ?? {}) }),
  }
}

function withoutDefaults(settings: object, defaults: object): object {
  const byName: ReadonlyMap<string, unknown> = new Map(Object.entries(defaults))
  return Object.fromEntries(
    Object.entries(settings).filter(
      ([name, value]) => value !== undefined && JSON.stringify(value) !== JSON.stringify(byName.get(name)),
    ),
  )
}

function fitsOneLine(row: object): boolean {
  return !('valueMap' in row) && JSON.stringify(row).length < maxLineLength - 10
}
