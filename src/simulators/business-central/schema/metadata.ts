import type { Field, FieldType } from './field.ts'
import { escapeMember } from './names.ts'
import { type Page, pages, type Service } from './pages.ts'
import { fieldOf, relatedTable } from './tables.ts'

/** Other records that `$expand` brings along: by the name of the navigation. */
export interface Navigation {
  readonly name: string
  readonly page: Page
  /** The column that holds the key of the one record there is; null where there are many that belong to this one. */
  readonly column: string | null
}

/** The navigations of a page: the record behind each id, and the lines of a document. */
export function navigationsOf(page: Page): readonly Navigation[] {
  const sets = [...pages[page.service].values()]
  const single = [...page.columns.values()].flatMap((column) => {
    const code = fieldOf(page.table, column)?.idOf
    const related = code === undefined ? null : relatedTable(fieldOf(page.table, code))
    const target = sets.find((each) => each.table === related)
    return code === undefined || !target || page.parent?.column === code
      ? []
      : [{ name: target.entityType, page: target, column: code }]
  })
  const many = sets
    .filter((each) => each.parent?.entitySet === page.entitySet)
    .map((each) => ({ name: each.entitySet, page: each, column: null }))
  return [...single, ...many]
}

/** The description of a service as CSDL. */
export function metadataOf(service: Service): string {
  const sets = [...pages[service].values()]
  const types = sets.map(entityType).join('')
  const enums = sets.flatMap(enumTypes).join('')
  const container = sets.map(entitySet).join('')
  const company =
    '<EntityType Name="company"><Key><PropertyRef Name="id"/></Key><Property Name="id" Type="Edm.Guid" Nullable="false"/>' +
    '<Property Name="name" Type="Edm.String" MaxLength="30"/><Property Name="displayName" Type="Edm.String" MaxLength="250"/></EntityType>'
  return (
    '<?xml version="1.0" encoding="utf-8"?>' +
    '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>' +
    '<Schema Namespace="Microsoft.NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">' +
    `${service === 'pages' ? '' : company}${types}${enums}<EntityContainer Name="NAV">` +
    `${service === 'pages' ? '' : '<EntitySet Name="companies" EntityType="Microsoft.NAV.company"/>'}${container}` +
    '</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>'
  )
}

function shownFields(page: Page): readonly (readonly [name: string, field: Field])[] {
  return [...page.columns].flatMap(([name, column]) => {
    const field = fieldOf(page.table, column)
    return field === undefined ? [] : [[name, field] as const]
  })
}

function entityType(page: Page): string {
  const key = page.key.map((name) => `<PropertyRef Name="${name}"/>`).join('')
  const properties = shownFields(page)
    .map(([name, field]) => property(page, name, field))
    .join('')
  const navigations = navigationsOf(page)
    .map(({ name, page: target, column }) => {
      const type = `Microsoft.NAV.${target.entityType}`
      return `<NavigationProperty Name="${name}" Type="${column === null ? `Collection(${type})` : type}"/>`
    })
    .join('')
  return `<EntityType Name="${page.entityType}"><Key>${key}</Key>${properties}${navigations}</EntityType>`
}

function property(page: Page, name: string, field: Field): string {
  const nullable = page.key.includes(name) || field.required ? ' Nullable="false"' : ''
  const computed = field.readOnly ? '<Annotation Term="Org.OData.Core.V1.Computed" Bool="true"/>' : ''
  return `<Property Name="${name}" ${edmType(page, name, field.type)}${nullable}>${computed}</Property>`
}

/** Pages describe options as texts, APIs as enumerations. */
function edmType(page: Page, name: string, type: FieldType): string {
  switch (type.kind) {
    case 'code':
    case 'text':
      return Number.isFinite(type.length)
        ? `Type="Edm.String" MaxLength="${type.length}"`
        : 'Type="Edm.String"'
    case 'decimal':
      return 'Type="Edm.Decimal" Scale="Variable"'
    case 'integer':
      return 'Type="Edm.Int32"'
    case 'bigInteger':
      return 'Type="Edm.Int64"'
    case 'boolean':
      return 'Type="Edm.Boolean"'
    case 'date':
      return 'Type="Edm.Date"'
    case 'dateTime':
      return 'Type="Edm.DateTimeOffset"'
    case 'guid':
      return 'Type="Edm.Guid"'
    case 'option':
      return page.service === 'pages' ? 'Type="Edm.String"' : `Type="Microsoft.NAV.${enumName(page, name)}"`
  }
}

const enumName = (page: Page, name: string): string =>
  `${page.entityType}${name.charAt(0).toUpperCase()}${name.slice(1)}`

function enumTypes(page: Page): readonly string[] {
  if (page.service === 'pages') return []
  return shownFields(page).flatMap(([name, { type }]) => {
    if (type.kind !== 'option') return []
    const members = type.members.map(
      (member, value) => `<Member Name="${escapeMember(member)}" Value="${value}"/>`,
    )
    return [`<EnumType Name="${enumName(page, name)}">${members.join('')}</EnumType>`]
  })
}

function entitySet(page: Page): string {
  return `<EntitySet Name="${page.entitySet}" EntityType="Microsoft.NAV.${page.entityType}"/>`
}
