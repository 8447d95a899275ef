import type { SimAnswer, SimRequest } from '../../kit/http.ts'
import { isJsonObject, type JsonObject } from '../../kit/json.ts'
import type { Stored } from '../../kit/table/row-source.ts'
import { noContent, odataAnswer, rootOf } from '../answers.ts'
import type { Caller } from '../caller.ts'
import type { EntityModel } from '../entities/model.ts'
import { problems } from '../problems.ts'
import { findByKey, getByKey, parseRecordKey, type RecordKey } from '../record-key.ts'
import { bodyOf } from './answer-write.ts'
import { parseChanges } from './body.ts'
import { createRecord, updateRecord } from './write.ts'

const prefix = 'Microsoft.Dynamics.CRM.'
const messages = ['CreateMultiple', 'UpdateMultiple', 'UpsertMultiple'] as const
type BulkMessage = (typeof messages)[number]

/** The bulk message that a segment names, where the table has them. */
export function bulkMessage(model: EntityModel, segment: string): BulkMessage | null {
  const found = messages.find((message) => segment === prefix + message)
  return found && model.bulk ? found : null
}

/** All or nothing (connectors.md A.8): the first bad record refuses all, and its error does not say which it was. */
export function answerBulk(
  caller: Caller,
  model: EntityModel,
  message: BulkMessage,
  request: SimRequest,
): SimAnswer {
  const targets = bodyOf(request)['Targets']
  if (!Array.isArray(targets) || targets.length === 0) throw problems.payload("'Targets' must be a list.")
  const seen = new Set<string>()
  const stored = targets.map((item: unknown) => {
    const target = checkedTarget(model, item as JsonObject)
    const written = writeTarget(caller, model, message, target)
    if (seen.has(written.key)) throw problems.payload(`Record ${written.key} is in the request twice.`)
    seen.add(written.key)
    return written
  })
  if (message !== 'CreateMultiple') return { ...noContent(), rows: stored.length }
  const context = `${rootOf(caller)}/$metadata#${prefix}CreateMultipleResponse`
  const body = { '@odata.context': context, Ids: stored.map(({ key }) => key) }
  return odataAnswer(200, JSON.stringify(body), {}, stored.length)
}

function checkedTarget(model: EntityModel, item: JsonObject): JsonObject {
  const type = isJsonObject(item) ? item['@odata.type'] : undefined
  const isThis = typeof type === 'string' && type.replace(/^#/, '') === `${prefix}${model.logicalName}`
  if (!isThis) throw problems.payload(`Each target needs '@odata.type' of '${prefix}${model.logicalName}'.`)
  return item
}

function writeTarget(caller: Caller, model: EntityModel, message: BulkMessage, target: JsonObject): Stored {
  const changes = parseChanges(caller, model, target)
  if (message === 'CreateMultiple') return createRecord(caller, model, changes)
  const key = keyOf(model, target)
  const before = message === 'UpsertMultiple' ? findByKey(caller.organization, model, key) : null
  if (before) return updateRecord(caller, model, before, changes)
  if (message === 'UpdateMultiple') {
    return updateRecord(caller, model, getByKey(caller.organization, model, key), changes)
  }
  if (key.kind === 'id') return createRecord(caller, model, changes, key.id)
  return createRecord(caller, model, new Map([...key.values, ...changes]))
}

function keyOf(model: EntityModel, target: JsonObject): RecordKey {
  const address = target['@odata.id']
  const named = typeof address === 'string' ? /\((.*)\)$/s.exec(decodeURIComponent(address))?.[1] : undefined
  const id = named ?? target[model.key]
  if (typeof id !== 'string') throw problems.payload(`A target has neither '@odata.id' nor '${model.key}'.`)
  return parseRecordKey(model, id)
}
