import {
  MappingDefinition as Definition,
  type FieldMapping,
  type MappingDefinition,
  type MappingDirection,
} from './definition.ts'
import type { MappingProblem } from './mapping-problem.ts'
import type { FieldSchema, TableSchema } from './schema.ts'
import { typeFit } from './type-fit.ts'
import { validateAgainstSchemas, validateDefinition } from './validate.ts'
import type { Schemas } from './validate-types.ts'

/** A mapping to begin with, and what a person still has to see to. */
export interface SuggestedMapping {
  readonly definition: MappingDefinition
  /** What validation finds wrong with it in whatever direction; nearly always nothing. */
  readonly problems: readonly MappingProblem[]
  /** Fields without a counterpart, by side. */
  readonly unmapped: Readonly<Record<'local' | 'remote', readonly string[]>>
}

/**
 * Pairs the fields of two tables by name and type: each field once, the most similar first, only where values of the one
 * can become values of the other. Null: no two fields are alike. References, keys that systems make by themselves, and
 * what systems fill in themselves are left to people.
 */
export function suggestMapping(name: string, schemas: Schemas): SuggestedMapping | null {
  const pairs = pairFields(schemas)
  const drafts = directions.flatMap((direction) => draft(name, direction, pairs, schemas) ?? [])
  const [first, ...others] = drafts.map((definition) => ({
    definition,
    problems: [
      ...validateDefinition(definition, { mappings: [] }),
      ...validateAgainstSchemas(definition, schemas),
    ].filter(({ severity }) => severity === 'error'),
  }))
  if (first === undefined) return null
  const best = [first, ...others].find(({ problems }) => problems.length === 0) ?? first
  return { ...best, unmapped: unmappedFields(best.definition, schemas) }
}

const directions = ['Bidirectional', 'ToIntegrationTable', 'FromIntegrationTable'] as const

interface FieldPair {
  readonly local: FieldSchema
  readonly remote: FieldSchema
  readonly likeness: number
}

/** Below it two names have less than half of their words in common. */
const leastLikeness = 0.5

function pairFields({ local, remote }: Schemas): readonly FieldPair[] {
  const candidates = suitable(local).flatMap((one) =>
    suitable(remote).map((other) => ({
      local: one,
      remote: other,
      likeness: likeness(one.name, other.name),
    })),
  )
  const usable = candidates
    .filter((pair) => pair.likeness >= leastLikeness && wayOf(pair) !== null)
    .sort(
      (a, b) =>
        b.likeness - a.likeness ||
        compareText(a.local.name, b.local.name) ||
        compareText(a.remote.name, b.remote.name),
    )
  const used = { local: new Set<string>(), remote: new Set<string>() }
  return usable.filter((pair) => {
    if (used.local.has(pair.local.name) || used.remote.has(pair.remote.name)) return false
    used.local.add(pair.local.name)
    used.remote.add(pair.remote.name)
    return true
  })
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const ownTimes = /^(modified|created|last.?modified|system.?(created|modified)|changed|updated)/i

/** Fields whose values mean the same in another system. */
function suitable(schema: TableSchema): readonly FieldSchema[] {
  return [...schema.fields.values()].filter(
    ({ name, type }) =>
      name !== schema.modifiedField &&
      !['uuid', 'json', 'bytes'].includes(type.kind) &&
      !(type.kind === 'instant' && ownTimes.test(name)) &&
      !(schema.keyFields.includes(name) && type.kind === 'integer'),
  )
}

/** The ways values can go between two fields; null: none. */
function wayOf({ local, remote }: Pick<FieldPair, 'local' | 'remote'>): MappingDirection | null {
  const isOption = (field: FieldSchema) => field.type.kind === 'option'
  // The numbers of two systems' options mean different things: a value map is needed, which only people can write.
  if (isOption(local) || isOption(remote)) return null
  const [to, from] = [typeFit(local.type, remote.type), typeFit(remote.type, local.type)]
  const canTo = remote.writable && to !== 'never'
  const canFrom = local.writable && from !== 'never'
  if (canTo && canFrom && to === 'fits' && from === 'fits') return 'Bidirectional'
  if (canTo && (to === 'fits' || !canFrom)) return 'ToIntegrationTable'
  return canFrom ? 'FromIntegrationTable' : null
}

/** The rows that write in the direction of the mapping; null: it has none for one of its sides. */
function draft(
  name: string,
  direction: MappingDirection,
  pairs: readonly FieldPair[],
  { local, remote }: Schemas,
): MappingDefinition | null {
  const rows = pairs.flatMap((pair) => rowOf(pair, direction, { local, remote }) ?? [])
  const writes = (way: MappingDirection) =>
    rows.some((row) => row.direction === 'Bidirectional' || row.direction === way)
  const isWhole =
    direction === 'Bidirectional'
      ? writes('ToIntegrationTable') && writes('FromIntegrationTable')
      : rows.length > 0
  if (!isWhole) return null
  return Definition.parse({ name, direction, local: sideOf(local), remote: sideOf(remote), fields: rows })
}

function rowOf(
  pair: FieldPair,
  direction: MappingDirection,
  { local, remote }: Schemas,
): Partial<FieldMapping> | null {
  const way = wayOf(pair)
  if (way === null) return null
  if (direction !== 'Bidirectional' && way !== 'Bidirectional' && way !== direction) return null
  const isKey = local.keyFields.includes(pair.local.name) || remote.keyFields.includes(pair.remote.name)
  return {
    local: pair.local.name,
    remote: pair.remote.name,
    direction: direction === 'Bidirectional' ? way : direction,
    ...(isKey ? { match: { priority: 0, caseSensitive: false } } : {}),
  }
}

function sideOf(schema: TableSchema) {
  const modifiedField = schema.modifiedField ?? guessModifiedField(schema)
  return { table: schema.table, ...(modifiedField === null ? {} : { modifiedField }) }
}

function guessModifiedField({ fields }: TableSchema): string | null {
  const times = [...fields.values()].filter(({ type }) => type.kind === 'instant' || type.kind === 'moment')
  return times.find(({ name }) => /modified|changed|updated/i.test(name))?.name ?? null
}

function unmappedFields({ fields }: MappingDefinition, schemas: Schemas): SuggestedMapping['unmapped'] {
  const left = (side: 'local' | 'remote') => {
    const mapped = new Set(fields.map((field) => field[side]))
    return [...schemas[side].fields.keys()].filter((name) => !mapped.has(name))
  }
  return { local: left('local'), remote: left('remote') }
}

/** Words that systems use for the same thing. */
const sameWords: readonly (readonly string[])[] = [
  ['no', 'number', 'nr', 'num'],
  ['mail', 'email', 'emailaddress', 'mailaddress'],
  ['phone', 'telephone', 'tel', 'phonenumber'],
  ['post', 'postal', 'zip'],
  ['postcode', 'postalcode', 'zipcode'],
  ['url', 'website', 'homepage', 'websiteurl'],
  ['county', 'state', 'stateorprovince', 'province'],
  ['street', 'line', 'address'],
  ['mobile', 'cell', 'mobilephone'],
]
const word: ReadonlyMap<string, string> = new Map(
  sameWords.flatMap(([first = '', ...others]) => others.map((other): [string, string] => [other, first])),
)

/** How alike two names are: 1 for the same, else the share of words they have in common; 0 for nothing. */
export function likeness(one: string, other: string): number {
  const [a, b] = [wordsOf(one), wordsOf(other)]
  if (a.length === 0 || b.length === 0) return 0
  if (a.join('') === b.join('')) return 1
  const common = a.filter((each) => b.includes(each)).length
  return (0.95 * common) / new Set([...a, ...b]).size
}

/** `E-Mail`, `emailaddress1` and `new_email` are all one word: prefixes of publishers, signs and a last 1 say nothing. */
function wordsOf(name: string): readonly string[] {
  const plain = name
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/^(new|cr[0-9a-f]{3,5}|msdyn)_(?=.{3})/, '')
    .replace(/\b[eE]-(?=[mM]ail)/, '')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .replace(/1$/, '')
  const words = plain.split(/[^\p{L}\p{N}]+/u).filter((each) => each !== '')
  return [...new Set(words.map((each) => word.get(each) ?? each))]
}
