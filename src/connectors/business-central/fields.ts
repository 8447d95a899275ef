import { SyncError } from '../../core/errors.ts'
import type { FieldSchema, FieldType, TableSchema } from '../../core/mapping/schema.ts'
import type { EdmEntityType, EdmModel, EdmProperty } from '../odata/csdl.ts'
import type { FilterProperty } from '../odata/filter-dialect.ts'
import { decodeEnumName, type EdmType, encodeEnumName } from '../odata/literal.ts'
import type { TableFacts } from './standard-tables.ts'
import { blanks, type Members } from './values.ts'

/** A field with what its system calls it: the wire needs more than the mapping. */
export interface WireField {
  readonly schema: FieldSchema
  readonly type: EdmType
  /** Of an option; null for everything else. */
  readonly members: Members | null
}

/** Kept by the system itself, so never empty. */
export const systemTimes: ReadonlySet<string> = new Set([
  'lastModifiedDateTime',
  'SystemModifiedAt',
  'systemCreatedAt',
])

/** The field that a property is; null where its type cannot be read. */
export function wireField(
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

/** How the service compares the field in filters. */
export function filterProperty({ schema, type, members }: WireField): FilterProperty {
  const blank = blanks[schema.type.kind]
  return {
    name: schema.name,
    type,
    // A name that new records must have may be blank in old ones.
    nullable: blank !== undefined && !systemTimes.has(schema.name),
    scale: schema.type.kind === 'instant' ? 3 : null,
    blank: blank === '' ? "''" : (blank ?? null),
    ...(members ? { memberNames: new Map([...members].map(([name, number]) => [number, name])) } : {}),
  }
}

interface NamedFields {
  readonly schema: Pick<TableSchema, 'table'>
  readonly fields: ReadonlyMap<string, WireField>
}

/** The fields of these names. Throws FIELD_NOT_FOUND. */
export function getFields({ schema, fields }: NamedFields, names: readonly string[]): readonly WireField[] {
  return names.map((name) => getField(schema.table, fields, name))
}

/** Fields a writer may give. Throws FIELD_NOT_FOUND for one that is not there or cannot be written. */
export function assertWritable(shape: NamedFields, names: readonly string[]): void {
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

/** Throws FIELD_NOT_FOUND. */
export function getField(table: string, fields: ReadonlyMap<string, WireField>, name: string): WireField {
  const field = fields.get(name)
  if (field) return field
  throw new SyncError('FIELD_NOT_FOUND', `Table ${table} has no field ${name}`, {
    data: { table, field: name },
  })
}
