import { createHash } from 'node:crypto'
import type { Column, ColumnKind, Option } from '../entities/definition.ts'
import type { EntityModel } from '../entities/model.ts'
import type { Organization } from '../organization.ts'

/** A JSON object of the metadata. */
export type Metadata = Readonly<Record<string, unknown>>

const attributeTypes: Record<ColumnKind, readonly [attributeType: string, typeName: string]> = {
  key: ['Uniqueidentifier', 'UniqueIdentifier'],
  text: ['String', 'String'],
  memo: ['Memo', 'Memo'],
  choice: ['Picklist', 'Picklist'],
  state: ['State', 'State'],
  status: ['Status', 'Status'],
  boolean: ['Boolean', 'Boolean'],
  int: ['Integer', 'Integer'],
  bigint: ['BigInt', 'BigInt'],
  decimal: ['Decimal', 'Decimal'],
  money: ['Money', 'Money'],
  datetime: ['DateTime', 'DateTime'],
  moment: ['DateTime', 'DateTime'],
  date: ['DateTime', 'DateTime'],
  lookup: ['Lookup', 'Lookup'],
}

/** One table as `EntityDefinitions` describes it, without what has to be expanded. */
export function entityMetadata(model: EntityModel): Metadata {
  return {
    MetadataId: idOf(model.logicalName),
    LogicalName: model.logicalName,
    SchemaName: model.logicalName,
    EntitySetName: model.entitySet,
    LogicalCollectionName: model.entitySet,
    ObjectTypeCode: model.typeCode,
    PrimaryIdAttribute: model.key,
    PrimaryNameAttribute: model.nameColumn,
    ChangeTrackingEnabled: model.changeTracking,
    IsOptimisticConcurrencyEnabled: true,
    IsActivity: false,
    IsIntersect: false,
    IsCustomEntity: false,
    OwnershipType: model.columnsByName.has('ownerid') ? 'UserOwned' : 'OrganizationOwned',
    TableType: 'Standard',
    Privileges: [
      {
        Name: `prvRead${model.logicalName}`,
        PrivilegeId: readPrivilegeOf(model),
        PrivilegeType: 'Read',
      },
    ],
    DisplayName: labelled(model.logicalName),
    DisplayCollectionName: labelled(model.entitySet),
  }
}

/** Id of the privilege to read a table. */
export function readPrivilegeOf({ logicalName }: EntityModel): string {
  return idOf(`prvRead${logicalName}`)
}

/** One column; the options of a choice only where they are expanded. */
export function attributeMetadata(model: EntityModel, column: Column): Metadata {
  const [attributeType, typeName] = typeOf(column)
  const isSystems = column.kind === 'key' || column.required
  return {
    '@odata.type': `#Microsoft.Dynamics.CRM.${castOf(column)}`,
    MetadataId: idOf(`${model.logicalName}.${column.name}`),
    LogicalName: column.name,
    SchemaName: column.name,
    EntityLogicalName: model.logicalName,
    AttributeType: attributeType,
    AttributeTypeName: { Value: `${typeName}Type` },
    IsPrimaryId: column.kind === 'key',
    IsPrimaryName: column.name === model.nameColumn,
    IsValidForRead: true,
    IsValidForCreate: column.writable,
    IsValidForUpdate: column.writable && column.kind !== 'key',
    IsLogical: false,
    AttributeOf: null,
    RequiredLevel: { Value: isSystems ? 'SystemRequired' : 'None', CanBeChanged: !isSystems },
    DisplayName: labelled(column.name),
    ...facetsOf(column),
  }
}

/** The type by which columns of this kind are asked for, such as `PicklistAttributeMetadata`. */
export function castOf(column: Column): string {
  return `${typeOf(column)[0] === 'Uniqueidentifier' ? 'UniqueIdentifier' : typeOf(column)[1]}AttributeMetadata`
}

/** Options with labels; those of a status name their state. */
export function optionSetMetadata(organization: Organization, model: EntityModel, column: Column): Metadata {
  const optionOf = (option: Option): Metadata => ({
    Value: option.value,
    Label: labelled(option.label),
    ...(option.state === undefined ? {} : { State: option.state }),
  })
  if (column.kind === 'boolean') {
    return {
      TrueOption: optionOf({ value: 1, label: 'Yes' }),
      FalseOption: optionOf({ value: 0, label: 'No' }),
    }
  }
  return {
    MetadataId: idOf(`${model.logicalName}.${column.name}.options`),
    Name: `${model.logicalName}_${column.name}`,
    IsGlobal: false,
    OptionSetType: typeOf(column)[0],
    Options: organization.optionsOf(model.logicalName, column).map(optionOf),
  }
}

export function keyMetadata(model: EntityModel): readonly Metadata[] {
  return model.alternateKeys.map(({ name, columns }) => ({
    MetadataId: idOf(`${model.logicalName}.key.${name}`),
    LogicalName: `key_${columns.join('_')}`,
    SchemaName: `key_${columns.join('_')}`,
    EntityLogicalName: model.logicalName,
    KeyAttributes: columns,
    EntityKeyIndexStatus: 'Active',
  }))
}

/** Lookups with their navigation properties and targets. */
export function relationshipMetadata(model: EntityModel): readonly Metadata[] {
  return model.columns.flatMap((column) =>
    column.targets.map(({ entity, navigation }) => ({
      MetadataId: idOf(`${model.logicalName}.${column.name}.${entity}`),
      SchemaName: `${model.logicalName}_${column.name}_${entity}`,
      RelationshipType: 'OneToManyRelationship',
      ReferencingEntity: model.logicalName,
      ReferencingAttribute: column.name,
      ReferencingEntityNavigationPropertyName: navigation,
      ReferencedEntity: entity,
      ReferencedAttribute: `${entity}id`,
    })),
  )
}

function typeOf(column: Column): readonly [string, string] {
  if (column.kind === 'lookup' && column.name === 'ownerid') return ['Owner', 'Owner']
  if (column.kind === 'lookup' && column.targets.length > 1) return ['Customer', 'Lookup']
  return attributeTypes[column.kind]
}

function facetsOf(column: Column): Metadata {
  switch (column.kind) {
    case 'text':
    case 'memo':
      return {
        MaxLength: column.maxLength,
        FormatName: { Value: column.kind === 'memo' ? 'TextArea' : 'Text' },
      }
    case 'int':
      return { MinValue: column.min, MaxValue: column.max }
    case 'decimal':
    case 'money':
      return { MinValue: column.min, MaxValue: column.max, Precision: column.scale }
    case 'lookup':
      return { Targets: column.targets.map((target) => target.entity) }
    case 'datetime':
      return { Format: 'DateAndTime', DateTimeBehavior: { Value: 'UserLocal' } }
    case 'moment':
      return { Format: 'DateAndTime', DateTimeBehavior: { Value: 'TimeZoneIndependent' } }
    case 'date':
      return { Format: 'DateOnly', DateTimeBehavior: { Value: 'DateOnly' } }
    default:
      return {}
  }
}

function labelled(text: string): Metadata {
  const label = { Label: text, LanguageCode: 1033, IsManaged: true, MetadataId: null, HasChanged: null }
  return { LocalizedLabels: [label], UserLocalizedLabel: label }
}

/** The same id for the same thing, at every start. */
function idOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
