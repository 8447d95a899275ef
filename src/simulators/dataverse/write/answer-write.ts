import type { SimAnswer, SimRequest } from '../../kit/http.ts'
import { type JsonObject, parseJsonObject } from '../../kit/json.ts'
import { parseQuery } from '../../kit/odata/query.ts'
import type { Stored } from '../../kit/table/row-source.ts'
import {
  addressOf,
  noContent,
  preconditionOf,
  recordAnswer,
  rootOf,
  wantsRepresentation,
} from '../answers.ts'
import type { Caller } from '../caller.ts'
import type { EntityModel } from '../entities/model.ts'
import { etagOf } from '../organization.ts'
import { problems } from '../problems.ts'
import { findByKey, getByKey, type RecordKey } from '../record-key.ts'
import { parseChanges, setLookup } from './body.ts'
import { createRecord, deleteRecord, updateRecord } from './write.ts'

export function bodyOf(request: SimRequest): JsonObject {
  return parseJsonObject(request.body.toString('utf8'), '0x80048d19')
}

/** POST to a table. */
export function answerCreate(caller: Caller, model: EntityModel, request: SimRequest): SimAnswer {
  const stored = createRecord(caller, model, parseChanges(caller, model, bodyOf(request)))
  if (!wantsRepresentation(request)) {
    return noContent({ 'odata-entityid': addressOf(caller, model, stored.key) })
  }
  const select = parseQuery(request.query).get('$select')
  return recordAnswer(caller, model, stored, 201, request, { select })
}

/** PATCH of a record: update, upsert or create only, by its preconditions (connectors.md A.5, A.7). */
export function answerPatch(
  caller: Caller,
  model: EntityModel,
  key: RecordKey,
  keyText: string,
  request: SimRequest,
): SimAnswer {
  const { match, isCreateOnly } = preconditionOf(request)
  const before = findByKey(caller.organization, model, key)
  if (before && isCreateOnly) throw problems.duplicateId()
  if (!before && match !== null) getByKey(caller.organization, model, key)
  if (before) assertMatches(before, match)
  const changes = parseChanges(caller, model, bodyOf(request))
  const stored = before
    ? updateRecord(caller, model, before, withoutKeyColumns(changes, key))
    : createRecord(caller, model, withKeyColumns(changes, key), key.kind === 'id' ? key.id : null)
  if (wantsRepresentation(request)) {
    const select = parseQuery(request.query).get('$select')
    return recordAnswer(caller, model, stored, before ? 200 : 201, request, { select })
  }
  return noContent({ 'odata-entityid': `${rootOf(caller)}/${model.entitySet}(${keyText})` })
}

/** DELETE of a record. */
export function answerDelete(
  caller: Caller,
  model: EntityModel,
  key: RecordKey,
  request: SimRequest,
): SimAnswer {
  const before = getByKey(caller.organization, model, key)
  assertMatches(before, preconditionOf(request).match)
  deleteRecord(caller, model, before)
  return noContent()
}

/** PUT and DELETE of one property, or of the link behind a lookup. */
export function answerPropertyWrite(
  caller: Caller,
  model: EntityModel,
  before: Stored,
  [property = '', last]: readonly string[],
  request: SimRequest,
): SimAnswer {
  assertMatches(before, preconditionOf(request).match)
  const isDelete = request.method === 'DELETE'
  if (!isDelete && request.method !== 'PUT') throw problems.noMethod(request.method)
  if (last === '$ref') {
    const address = isDelete ? null : bodyOf(request)['@odata.id']
    if (address !== null && typeof address !== 'string') throw problems.payload('@odata.id is missing.')
    const changes = new Map()
    setLookup(caller, model, property, address, changes)
    updateRecord(caller, model, before, changes)
  } else {
    const value = isDelete ? null : (bodyOf(request)['value'] ?? null)
    updateRecord(caller, model, before, parseChanges(caller, model, { [property]: value }))
  }
  return noContent()
}

function assertMatches(stored: Stored, match: string | null): void {
  if (match !== null && match !== '*' && match !== etagOf(stored.version)) throw problems.versionMismatch()
}

type Cells = ReturnType<typeof parseChanges>

/** For a new record the body wins over the address; an existing one keeps its key (connectors.md A.7). */
function withKeyColumns(changes: Cells, key: RecordKey): Cells {
  return key.kind === 'id' ? changes : new Map([...key.values, ...changes])
}

function withoutKeyColumns(changes: Cells, key: RecordKey): Cells {
  if (key.kind === 'id') return changes
  return new Map([...changes].filter(([name]) => !key.values.has(name)))
}
