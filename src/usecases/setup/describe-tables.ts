import { SyncError } from '../../core/errors.ts'
import type { MappingDefinition, Side } from '../../core/mapping/definition.ts'
import type { TableSchema } from '../../core/mapping/schema.ts'
import type { MappingProblem } from '../../core/mapping/validate.ts'
import type { Schemas } from '../../core/mapping/validate-types.ts'
import type { Pair } from '../../core/ports/mapping-store.ts'
import type { Deps } from '../deps.ts'
import { openTable } from '../line/open-session.ts'

/** What both tables of a mapping look like, and what is wrong with the settings that name them. */
export interface DescribedTables {
  /** Null when a table cannot be described at all. */
  readonly schemas: Schemas | null
  readonly problems: readonly MappingProblem[]
}

/** Describes both tables; what is wrong with a mapping is a problem, what is wrong with a connection is thrown. */
export async function describeTables(
  pair: Pair,
  definition: MappingDefinition,
  deps: Pick<Deps, 'connect'>,
): Promise<DescribedTables> {
  const local = await describeSide(pair, definition, 'local', deps)
  const remote = await describeSide(pair, definition, 'remote', deps)
  const problems = [...local.problems, ...remote.problems]
  if (!local.schema || !remote.schema) return { schemas: null, problems }
  return { schemas: { local: local.schema, remote: remote.schema }, problems }
}

interface DescribedSide {
  readonly schema: TableSchema | null
  readonly problems: readonly MappingProblem[]
}

/** The table of a side; a wrong key, modified or version field is left out then, so that all else is checked as well. */
async function describeSide(
  pair: Pair,
  definition: MappingDefinition,
  side: Side,
  deps: Pick<Deps, 'connect'>,
): Promise<DescribedSide> {
  try {
    const { schema } = await openTable(deps, { definition }, pair, side, new AbortController().signal)
    return { schema, problems: [] }
  } catch (error) {
    if (!(error instanceof SyncError) || !isAboutTheTable(error)) throw error
    const found = tableProblem(definition, side, error)
    const setting = optionalSettings.find((name) => found.path === `${side}.${name}`)
    if (setting === undefined || definition[side][setting] === undefined) {
      return { schema: null, problems: [found] }
    }
    const rest = { ...definition, [side]: { ...definition[side], [setting]: undefined } }
    const { schema, problems } = await describeSide(pair, rest, side, deps)
    return { schema, problems: schema ? [found, ...problems] : [found] }
  }
}

const optionalSettings = ['keyFields', 'modifiedField', 'versionField'] as const

/** The problem at the setting that names the table, its key or its field. */
function tableProblem(definition: MappingDefinition, side: Side, error: SyncError): MappingProblem {
  const { table, keyFields, modifiedField, versionField } = definition[side]
  const settings = { keyFields: keyFields?.join(', '), modifiedField, versionField }
  const setting = wrongSetting(error, definition[side])
  return {
    path: `${side}.${setting ?? 'table'}`,
    value: (setting && settings[setting]) ?? table,
    code: error.code,
    message: error.message,
    remedy: error.remedy,
    severity: 'error',
  }
}

function wrongSetting(
  { code, data }: SyncError,
  { keyFields, modifiedField, versionField }: MappingDefinition[Side],
): (typeof optionalSettings)[number] | undefined {
  if (code === 'KEY_NOT_FOUND') return 'keyFields'
  if (code === 'MODIFIED_FIELD_MISSING') return 'modifiedField'
  const { field } = data
  if (field === undefined) return undefined
  if (keyFields?.some((name) => name === field)) return 'keyFields'
  if (versionField === field) return 'versionField'
  return modifiedField === field ? 'modifiedField' : undefined
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
