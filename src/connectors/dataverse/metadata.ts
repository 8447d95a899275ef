import { z } from 'zod'
import { SyncError } from '../../core/errors.ts'
import { answerInvalid } from '../http/failures.ts'
import type { BatchRequest, BatchResult } from '../odata/batch.ts'
import type { ODataClient, RequestContext } from '../odata/client.ts'
import { failureError } from '../odata/failure.ts'
import { withQuery } from '../odata/query.ts'

const Name = z.object({ Value: z.string() })
const Label = z.object({ UserLocalizedLabel: z.object({ Label: z.string() }).nullish() }).nullish()

const Attribute = z.object({
  LogicalName: z.string(),
  AttributeType: z.string(),
  AttributeTypeName: Name.nullish(),
  /** Set for columns that only explain another one, such as the name behind a lookup. */
  AttributeOf: z.string().nullish(),
  IsValidForRead: z.boolean().nullish(),
  IsValidForCreate: z.boolean().nullish(),
  IsValidForUpdate: z.boolean().nullish(),
  RequiredLevel: Name.nullish(),
  MaxLength: z.number().nullish(),
  MaxValue: z.number().nullish(),
  Precision: z.number().nullish(),
  /** Money: 0 the column's own precision, else that of the organization or of the currency. */
  PrecisionSource: z.number().nullish(),
  DateTimeBehavior: Name.nullish(),
  Targets: z.array(z.string()).nullish(),
})
export type Attribute = z.infer<typeof Attribute>

const Option = z.object({
  Value: z.number(),
  Label,
  /** Of a status: the state it belongs to. */
  State: z.number().nullish(),
  /** Of a state: the status it begins with. */
  DefaultStatus: z.number().nullish(),
})
export type Option = z.infer<typeof Option>

const Definition = z.object({
  LogicalName: z.string(),
  EntitySetName: z.string(),
  PrimaryIdAttribute: z.string(),
  ChangeTrackingEnabled: z.boolean().nullish(),
  IsOptimisticConcurrencyEnabled: z.boolean().nullish(),
  Privileges: z.array(z.object({ PrivilegeType: z.string(), PrivilegeId: z.string() })).nullish(),
  Keys: z.array(z.object({ KeyAttributes: z.array(z.string()) })).nullish(),
  ManyToOneRelationships: z
    .array(
      z.object({
        ReferencingAttribute: z.string(),
        ReferencingEntityNavigationPropertyName: z.string().nullish(),
        ReferencedEntity: z.string(),
      }),
    )
    .nullish(),
})
const Attributes = z.object({ value: z.array(Attribute) })
const OptionSets = z.object({
  value: z.array(
    z.object({
      LogicalName: z.string(),
      OptionSet: z.object({ Options: z.array(Option) }).nullish(),
      GlobalOptionSet: z.object({ Options: z.array(Option) }).nullish(),
    }),
  ),
})
const Messages = z.object({ value: z.array(z.unknown()) })

/** A table as the service describes it. */
export interface TableDescription {
  readonly logicalName: string
  readonly entitySet: string
  readonly primaryId: string
  readonly hasChangeTracking: boolean
  /** Its rows can be written on condition of their version. */
  readonly hasVersions: boolean
  readonly attributes: readonly Attribute[]
  /** Options by column. */
  readonly options: ReadonlyMap<string, readonly Option[]>
  readonly alternateKeys: readonly (readonly string[])[]
  /** Navigation property of each lookup, by column and table it leads to. */
  readonly navigation: ReadonlyMap<string, ReadonlyMap<string, string>>
  readonly hasCreateMultiple: boolean
  /** Id of the privilege to read the table; null where the service does not say. */
  readonly readPrivilege: string | null
}

const optionTypes = ['Picklist', 'State', 'Status'] as const

/** Everything about one table in one request. Throws TABLE_NOT_FOUND, and what the client throws. */
export async function describeTable(
  client: ODataClient,
  logicalName: string,
  context: RequestContext,
): Promise<TableDescription> {
  const paths = metadataPaths(logicalName)
  const requests = paths.map(
    (path, index): BatchRequest => ({
      id: String(index + 1),
      method: 'GET',
      path,
      headers: {},
      body: null,
      group: null,
    }),
  )
  const what = `read the description of table ${logicalName}`
  const answer = await client.batch(requests, {
    ...context,
    format: 'multipart',
    prefer: { continueOnError: true },
  })
  if (!answer.ok) throw failureError(answer.failure, what, client.facts)
  const part = <T>(index: number, schema: z.ZodType<T>): T => {
    const result = answer.results.get(String(index + 1))
    if (result?.kind === 'failed' && result.failure.status === 404) throw tableNotFound(client, logicalName)
    return bodyOf(result, schema, what, client)
  }
  const definition = part(0, Definition)
  const optionSets = optionTypes.flatMap((_, index) => part(3 + index, OptionSets).value)
  return {
    logicalName: definition.LogicalName,
    entitySet: definition.EntitySetName,
    primaryId: definition.PrimaryIdAttribute,
    hasChangeTracking: definition.ChangeTrackingEnabled ?? false,
    hasVersions: definition.IsOptimisticConcurrencyEnabled ?? false,
    attributes: part(1, Attributes).value,
    options: new Map(
      optionSets.map((each) => [
        each.LogicalName,
        each.OptionSet?.Options ?? each.GlobalOptionSet?.Options ?? [],
      ]),
    ),
    alternateKeys: (definition.Keys ?? []).map(({ KeyAttributes }) => KeyAttributes),
    navigation: navigationOf(definition.ManyToOneRelationships ?? []),
    hasCreateMultiple: !isDenied(answer.results.get('3')) && part(2, Messages).value.length > 0,
    readPrivilege:
      definition.Privileges?.find((each) => each.PrivilegeType === 'Read')?.PrivilegeId.toLowerCase() ?? null,
  }
}

/** Who may not see the messages of the service does without the one for bulk creation. */
function isDenied(result: BatchResult | undefined): boolean {
  return result?.kind === 'failed' && result.failure.status === 403
}

function metadataPaths(logicalName: string): readonly string[] {
  const table = `EntityDefinitions(LogicalName='${encodeURIComponent(logicalName)}')`
  const message = `sdkmessageid/name eq 'CreateMultiple' and primaryobjecttypecode eq '${logicalName}'`
  return [
    withQuery(table, {
      select: [
        'LogicalName',
        'EntitySetName',
        'PrimaryIdAttribute',
        'ChangeTrackingEnabled',
        'IsOptimisticConcurrencyEnabled',
        'Privileges',
      ],
      expand:
        'Keys($select=KeyAttributes),ManyToOneRelationships($select=ReferencingAttribute,ReferencingEntityNavigationPropertyName,ReferencedEntity)',
    }),
    `${table}/Attributes`,
    withQuery('sdkmessagefilters', { select: ['sdkmessagefilterid'], filter: message }),
    ...optionTypes.map((type) =>
      withQuery(`${table}/Attributes/Microsoft.Dynamics.CRM.${type}AttributeMetadata`, {
        select: ['LogicalName'],
        expand: 'OptionSet($select=Options)',
      }),
    ),
  ]
}

function navigationOf(
  relationships: NonNullable<z.infer<typeof Definition>['ManyToOneRelationships']>,
): TableDescription['navigation'] {
  const found = new Map<string, Map<string, string>>()
  for (const each of relationships) {
    const { ReferencingAttribute: column, ReferencingEntityNavigationPropertyName: name } = each
    if (!name) continue
    const targets = found.get(column) ?? new Map<string, string>()
    targets.set(each.ReferencedEntity, name)
    found.set(column, targets)
  }
  return found
}

const Tables = z.object({
  value: z.array(z.object({ LogicalName: z.string(), EntitySetName: z.string().nullish() })),
})

/** Entity sets of all tables that can be addressed, by logical name. */
export async function listEntitySets(
  client: ODataClient,
  context: RequestContext,
): Promise<ReadonlyMap<string, string>> {
  const path = withQuery('EntityDefinitions', { select: ['LogicalName', 'EntitySetName'] })
  const answer = await client.send({ ...context, method: 'GET', path })
  if (!answer.ok) throw failureError(answer.failure, 'list the tables', client.facts)
  const parsed = Tables.safeParse(answer.body)
  if (!parsed.success) throw answerInvalid(client.facts, 'is no list of tables')
  return new Map(
    parsed.data.value.flatMap(({ LogicalName, EntitySetName }) =>
      EntitySetName ? [[LogicalName, EntitySetName] as const] : [],
    ),
  )
}

function bodyOf<T>(
  result: BatchResult | undefined,
  schema: z.ZodType<T>,
  what: string,
  client: ODataClient,
): T {
  if (result?.kind === 'failed') throw failureError(result.failure, what, client.facts)
  const parsed = schema.safeParse(result?.kind === 'done' ? result.body : null)
  if (!parsed.success) throw answerInvalid(client.facts, 'is no description of a table')
  return parsed.data
}

function tableNotFound(client: ODataClient, table: string): SyncError {
  const { connection } = client.facts
  return new SyncError('TABLE_NOT_FOUND', `Connection ${connection}: there is no table ${table}`, {
    data: { connection, table },
  })
}
