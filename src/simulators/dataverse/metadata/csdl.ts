import type { Column, ColumnKind } from '../entities/definition.ts'
import { type EntityModel, entityModels, propertyOf } from '../entities/model.ts'

const edmTypes: Record<ColumnKind, string> = {
  key: 'Edm.Guid',
  text: 'Edm.String',
  memo: 'Edm.String',
  choice: 'Edm.Int32',
  state: 'Edm.Int32',
  status: 'Edm.Int32',
  boolean: 'Edm.Boolean',
  int: 'Edm.Int32',
  bigint: 'Edm.Int64',
  decimal: 'Edm.Decimal',
  money: 'Edm.Decimal',
  datetime: 'Edm.DateTimeOffset',
  moment: 'Edm.DateTimeOffset',
  date: 'Edm.Date',
  lookup: 'Edm.Guid',
}

/** `$metadata`: entity types with keys, properties and navigation properties, entity sets, and the bulk actions. */
export function csdl(): string {
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">',
    '<edmx:DataServices>',
    '<Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm">',
    '<EntityType Name="crmbaseentity" Abstract="true" />',
    '<EntityType Name="principal" BaseType="mscrm.crmbaseentity"><Key><PropertyRef Name="ownerid" /></Key><Property Name="ownerid" Type="Edm.Guid" Nullable="false" /></EntityType>',
    ...entityModels.map(entityType),
    ...entityModels.filter((model) => model.bulk).flatMap(bulkActions),
    '<ComplexType Name="WhoAmIResponse"><Property Name="BusinessUnitId" Type="Edm.Guid" Nullable="false" /><Property Name="UserId" Type="Edm.Guid" Nullable="false" /><Property Name="OrganizationId" Type="Edm.Guid" Nullable="false" /></ComplexType>',
    '<Function Name="WhoAmI"><ReturnType Type="mscrm.WhoAmIResponse" Nullable="false" /></Function>',
    '<EntityContainer Name="System">',
    ...entityModels.map(entitySet),
    '<FunctionImport Name="WhoAmI" Function="Microsoft.Dynamics.CRM.WhoAmI" />',
    '</EntityContainer>',
    '</Schema>',
    '</edmx:DataServices>',
    '</edmx:Edmx>',
  ].join('\n')
}

function entityType(model: EntityModel): string {
  const keys = model.alternateKeys.map(
    ({ name, columns }) =>
      `<Annotation Term="OData.Community.Keys.V1.AlternateKeys" Qualifier="${name}" String="${columns.join(',')}" />`,
  )
  return [
    `<EntityType Name="${model.logicalName}" BaseType="mscrm.crmbaseentity">`,
    `<Key><PropertyRef Name="${model.key}" /></Key>`,
    ...model.columns.map((column) => property(model, column)),
    ...[...model.navigations].map(([name, { column, entities }]) => navigation(name, column, entities)),
    ...keys,
    '</EntityType>',
  ].join('\n')
}

function property(model: EntityModel, column: Column): string {
  const facets = [
    `Name="${propertyOf(column)}"`,
    `Type="${edmTypes[column.kind]}"`,
    ...(column.maxLength === null ? [] : [`MaxLength="${column.maxLength}"`]),
    ...(column.kind === 'decimal' || column.kind === 'money' ? [`Scale="${column.scale}"`] : []),
    ...(column.name === model.key ? ['Nullable="false"'] : []),
    ...(column.kind === 'text' || column.kind === 'memo' ? ['Unicode="true"'] : []),
  ]
  return `<Property ${facets.join(' ')} />`
}

/** Owners are users or teams: their navigation property points to what both are. */
function navigation(name: string, column: Column, entities: readonly string[]): string {
  const [entity = ''] = entities
  const type = entities.length > 1 ? 'principal' : entity
  const referenced = type === 'principal' ? 'ownerid' : `${entity}id`
  return (
    `<NavigationProperty Name="${name}" Type="mscrm.${type}" Nullable="true">` +
    `<ReferentialConstraint Property="_${column.name}_value" ReferencedProperty="${referenced}" />` +
    '</NavigationProperty>'
  )
}

function entitySet(model: EntityModel): string {
  const bindings = [...model.navigations]
    .filter(([, { entities }]) => entities.length === 1)
    .map(([name, { entities }]) => {
      const target = entityModels.find((each) => each.logicalName === entities[0])?.entitySet
      return `<NavigationPropertyBinding Path="${name}" Target="${target}" />`
    })
  return `<EntitySet Name="${model.entitySet}" EntityType="Microsoft.Dynamics.CRM.${model.logicalName}">${bindings.join('')}</EntitySet>`
}

function bulkActions({ logicalName }: EntityModel): readonly string[] {
  return ['CreateMultiple', 'UpdateMultiple', 'UpsertMultiple'].map(
    (name) =>
      `<Action Name="${name}" IsBound="true"><Parameter Name="entityset" Type="Collection(mscrm.${logicalName})" Nullable="false" /><Parameter Name="Targets" Type="Collection(mscrm.${logicalName})" Nullable="false" /></Action>`,
  )
}
