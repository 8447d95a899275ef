import { createHash } from 'node:crypto'
import type { SimAnswer, SimRequest } from '../kit/http.ts'
import { isJsonObject, type JsonObject, NumberText } from '../kit/json.ts'
import { parseQuery } from '../kit/odata/query.ts'
import { noContent, odataAnswer, rootOf } from './answers.ts'
import type { Caller } from './caller.ts'
import { entityModels, findEntity } from './entities/model.ts'
import { csdl } from './metadata/csdl.ts'
import { readPrivilegeOf } from './metadata/definitions.ts'
import { problems } from './problems.ts'
import { ids } from './seed-masters.ts'
import { bodyOf } from './write/answer-write.ts'

type Answer = (caller: Caller, request: SimRequest) => SimAnswer

/** What stands beside the tables; by method and the only segment of the path. */
const unbound: Readonly<Record<string, Answer>> = {
  'GET ': answerServices,
  'GET $metadata': () => odataAnswer(200, csdl(), { 'content-type': 'application/xml' }),
  'GET WhoAmI': answerWhoAmI,
  'GET WhoAmI()': answerWhoAmI,
  'GET sdkmessagefilters': answerMessageFilters,
  'POST InsertOptionValue': answerInsertOption,
  'POST UpdateOptionValue': answerUpdateOption,
  'POST PublishXml': () => noContent(),
  'POST PublishAllXml': () => noContent(),
}

export function findUnbound(method: string, segment: string): Answer | null {
  return unbound[`${method} ${segment}`] ?? null
}

function answerServices(caller: Caller): SimAnswer {
  const value = entityModels.map(({ entitySet }) => ({ name: entitySet, kind: 'EntitySet', url: entitySet }))
  return odataAnswer(200, JSON.stringify({ '@odata.context': `${rootOf(caller)}/$metadata`, value }))
}

function answerWhoAmI(caller: Caller): SimAnswer {
  const body = {
    '@odata.context': `${rootOf(caller)}/$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse`,
    BusinessUnitId: ids.businessUnit,
    UserId: caller.userId,
    OrganizationId: ids.organization,
  }
  return odataAnswer(200, JSON.stringify(body))
}

/** What a user may read, by its roles and teams: everything, or of some tables only a part. */
export function answerPrivileges({ organization }: Caller): SimAnswer {
  const isPart = (entity: string) =>
    organization.denials.some((denial) => denial.entity === entity && denial.where !== undefined)
  const value = entityModels.map((model) => ({
    Depth: isPart(model.logicalName) ? 'Basic' : 'Global',
    PrivilegeId: readPrivilegeOf(model),
    BusinessUnitId: ids.businessUnit,
  }))
  return odataAnswer(200, JSON.stringify({ RolePrivileges: value }), {}, 1)
}

/** Tells by its filter whether a table has a bulk message (connectors.md A.8). */
function answerMessageFilters(caller: Caller, request: SimRequest): SimAnswer {
  const filter = parseQuery(request.query).get('$filter') ?? ''
  const message = /sdkmessageid\/name eq '(\w+)'/.exec(filter)?.[1]
  const table = /primaryobjecttypecode eq '(\w+)'/.exec(filter)?.[1]
  if (message === undefined) throw problems.query('Only filters by message are simulated here.')
  const has = (bulk: boolean) => bulk || !/^(Create|Update|Upsert)Multiple$/.test(message)
  const value = entityModels
    .filter((model) => (table === undefined || model.logicalName === table) && has(model.bulk))
    .map((model) => ({
      '@odata.etag': 'W/"1"',
      sdkmessagefilterid: guidOf(`${message} ${model.logicalName}`),
      primaryobjecttypecode: model.logicalName,
    }))
  const context = `${rootOf(caller)}/$metadata#sdkmessagefilters`
  return odataAnswer(200, JSON.stringify({ '@odata.context': context, value }))
}

function guidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}-8${hex.slice(15, 18)}-${hex.slice(18, 30)}`
}

/** Adds an option to a choice; without a value the next free one from 100,000,000 on. */
function answerInsertOption(caller: Caller, request: SimRequest): SimAnswer {
  const body = bodyOf(request)
  const { entity, column, options } = choiceOf(caller, body)
  const asked = body['Value']
  const largest = options.reduce((most, option) => Math.max(most, option.value), 99_999_999)
  const value = asked instanceof NumberText ? Number(asked.text) : largest + 1
  if (options.some((option) => option.value === value)) {
    throw problems.payload(`Option ${value} of '${column}' exists already.`)
  }
  caller.organization.setOption(entity, column, { value, label: labelOf(body) })
  const context = `${rootOf(caller)}/$metadata#Microsoft.Dynamics.CRM.InsertOptionValueResponse`
  return odataAnswer(200, JSON.stringify({ '@odata.context': context, NewOptionValue: value }))
}

function answerUpdateOption(caller: Caller, request: SimRequest): SimAnswer {
  const body = bodyOf(request)
  const { entity, column, options } = choiceOf(caller, body)
  const value = body['Value'] instanceof NumberText ? Number(body['Value'].text) : null
  const option = options.find((each) => each.value === value)
  if (!option) throw problems.payload(`'${column}' has no such option.`)
  caller.organization.setOption(entity, column, { ...option, label: labelOf(body) })
  return noContent()
}

function choiceOf({ organization }: Caller, body: JsonObject) {
  const model = findEntity(String(body['EntityLogicalName']))
  const column = model?.columnsByName.get(String(body['AttributeLogicalName']))
  if (!model || !column || column.options.length === 0) throw problems.payload('There is no such choice.')
  return {
    entity: model.logicalName,
    column: column.name,
    options: organization.optionsOf(model.logicalName, column),
  }
}

function labelOf(body: JsonObject): string {
  const label = body['Label']
  const first =
    isJsonObject(label) && Array.isArray(label['LocalizedLabels']) ? label['LocalizedLabels'][0] : null
  const text = isJsonObject(first) ? first['Label'] : null
  if (typeof text !== 'string') throw problems.payload('The label is missing.')
  return text
}
