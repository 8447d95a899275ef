import { SyncError } from '../../core/errors.ts'
import type { MappingDefinition, Side } from '../../core/mapping/definition.ts'
import type { TableSchema } from '../../core/mapping/schema.ts'
import {
  type MappingProblem,
  validateAgainstSchemas,
  validateDefinition,
} from '../../core/mapping/validate.ts'
import { validateReferences } from '../../core/mapping/validate-references.ts'
import { validateTableNames } from '../../core/mapping/validate-tables.ts'
import type { Schemas } from '../../core/mapping/validate-types.ts'
import type { Pair } from '../../core/ports/mapping-store.ts'
import { canonicalText } from '../../lib/canonical-text.ts'
import type { Deps } from '../deps.ts'
import { openTable } from '../line/open-session.ts'

type ImportDeps = Pick<Deps, 'stores' | 'connect' | 'log'>

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
  deps: ImportDeps,
): Promise<ImportReport['problems']> {
  const stored = await deps.stores.mappings.listMappings(pair.id)
  const names = new Set(definitions.map((definition) => definition.name))
  const others = stored
    .map((mapping) => mapping.definition)
    .filter((definition) => !names.has(definition.name))
  const described = await describeAll(pair, [...others, ...definitions], deps)
  return definitions.flatMap((definition) => {
    const known = { mappings: [...others, ...definitions.filter((each) => each !== definition)] }
    const found = [...validateDefinition(definition, known), ...checkTables(definition, described)]
    return found.map((problem) => ({ ...problem, mapping: definition.name }))
  })
}

interface Described {
  readonly schemas: Schemas | null
  readonly problems: readonly MappingProblem[]
}

type DescribedByDefinition = ReadonlyMap<MappingDefinition, Described>

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
  return [
    ...validateAgainstSchemas(definition, schemas),
    ...validateReferences(mapping, find),
    ...validateTableNames(mapping, others),
  ]
}

async function describeAll(
  pair: Pair,
  definitions: readonly MappingDefinition[],
  deps: ImportDeps,
): Promise<DescribedByDefinition> {
  const described = new Map<MappingDefinition, Described>()
  for (const definition of definitions) described.set(definition, await describe(pair, definition, deps))
  return described
}

async function describe(pair: Pair, definition: MappingDefinition, deps: ImportDeps): Promise<Described> {
  const signal = new AbortController().signal
  const problems: MappingProblem[] = []
  const schemas: Partial<Record<Side, TableSchema>> = {}
  for (const side of ['local', 'remote'] as const) {
    try {
      schemas[side] = (await openTable(deps, { definition }, pair, side, signal)).schema
    } catch (error) {
      if (!(error instanceof SyncError) || !isAboutTheTable(error)) throw error
      problems.push(tableProblem(definition, side, error))
    }
  }
  const { local, remote } = schemas
  return { schemas: local && remote ? { local, remote } : null, problems }
}

/** The problem at the setting that names the table, its key or its field. */
function tableProblem(definition: MappingDefinition, side: Side, error: SyncError): MappingProblem {
  const { table, keyFields, modifiedField, versionField } = definition[side]
  const settings = { keyFields: keyFields?.join(', '), modifiedField, versionField }
  const named = error.data['field']
  const byCode = { KEY_NOT_FOUND: 'keyFields', MODIFIED_FIELD_MISSING: 'modifiedField' } as const
  const setting =
    error.code === 'KEY_NOT_FOUND' || error.code === 'MODIFIED_FIELD_MISSING'
      ? byCode[error.code]
      : (['versionField', 'modifiedField'] as const).find(
          (name) => settings[name] !== undefined && settings[name] === named,
        )
  return {
    path: `${side}.${setting ?? 'table'}`,
    value: (setting && settings[setting]) ?? table,
    code: error.code,
    message: error.message,
    remedy: error.remedy,
    severity: 'error',
  }
}

function isAboutTheTable(error: SyncError): boolean {
  return [
    'TABLE_NOT_FOUND',
    'FIELD_NOT_FOUND',
    'KEY_NOT_FOUND',
    'MODIFIED_FIELD_MISSING',
    'PRIVILEGE_MISSING',
  ].includes(error.code)
}

/** Imports mappings as new versions, all of them or, with any error, none. Mappings that are the same stay as they are. */
export async function importMappings(
  pair: Pair,
  definitions: readonly MappingDefinition[],
  by: { readonly changedBy: string; readonly reason: string },
  deps: ImportDeps,
): Promise<ImportReport> {
  const problems = await checkMappings(pair, definitions, deps)
  if (problems.some((problem) => problem.severity === 'error')) return { imported: [], problems }
  const stored = await deps.stores.mappings.listMappings(pair.id)
  const before = new Map(stored.map((mapping) => [mapping.definition.name, mapping]))
  const saved = await deps.stores.mappings.saveMappings(
    definitions.map((definition) => {
      const known = before.get(definition.name)
      const selectionChanged = known === undefined || changesSelection(known.definition, definition)
      return { pairId: pair.id, definition, expectedVersion: known?.version ?? 0, selectionChanged, ...by }
    }),
  )
  const versions = new Map(saved.map((mapping) => [mapping.definition.name, mapping.version]))
  const imported: ImportedMapping[] = []
  for (const definition of definitions) {
    const known = before.get(definition.name)
    await saveDefaultSchedule(pair, definition, known?.definition, deps)
    const version = versions.get(definition.name) ?? 0
    const result = known === undefined ? 'created' : version === known.version ? 'unchanged' : 'changed'
    imported.push({ name: definition.name, version, result })
  }
  return { imported, problems }
}

/** True when records that were passed over, or fields that were not carried, must be looked at again (architecture.md §4.5). */
function changesSelection(before: MappingDefinition, after: MappingDefinition): boolean {
  const relevant = ({ local, remote, fields, onlyCoupled, direction }: MappingDefinition) => ({
    local,
    remote,
    fields,
    onlyCoupled,
    direction,
  })
  return canonicalText(relevant(before)) !== canonicalText(relevant(after))
}

/**
 * A mapping that comes with an interval gets its recurring job, as in the original. Another interval in the file is
 * taken over, unless somebody has changed the job itself: their change stays.
 */
async function saveDefaultSchedule(
  pair: Pair,
  definition: MappingDefinition,
  before: MappingDefinition | undefined,
  deps: ImportDeps,
): Promise<void> {
  const everyMinutes = definition.schedule?.everyMinutes
  if (everyMinutes === undefined) return
  const schedules = await deps.stores.operations.listSchedules()
  const known = schedules.find(({ pairId, name }) => pairId === pair.id && name === definition.name)
  const isOurs = known?.mapping === definition.name && known.everyMinutes === before?.schedule?.everyMinutes
  if (known && (!isOurs || known.everyMinutes === everyMinutes)) return
  await deps.stores.operations.saveSchedule({
    pairId: pair.id,
    name: definition.name,
    kind: 'mapping',
    mapping: definition.name,
    everyMinutes,
    enabled: known?.enabled ?? definition.enabled,
  })
}
