import { z } from 'zod'
import { SyncError } from '../../core/errors.ts'
import { answerInvalid } from '../http/failures.ts'
import type { ODataClient, RequestContext } from '../odata/client.ts'
import { failureError, type ODataFailure } from '../odata/failure.ts'
import type { JsonObject } from '../odata/json.ts'
import { withQuery } from '../odata/query.ts'

/** The choice whose options a mapping is about; written `account.paymenttermscode`. */
export interface Choice {
  readonly table: string
  readonly column: string
}

/** The choice that the name of a table means; null for the name of a real table, which has no dot. */
export function parseChoice(name: string): Choice | null {
  const [, table, column] = /^([a-z]\w*)\.([a-z]\w*)$/.exec(name) ?? []
  return table === undefined || column === undefined ? null : { table, column }
}

/** The options of a choice, and how a change of them is addressed. */
export interface OptionSet {
  /** By value, ascending. */
  readonly options: readonly { readonly value: number; readonly label: string }[]
  /** Set where several columns share the options. */
  readonly globalName: string | null
  readonly languageCode: number
}

const Label = z.object({ Label: z.string(), LanguageCode: z.number() })
const Metadata = z.object({
  OptionSet: z.object({
    Name: z.string().nullish(),
    IsGlobal: z.boolean().nullish(),
    Options: z.array(
      z.object({ Value: z.number(), Label: z.object({ UserLocalizedLabel: Label.nullish() }) }),
    ),
  }),
})
const english = 1033

/** Throws TABLE_NOT_FOUND where there is no such choice. */
export async function readOptionSet(
  client: ODataClient,
  { table, column }: Choice,
  context: RequestContext,
): Promise<OptionSet> {
  const attribute = `EntityDefinitions(LogicalName='${table}')/Attributes(LogicalName='${column}')`
  const path = withQuery(`${attribute}/Microsoft.Dynamics.CRM.PicklistAttributeMetadata`, {
    select: ['LogicalName'],
    expand: 'OptionSet',
  })
  const answer = await client.send({ ...context, method: 'GET', path })
  if (!answer.ok) throw readingFailed(client, { table, column }, answer.failure)
  const parsed = Metadata.safeParse(answer.body)
  if (!parsed.success) throw answerInvalid(client.facts, `is no description of the choice ${table}.${column}`)
  const { Options, IsGlobal, Name } = parsed.data.OptionSet
  const labels = Options.map((option) => option.Label.UserLocalizedLabel)
  return {
    options: Options.map(({ Value }, index) => ({ value: Value, label: labels[index]?.Label ?? '' })).sort(
      (a, b) => a.value - b.value,
    ),
    globalName: IsGlobal && Name ? Name : null,
    languageCode: labels.find((label) => label)?.LanguageCode ?? english,
  }
}

function readingFailed(client: ODataClient, { table, column }: Choice, failure: ODataFailure): SyncError {
  if (failure.status !== 404)
    return failureError(failure, `read the options of ${table}.${column}`, client.facts)
  const { connection } = client.facts
  const name = `${table}.${column}`
  return new SyncError('TABLE_NOT_FOUND', `Connection ${connection}: there is no choice ${name}`, {
    data: { connection, table: name },
  })
}

/** The body that adds an option, or with a value renames the one that has it. */
export function optionBody(
  { table, column }: Choice,
  { globalName, languageCode }: OptionSet,
  label: string,
  value: number | null,
): JsonObject {
  const where =
    globalName === null
      ? { EntityLogicalName: table, AttributeLogicalName: column }
      : { OptionSetName: globalName }
  const text = { LocalizedLabels: [{ Label: label, LanguageCode: languageCode }] }
  return { ...where, Label: text, ...(value === null ? {} : { Value: value, MergeLabels: true }) }
}

/** The body that makes changed options visible to everybody, and to the reading of metadata. */
export function publishBody({ table }: Choice, { globalName }: OptionSet): JsonObject {
  const part =
    globalName === null
      ? `<entities><entity>${table}</entity></entities>`
      : `<optionsets><optionset>${globalName}</optionset></optionsets>`
  return { ParameterXml: `<importexportxml>${part}</importexportxml>` }
}
