import { SyncError } from '../../core/errors.ts'
import type { FieldSchema, FieldType, TableSchema } from '../../core/mapping/schema.ts'
import type { TableAddress } from '../../core/ports/connector.ts'
import { present } from '../../lib/assert.ts'
import type { HttpFacts } from '../http/http.ts'
import type { ODataClient } from '../odata/client.ts'
import type { EdmEntityType, EdmModel, EdmProperty } from '../odata/csdl.ts'
import type { FilterProperties } from '../odata/filter.ts'
import type { FilterProperty } from '../odata/filter-dialect.ts'
import { decodeEnumName, type EdmType, encodeEnumName } from '../odata/literal.ts'
import type { Pacing } from './parts.ts'
import type { TableFacts } from './standard-tables.ts'
import { blanks, type Members } from './values.ts'

/** A field with what its system calls it: the wire needs more than the mapping. */
export interface WireField {
  readonly schema: FieldSchema
  readonly type: EdmType
  /** Of an option; null for everything else. */
  readonly members: Members | null
}

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
/** Kept by the system itself, so never empty. */
const systemTimes: ReadonlySet<string> = new Set([
  'lastModifiedDateTime',
  'SystemModifiedAt',
  'systemCreatedAt',
])

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
    ...(isGiven || businessKey.length === 0 ? {} : { businessKey }),
    modifiedField: modified?.field.schema.name ?? null,
    exactVersions: !schemas.some(isComputed),
    maxServerRunMs,
    estimatedRows: null,
  }
}

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
}

function wireField(
  property: EdmProperty,
  entity: EdmEntityType,
  model: EdmModel,
  facts: TableFacts,
): WireField | null {
  const { name } = property
  if (property.isCollection) return null
  const members = membersOf(property, model, facts)
  const isKey = entity.key.includes(name)
  const type = members ? optionOf(members) : typeOf(property, facts.codeFields ?? guessedCodes(entity))
  if (type === null) return null
  const isRequired = facts.requiredFields?.includes(name) ?? false
  const isMade = (isKey && type.kind === 'uuid') || systemTimes.has(name) || property.isComputed
  return {
    schema: {
      name,
      type,
      nullable:
        !isKey &&
        !isRequired &&
        !systemTimes.has(name) &&
        property.nullable &&
        blanks[type.kind] !== undefined,
      writable: !isMade && !(facts.readOnlyFields?.includes(name) ?? false),
      hasDefault: !isRequired && property.nullable,
    },
    type: members ? 'Edm.String' : (property.type as EdmType),
    members,
  }
}

/** Keys of pages are numbers and codes as a rule; the settings know better where they name the codes of a table. */
function guessedCodes({ key, properties }: EdmEntityType): readonly string[] {
  return key.filter((name) => {
    const { type, maxLength } = properties.get(name) ?? { type: '', maxLength: null }
    return type === 'Edm.String' && maxLength !== null && maxLength <= 20
  })
}

function membersOf(property: EdmProperty, model: EdmModel, facts: TableFacts): Members | null {
  const listed = facts.options?.[property.name]
  if (listed) return new Map(listed.map((member, number) => [encodeEnumName(member || ' '), String(number)]))
  return model.enums.get(property.type) ?? null
}

function optionOf(members: Members): FieldType {
  const labels = [...members].map(([name, number]) => {
    const text = decodeEnumName(name).trim()
    return { value: Number(number), name: text, caption: text }
  })
  return { kind: 'option', values: labels.map(({ value }) => value), labels }
}

function typeOf(property: EdmProperty, codeFields: readonly string[]): FieldType | null {
  switch (property.type) {
    case 'Edm.String':
      return { kind: codeFields.includes(property.name) ? 'code' : 'text', maxLength: property.maxLength }
    case 'Edm.Guid':
      return { kind: 'uuid' }
    case 'Edm.Boolean':
      return { kind: 'boolean' }
    case 'Edm.Byte':
    case 'Edm.Int16':
      return { kind: 'integer', bits: 16 }
    case 'Edm.Int32':
      return { kind: 'integer', bits: 32 }
    case 'Edm.Int64':
      return { kind: 'integer', bits: 64 }
    case 'Edm.Decimal':
    case 'Edm.Double':
      return { kind: 'decimal', precision: null, scale: property.scale }
    case 'Edm.Date':
      return { kind: 'date' }
    case 'Edm.TimeOfDay':
      return { kind: 'time' }
    case 'Edm.DateTimeOffset':
      return { kind: 'instant' }
    default:
      return null
  }
}

function filterProperty({ schema, type, members }: WireField): FilterProperty {
  const blank = blanks[schema.type.kind]
  return {
    name: schema.name,
    type,
    nullable: schema.nullable,
    scale: schema.type.kind === 'instant' ? 3 : null,
    blank: blank === '' ? "''" : (blank ?? null),
    ...(members ? { memberNames: new Map([...members].map(([name, number]) => [number, name])) } : {}),
  }
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
  if (modifiedField !== undefined && !fields.has(modifiedField)) {
    throw new SyncError('MODIFIED_FIELD_MISSING', `Table ${table} has no field ${modifiedField}`, {
      data: { table, field: modifiedField },
    })
  }
  const names = modifiedField === undefined ? modifiedNames : [modifiedField]
  for (const name of names) {
    const field = fields.get(name)
    if (field?.schema.type.kind === 'instant') return { field, by: 'time' }
    if (field?.schema.type.kind === 'date') return { field, by: 'day' }
  }
  if (modifiedField === undefined) return null
  throw new SyncError(
    'MODIFIED_FIELD_MISSING',
    `Field ${modifiedField} of table ${table} holds neither times nor days`,
    {
      data: { table, field: modifiedField },
    },
  )
}

function getField(table: string, fields: ReadonlyMap<string, WireField>, name: string): WireField {
  const field = fields.get(name)
  if (field) return field
  throw new SyncError('FIELD_NOT_FOUND', `Table ${table} has no field ${name}`, {
    data: { table, field: name },
  })
}

/** The fields of these names. Throws FIELD_NOT_FOUND. */
export function getFields(
  { schema, fields }: Pick<TableShape, 'schema' | 'fields'>,
  names: readonly string[],
): readonly WireField[] {
  return names.map((name) => getField(schema.table, fields, name))
}

/** Fields a writer may give. Throws FIELD_NOT_FOUND for one that is not there or cannot be written. */
export function assertWritable(shape: Pick<TableShape, 'schema' | 'fields'>, names: readonly string[]): void {
  const computed = getFields(shape, names).find(({ schema }) => !schema.writable)
  if (!computed) return
  const { table } = shape.schema
  const { name } = computed.schema
  throw new SyncError(
    'FIELD_NOT_FOUND',
    `Table ${table}: field ${name} cannot be written, the system fills it`,
    {
      data: { table, field: name },
    },
  )
}
