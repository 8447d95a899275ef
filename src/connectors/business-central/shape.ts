import { SyncError } from '../../core/errors.ts'
import { modifiedFieldMissing } from '../../core/mapping/modified-field.ts'
import type { FieldSchema, TableSchema } from '../../core/mapping/schema.ts'
import type { TableAddress } from '../../core/ports/connector.ts'
import { present } from '../../lib/assert.ts'
import type { HttpFacts } from '../http/http.ts'
import type { ODataClient } from '../odata/client.ts'
import type { EdmEntityType, EdmModel } from '../odata/csdl.ts'
import type { FilterProperties } from '../odata/filter.ts'
import { assertWritable, filterProperty, getField, systemTimes, type WireField, wireField } from './fields.ts'
import type { Pacing } from './parts.ts'
import type { TableFacts } from './standard-tables.ts'

/** How changes are found: by a time in milliseconds, or by a day (connectors.md B.4). */
export interface ModifiedField {
  readonly field: WireField
  readonly by: 'time' | 'day'
}

/** One table as it is read and written. */
export interface TableShape {
  readonly client: ODataClient
  readonly pacing: Pacing
  readonly facts: HttpFacts
  /** Path of the set below the root of the client, percent-encoded, its company in it. */
  readonly path: string
  readonly schema: TableSchema
  readonly fields: ReadonlyMap<string, WireField>
  readonly key: readonly WireField[]
  readonly modified: ModifiedField | null
  readonly filterProperties: FilterProperties
}

export interface ShapeSettings {
  readonly maxServerRunMs: number
  readonly facts: TableFacts
}

/** Fields with the time of the last change, the best one first; the last ones know the day only. */
const modifiedNames = [
  'lastModifiedDateTime',
  'SystemModifiedAt',
  'Last_Modified_Date_Time',
  'Last_Date_Modified',
]
/** The table as its metadata and the settings describe it. Throws KEY_NOT_FOUND, FIELD_NOT_FOUND, MODIFIED_FIELD_MISSING. */
export function buildShape(
  source: Pick<TableShape, 'client' | 'path' | 'pacing'> & {
    readonly entity: EdmEntityType
    readonly model: EdmModel
  },
  address: TableAddress,
  settings: ShapeSettings,
): TableShape {
  const { entity, model, client, path, pacing } = source
  const { facts } = settings
  const fields = new Map<string, WireField>()
  const unsupported = new Map<string, string>()
  for (const property of entity.properties.values()) {
    const field = wireField(property, entity, model, facts)
    if (field) fields.set(property.name, field)
    else unsupported.set(property.name, property.type)
  }
  checkFacts(address.table, fields, facts)
  const key = keyOf(address, entity, fields)
  const modified = modifiedOf(address, fields)
  return {
    client,
    pacing,
    facts: client.facts,
    path,
    fields,
    key,
    modified,
    schema: schemaOf({ address, fields, unsupported, key, modified }, settings),
    filterProperties: new Map([...fields].map(([name, field]) => [name, filterProperty(field)])),
  }
}

function schemaOf(
  shape: Pick<TableShape, 'fields' | 'key' | 'modified'> & {
    readonly address: TableAddress
    readonly unsupported: ReadonlyMap<string, string>
  },
  { facts, maxServerRunMs }: ShapeSettings,
): TableSchema {
  const { fields, key, modified, unsupported } = shape
  const schemas = [...fields.values()].map(({ schema }) => schema)
  const keyFields = key.map(({ schema }) => schema.name)
  const isGiven = key.every(({ schema }) => schema.writable)
  const businessKey = facts.businessKey ?? []
  // A number the system works out changes without giving the record another version.
  const isComputed = ({ name, writable }: FieldSchema) =>
    !writable && !keyFields.includes(name) && !systemTimes.has(name)
  return {
    table: shape.address.table,
    fields: new Map(schemas.map((schema) => [schema.name, schema])),
    ...(unsupported.size > 0 ? { unsupportedFields: unsupported } : {}),
    keyFields,
    creation: isGiven ? 'given' : businessKey.length > 0 ? 'business-key' : 'unsafe',
    ...(!isGiven && modified !== null && facts.numberSeries ? { recognisable: true } : {}),
    ...(isGiven || businessKey.length === 0 ? {} : { businessKey }),
    modifiedField: modified?.field.schema.name ?? null,
    exactVersions: !schemas.some(isComputed),
    maxServerRunMs,
    estimatedRows: null,
  }
}

/** Throws FIELD_NOT_FOUND where the settings name what is not there, or a business key that nobody can give. */
function checkFacts(table: string, fields: ReadonlyMap<string, WireField>, facts: TableFacts): void {
  const named = [facts.codeFields, facts.businessKey, facts.requiredFields, facts.readOnlyFields]
  for (const name of [...named.flatMap((list) => list ?? []), ...Object.keys(facts.options ?? {})]) {
    if (fields.has(name)) continue
    throw new SyncError(
      'FIELD_NOT_FOUND',
      `Table ${table} has no field ${name}, which the settings of its connection name`,
      {
        data: { table, field: name },
      },
    )
  }
  assertWritable({ schema: { table }, fields }, facts.businessKey ?? [])
}

function keyOf(
  { table, keyFields }: TableAddress,
  entity: EdmEntityType,
  fields: ReadonlyMap<string, WireField>,
): readonly WireField[] {
  const key = entity.key.map((name) => fields.get(name))
  const isReadable = key.length > 0 && !key.includes(undefined)
  const isAnother = keyFields !== undefined && [...keyFields].sort().join() !== [...entity.key].sort().join()
  for (const name of keyFields ?? []) getField(table, fields, name)
  if (isReadable && !isAnother) return key.map((field) => present(field, 'key field'))
  const reason = isReadable ? `is addressed by ${entity.key.join(', ')} only` : 'has no key that can be read'
  throw new SyncError('KEY_NOT_FOUND', `Table ${table} ${reason}`, { data: { table } })
}

function modifiedOf(
  { table, modifiedField, versionField }: TableAddress,
  fields: ReadonlyMap<string, WireField>,
): ModifiedField | null {
  if (versionField !== undefined) getField(table, fields, versionField)
  const names = modifiedField === undefined ? modifiedNames : [modifiedField]
  for (const name of names) {
    const field = fields.get(name)
    if (field?.schema.type.kind === 'instant') return { field, by: 'time' }
    if (field?.schema.type.kind === 'date') return { field, by: 'day' }
  }
  if (modifiedField === undefined) return null
  throw modifiedFieldMissing(table, modifiedField, fields.get(modifiedField)?.schema.type.kind)
}
