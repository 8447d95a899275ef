import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type LineCounter,
  type Pair,
  visit,
} from 'yaml'
import type { z } from 'zod'
import { type MappingProblem, mappingProblem } from '../core/mapping/mapping-problem.ts'

/** A problem of a mapping with its place in the file, both counted from 1. */
export interface MappingFileProblem extends MappingProblem {
  readonly file: string
  readonly line: number
}

/** Where problems of one YAML document are found. */
export interface ProblemPlace {
  readonly file: string
  readonly document: Document
  readonly lines: LineCounter
}

type Path = readonly PropertyKey[]

/** Problems of one issue found by the schema of mappings: several when several settings are unknown. */
export function problemsOfIssue(issue: z.core.$ZodIssue, place: ProblemPlace): readonly MappingFileProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const message = `There is no setting ${key}`
      return at(place, [...issue.path, key], { message, remedy: 'Correct the name, or remove the setting.' })
    })
  }
  const node = nodeAt(place.document, issue.path)
  const value = isScalar(node) ? node.value : node
  const name = issue.path.at(-1)
  if (value === undefined) {
    const message = `The setting ${String(name ?? 'name')} is missing`
    return [at(place, issue.path, { message, remedy: 'Add the setting.' })]
  }
  const wantsText = issue.code === 'invalid_type' && issue.expected === 'string'
  if (wantsText && (typeof value === 'number' || typeof value === 'boolean')) {
    const message = `${String(name)} must be a text`
    return [at(place, issue.path, { message, remedy: `Write it in quotes: '${sourceOf(node)}'.` })]
  }
  return [at(place, issue.path, { message: issue.message, remedy: 'Correct the setting.' })]
}

/**
 * Names that would be read as another text than the one that stands there (`007` as `7`), that would take the place of
 * another one, or get lost.
 */
export function problemsOfNames(place: ProblemPlace): readonly MappingFileProblem[] {
  const problems: MappingFileProblem[] = []
  const seen = new Map<unknown, Set<string>>()
  visit(place.document, {
    Pair: (_index, pair, ancestors) => {
      const trouble = troubleOf(pair, namesIn(seen, ancestors.at(-1)))
      if (trouble === null) return
      const problem = mappingProblem(
        'MAPPING_INVALID',
        displayPath(stepsTo(ancestors)),
        sourceOf(pair.key),
        trouble.message,
        { remedy: trouble.remedy },
      )
      const offset = isNode(pair.key) ? (pair.key.range?.[0] ?? 0) : 0
      problems.push({ ...problem, file: place.file, line: place.lines.linePos(offset).line })
    },
  })
  return problems
}

/** The names that have been seen in a map so far. */
function namesIn(seen: Map<unknown, Set<string>>, map: unknown): Set<string> {
  const names = seen.get(map) ?? new Set()
  seen.set(map, names)
  return names
}

function troubleOf({ key }: Pair, earlier: Set<string>): { message: string; remedy: string } | null {
  if (!isScalar(key)) return { message: 'A name must be a text', remedy: 'Write a text in quotes.' }
  const written = sourceOf(key)
  if (typeof key.value !== 'string' && (key.value === null || String(key.value) !== written)) {
    return {
      message: `The name ${written} is no text and would be read as '${key.value ?? ''}'`,
      remedy: `Write it in quotes: '${written}'.`,
    }
  }
  if (key.value === '__proto__') return { message: 'No name can be __proto__', remedy: 'Remove it.' }
  const name = String(key.value)
  if (earlier.has(name))
    return { message: `The name ${written} stands here twice`, remedy: 'Remove one of the two.' }
  earlier.add(name)
  return null
}

function stepsTo(ancestors: readonly unknown[]): Path {
  return ancestors.flatMap((node, index): Path => {
    if (isPair(node)) return isScalar(node.key) ? [String(node.key.value)] : []
    return isSeq(node) ? [node.items.indexOf(ancestors[index + 1])] : []
  })
}

/** A problem at a place of a document, with the value that stands there. */
export function at(
  place: ProblemPlace,
  path: Path,
  { message, remedy }: { message: string; remedy: string },
): MappingFileProblem {
  const value = sourceOf(nodeAt(place.document, path))
  const problem = mappingProblem('MAPPING_INVALID', displayPath(path), value, message, { remedy })
  return { ...problem, file: place.file, line: lineOf(place, path) }
}

/** `['fields', 3, 'remote']` → `fields[3].remote` */
function displayPath(path: Path): string {
  return path.reduce<string>((shown, step) => {
    if (typeof step === 'number') return `${shown}[${step}]`
    return shown === '' ? String(step) : `${shown}.${String(step)}`
  }, '')
}

function nodeAt(document: Document, path: Path) {
  return document.getIn(path, true)
}

function sourceOf(node: unknown): string {
  if (!isScalar(node)) return ''
  return node.source ?? String(node.value)
}

/** Line of the setting's name, else of its value, else of the nearest thing around it. */
export function lineOf({ document, lines }: ProblemPlace, path: Path): number {
  const around = nodeAt(document, path.slice(0, -1))
  const pair = isMap(around)
    ? around.items.find(({ key }) => isScalar(key) && String(key.value) === String(path.at(-1)))
    : undefined
  const node = isNode(pair?.key) ? pair.key : nodeAt(document, path)
  if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  return path.length === 0
    ? lines.linePos(document.range?.[0] ?? 0).line
    : lineOf({ document, lines, file: '' }, path.slice(0, -1))
}
