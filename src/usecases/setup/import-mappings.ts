import { SyncError } from '../../core/errors.ts'
import type { MappingDefinition } from '../../core/mapping/definition.ts'
import {
  type MappingProblem,
  validateAgainstSchemas,
  validateDefinition,
} from '../../core/mapping/validate.ts'
import { validateReferences } from '../../core/mapping/validate-references.ts'
import { validateTableNames } from '../../core/mapping/validate-tables.ts'
import { functionModules, validateFunctions } from '../../core/mapping/validate-transform.ts'
import type { MappingImport, Pair, StoredMapping } from '../../core/ports/mapping-store.ts'
import { canonicalText } from '../../lib/canonical-text.ts'
import type { Deps } from '../deps.ts'
import { toKnownSchemas } from '../line/schema-changes.ts'
import { planDefaultSchedule } from '../schedules/default-schedule.ts'
import { type DescribedTables, describeTables } from './describe-tables.ts'

type CheckDeps = Pick<Deps, 'stores' | 'connect' | 'log' | 'loadFunctions'>
type ImportDeps = CheckDeps & Pick<Deps, 'clock'>

export interface ImportedMapping {
  readonly name: string
  readonly version: number
  readonly result: 'created' | 'changed' | 'unchanged'
}

export interface ImportReport {
  readonly imported: readonly ImportedMapping[]
  /** Errors and warnings by mapping name; with any error nothing is imported. */
  readonly problems: readonly (MappingProblem & { readonly mapping: string })[]
}

/** Checks definitions against each other, the pair's other mappings and the real tables of both sides; stores nothing. */
export async function checkMappings(
  pair: Pair,
  definitions: readonly MappingDefinition[],
  deps: CheckDeps,
): Promise<ImportReport['problems']> {
  return (await examine(pair, definitions, deps)).problems
}

interface Examined {
  readonly problems: ImportReport['problems']
  readonly described: DescribedByDefinition
}

async function examine(
  pair: Pair,
  definitions: readonly MappingDefinition[],
  deps: CheckDeps,
): Promise<Examined> {
  const stored = await deps.stores.mappings.listMappings(pair.id)
  const names = new Set(definitions.map((definition) => definition.name))
  const others = stored
    .map((mapping) => mapping.definition)
    .filter((definition) => !names.has(definition.name))
  const described = await describeAll(pair, [...others, ...definitions], deps)
  const functions = await deps.loadFunctions(definitions.flatMap(functionModules))
  const problems = definitions.flatMap((definition) => {
    const known = { mappings: [...others, ...definitions.filter((each) => each !== definition)] }
    const found = [
      ...validateDefinition(definition, known),
      ...validateFunctions(definition, functions),
      ...checkTables(definition, described),
    ]
    return found.map((problem) => ({ ...problem, mapping: definition.name }))
  })
  return { problems, described }
}

type DescribedByDefinition = ReadonlyMap<MappingDefinition, DescribedTables>

function checkTables(
  definition: MappingDefinition,
  described: DescribedByDefinition,
): readonly MappingProblem[] {
  const { schemas, problems } = described.get(definition) ?? { schemas: null, problems: [] }
  if (schemas === null) return problems
  const others = [...described].flatMap(([other, { schemas: known }]) =>
    known === null || other === definition ? [] : [{ definition: other, schemas: known }],
  )
  const mapping = { definition, schemas }
  const find = (name: string) => [mapping, ...others].find((other) => other.definition.name === name)
  const found = [
    ...validateAgainstSchemas(definition, schemas),
    ...validateReferences(mapping, find),
    ...validateTableNames(mapping, others),
  ]
  return [...problems, ...found.filter(({ path }) => !problems.some((known) => isSame(known.path, path)))]
}

/** With a wrong key nothing can be said about its fields, nor about creating records by it. */
function isSame(known: string, path: string): boolean {
  return path === known || path.startsWith(`${known}[`) || known === `${path}.keyFields`
}

async function describeAll(
  pair: Pair,
  definitions: readonly MappingDefinition[],
  deps: CheckDeps,
): Promise<DescribedByDefinition> {
  const described = new Map<MappingDefinition, DescribedTables>()
  for (const definition of definitions)
    described.set(definition, await describeTables(pair, definition, deps))
  return described
}

/** How mappings are imported. */
export interface ImportOptions {
  /** By name the version that a change was made from, 0 for a mapping that must be new; left out: whatever there is. */
  readonly expected?: ReadonlyMap<string, number>
  /** Everything is checked, and nothing stored. */
  readonly dryRun?: boolean
}

/**
 * Imports mappings as new versions, all of them or, with any error, none. Mappings that are the same stay as they are. Throws
 * MAPPING_EDITED when one is not at the version that is expected, or is changed by somebody else meanwhile.
 */
export async function importMappings(
  pair: Pair,
  definitions: readonly MappingDefinition[],
  by: { readonly changedBy: string; readonly reason: string },
  deps: ImportDeps,
  { expected, dryRun = false }: ImportOptions = {},
): Promise<ImportReport> {
  const stored = await deps.stores.mappings.listMappings(pair.id)
  const before = new Map(stored.map((mapping) => [mapping.definition.name, mapping]))
  for (const [name, version] of expected ?? []) assertVersion(name, before.get(name)?.version ?? 0, version)
  const { problems, described } = await examine(pair, definitions, deps)
  if (problems.some((problem) => problem.severity === 'error')) return { imported: [], problems }
  if (dryRun) return { imported: definitions.map((each) => foresee(each, before.get(each.name))), problems }
  const writes: MappingImport[] = []
  for (const definition of definitions) {
    const known = before.get(definition.name)
    const selectionChanged = known === undefined || changesSelection(known.definition, definition)
    const schedule = await planDefaultSchedule(pair, definition, known?.definition, deps)
    const expectedVersion = known?.version ?? 0
    writes.push({ pairId: pair.id, definition, expectedVersion, selectionChanged, schedule, ...by })
  }
  const saved = await deps.stores.mappings.saveMappings(writes)
  await rememberTables(definitions, saved, described, deps)
  const versions = new Map(saved.map((mapping) => [mapping.definition.name, mapping.version]))
  const imported = definitions.map(({ name }) =>
    tell(name, before.get(name)?.version, versions.get(name) ?? 0),
  )
  return { imported, problems }
}

/** Throws MAPPING_EDITED; version 0: there is no such mapping. */
function assertVersion(name: string, version: number, expected: number): void {
  if (version === expected) return
  const says = (each: number) => (each === 0 ? 'not there' : `at version ${each}`)
  const message = `Mapping ${name} is ${says(version)}, and was expected to be ${says(expected)}; nothing was saved`
  throw new SyncError('MAPPING_EDITED', message, { data: { name, version, expected } })
}

function foresee(definition: MappingDefinition, known: StoredMapping | undefined): ImportedMapping {
  const isSame = known && canonicalText(known.definition) === canonicalText(definition)
  return tell(definition.name, known?.version, (known?.version ?? 0) + (isSame ? 0 : 1))
}

function tell(name: string, before: number | undefined, version: number): ImportedMapping {
  const result = before === undefined ? 'created' : version === before ? 'unchanged' : 'changed'
  return { name, version, result }
}

/** Who imports a mapping has seen that it fits its tables: they are taken as they are now, also when nothing else changes. */
async function rememberTables(
  definitions: readonly MappingDefinition[],
  saved: readonly StoredMapping[],
  described: DescribedByDefinition,
  deps: ImportDeps,
): Promise<void> {
  for (const definition of definitions) {
    const schemas = described.get(definition)?.schemas
    const mapping = saved.find(({ definition: { name } }) => name === definition.name)
    if (schemas && mapping)
      await deps.stores.mappings.saveKnownSchemas(mapping.id, toKnownSchemas(schemas), null)
  }
}

/** True when records that were passed over, or fields that were not carried, must be looked at again (architecture.md §4.5). */
function changesSelection(before: MappingDefinition, after: MappingDefinition): boolean {
  const relevant = ({ local, remote, fields, onlyCoupled, direction, onTooLong }: MappingDefinition) => ({
    local,
    remote,
    fields,
    onlyCoupled,
    direction,
    onTooLong,
  })
  return canonicalText(relevant(before)) !== canonicalText(relevant(after))
}
