import { XMLParser } from 'fast-xml-parser'
import { z } from 'zod'
import { answerInvalid } from '../http/failures.ts'
import type { HttpFacts } from '../http/http.ts'

/** A property as `$metadata` declares it. */
export interface EdmProperty {
  readonly name: string
  /** `Edm.String`, or the full name of an enumeration or complex type; of the elements where it is a collection. */
  readonly type: string
  readonly isCollection: boolean
  readonly nullable: boolean
  /** In characters; null: not declared, or as long as the service stores at all (`max`). */
  readonly maxLength: number | null
  readonly precision: number | null
  /** Null also where it varies from value to value. */
  readonly scale: number | null
  /** The service fills it and takes no value for it; false also where the service does not say. */
  readonly isComputed: boolean
}

export interface EdmNavigation {
  /** Exact spelling, which differs from the column's at times (connectors.md A.6). */
  readonly name: string
  /** Full name of the type it leads to. */
  readonly target: string
  readonly isCollection: boolean
  /** The entity set its records lie in, where the container says so. */
  readonly entitySet: string | null
  /** Own property → property of the target that it equals. */
  readonly constraints: ReadonlyMap<string, string>
}

/** A kind of record, with everything its base types declare. */
export interface EdmEntityType {
  /** Full name, with its namespace. */
  readonly name: string
  readonly key: readonly string[]
  readonly properties: ReadonlyMap<string, EdmProperty>
  readonly navigation: ReadonlyMap<string, EdmNavigation>
}

export interface EdmModel {
  readonly entitySets: ReadonlyMap<string, EdmEntityType>
  /** Members in order, by full name of the enumeration. */
  readonly enums: ReadonlyMap<string, ReadonlyMap<string, string>>
}

const lists = new Set([
  'Schema',
  'EntityType',
  'EnumType',
  'Member',
  'Property',
  'PropertyRef',
  'NavigationProperty',
  'NavigationPropertyBinding',
  'ReferentialConstraint',
  'EntityContainer',
  'EntitySet',
  'Annotation',
])

/** Elements that are empty in the text become an empty text. */
const element = <T extends z.ZodRawShape>(shape: T) =>
  z.preprocess((value) => (value === '' ? {} : value), z.object(shape))
const some = <T extends z.ZodType>(item: T) => z.array(item).default([])
const name = z.string().min(1)

const XmlProperty = element({
  Name: name,
  Type: name,
  Nullable: z.string().optional(),
  MaxLength: z.string().optional(),
  Precision: z.string().optional(),
  Scale: z.string().optional(),
  Annotation: some(element({ Term: name, Bool: z.string().optional() })),
})
const XmlNavigation = element({
  Name: name,
  Type: name,
  ReferentialConstraint: some(element({ Property: name, ReferencedProperty: name })),
})
const XmlEntityType = element({
  Name: name,
  BaseType: name.optional(),
  Key: element({ PropertyRef: some(element({ Name: name })) }).optional(),
  Property: some(XmlProperty),
  NavigationProperty: some(XmlNavigation),
})
const XmlSchema = element({
  Namespace: name,
  Alias: name.optional(),
  EntityType: some(XmlEntityType),
  EnumType: some(
    element({ Name: name, Member: some(element({ Name: name, Value: z.string().optional() })) }),
  ),
  EntityContainer: some(
    element({
      EntitySet: some(
        element({
          Name: name,
          EntityType: name,
          NavigationPropertyBinding: some(element({ Path: name, Target: name })),
        }),
      ),
    }),
  ),
})
const XmlDocument = z.object({
  Edmx: z.object({ DataServices: element({ Schema: some(XmlSchema) }) }),
})

type XmlSchema = z.infer<typeof XmlSchema>
type XmlEntityType = z.infer<typeof XmlEntityType>

/** Reads a `$metadata` document (CSDL in XML). Throws ANSWER_INVALID where it is none. */
export function readCsdl(text: string, facts: HttpFacts): EdmModel {
  const schemas = parseXml(text, facts)
  const types = new Map(
    schemas.flatMap((schema) =>
      schema.EntityType.map((type) => [`${schema.Namespace}.${type.Name}`, type] as const),
    ),
  )
  const fullName = aliasResolver(schemas)
  return {
    entitySets: readSets(schemas, types, fullName),
    enums: new Map(
      schemas.flatMap((schema) =>
        schema.EnumType.map((type) => [`${schema.Namespace}.${type.Name}`, enumMembers(type.Member)]),
      ),
    ),
  }
}

function parseXml(text: string, facts: HttpFacts): readonly XmlSchema[] {
  // A document type could define texts that grow without end; metadata has none.
  if (/<!(DOCTYPE|ENTITY)/i.test(text))
    throw answerInvalid(facts, 'holds a document type, which metadata never does')
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseAttributeValue: false,
    removeNSPrefix: true,
    isArray: (tag, _path, _isLeaf, isAttribute) => !isAttribute && lists.has(tag),
  })
  const parsed = XmlDocument.safeParse(attempt(() => parser.parse(text, true)))
  if (!parsed.success) throw answerInvalid(facts, 'is no metadata document of OData V4')
  return parsed.data.Edmx.DataServices.Schema
}

function attempt(work: () => unknown): unknown {
  try {
    return work()
  } catch {
    return null
  }
}

type FullName = (name: string) => string

/** Types may be named by the alias of their schema. */
function aliasResolver(schemas: readonly XmlSchema[]): FullName {
  const aliases = schemas.flatMap(({ Alias, Namespace }) => (Alias ? [[Alias, Namespace] as const] : []))
  const namespaces = new Map(aliases)
  return (type) => {
    const dot = type.lastIndexOf('.')
    const namespace = namespaces.get(type.slice(0, dot))
    return namespace === undefined ? type : `${namespace}${type.slice(dot)}`
  }
}

function readSets(
  schemas: readonly XmlSchema[],
  types: ReadonlyMap<string, XmlEntityType>,
  fullName: FullName,
): ReadonlyMap<string, EdmEntityType> {
  const sets = schemas.flatMap(({ EntityContainer }) => EntityContainer.flatMap(({ EntitySet }) => EntitySet))
  return new Map(
    sets.map((set) => {
      const bindings = new Map(set.NavigationPropertyBinding.map(({ Path, Target }) => [Path, Target]))
      return [set.Name, entityType(fullName(set.EntityType), types, bindings, fullName)]
    }),
  )
}

function entityType(
  typeName: string,
  types: ReadonlyMap<string, XmlEntityType>,
  bindings: ReadonlyMap<string, string>,
  fullName: FullName,
): EdmEntityType {
  const family = withBaseTypes(typeName, types, fullName)
  return {
    name: typeName,
    key: family.flatMap(({ Key }) => Key?.PropertyRef ?? []).map(({ Name }) => Name),
    properties: new Map(
      family.flatMap(({ Property }) => Property).map((each) => [each.Name, property(each, fullName)]),
    ),
    navigation: new Map(
      family
        .flatMap(({ NavigationProperty }) => NavigationProperty)
        .map(({ Name, Type, ReferentialConstraint }) => [
          Name,
          {
            name: Name,
            ...elementType(Type, fullName, 'target'),
            entitySet: bindings.get(Name) ?? null,
            constraints: new Map(
              ReferentialConstraint.map((each) => [each.Property, each.ReferencedProperty]),
            ),
          },
        ]),
    ),
  }
}

/** The most general type first; a circle of base types ends where it closes. */
function withBaseTypes(
  typeName: string,
  types: ReadonlyMap<string, XmlEntityType>,
  fullName: FullName,
): readonly XmlEntityType[] {
  const family = new Map<string, XmlEntityType>()
  for (let at: string | undefined = typeName; at !== undefined && !family.has(at); ) {
    const type = types.get(at)
    if (!type) break
    family.set(at, type)
    at = type.BaseType === undefined ? undefined : fullName(type.BaseType)
  }
  return [...family.values()].reverse()
}

function property(xml: z.infer<typeof XmlProperty>, fullName: FullName): EdmProperty {
  const number = (text: string | undefined) =>
    text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null
  return {
    name: xml.Name,
    ...elementType(xml.Type, fullName, 'type'),
    nullable: xml.Nullable !== 'false',
    maxLength: number(xml.MaxLength),
    precision: number(xml.Precision),
    scale: number(xml.Scale),
    isComputed: xml.Annotation.some(
      ({ Term, Bool }) => Term === 'Org.OData.Core.V1.Computed' && Bool !== 'false',
    ),
  }
}

function elementType<N extends string>(
  text: string,
  fullName: FullName,
  as: N,
): Record<N, string> & { readonly isCollection: boolean } {
  const inner = /^Collection\((.+)\)$/.exec(text)?.[1]
  const named = { [as]: fullName(inner ?? text) } as Record<N, string>
  return { ...named, isCollection: inner !== undefined }
}

/** Members without a value count from 0. */
function enumMembers(
  members: readonly { readonly Name: string; readonly Value?: string | undefined }[],
): ReadonlyMap<string, string> {
  return new Map(members.map(({ Name, Value }, index) => [Name, Value ?? String(index)]))
}
