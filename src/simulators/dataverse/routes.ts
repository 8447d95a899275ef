import type { SimAnswer, SimRequest } from '../kit/http.ts'
import { addressOf, odataAnswer, rootOf } from './answers.ts'
import { type Caller, rollBack } from './caller.ts'
import { type EntityModel, findEntity, findEntitySet, targetOf } from './entities/model.ts'
import { answerPrivileges, findUnbound } from './functions.ts'
import { answerDefinitions } from './metadata/answer-definitions.ts'
import { problems } from './problems.ts'
import { answerProperty, answerRecord, lookupOfProperty } from './read/answer-record.ts'
import { answerCount, answerSet } from './read/answer-set.ts'
import { getByKey, parseRecordKey } from './record-key.ts'
import { answerCreate, answerDelete, answerPatch, answerPropertyWrite } from './write/answer-write.ts'
import { answerBulk, bulkMessage } from './write/bulk.ts'

/** Answers one request but `$batch`; what it has written before it fails is taken back. */
export function answerRequest(caller: Caller, request: SimRequest): SimAnswer {
  try {
    return answerPath(caller, request)
  } catch (error) {
    rollBack(caller)
    throw error
  }
}

function answerPath(caller: Caller, request: SimRequest): SimAnswer {
  const segments = segmentsOf(caller, request.path)
  const [first = '', ...rest] = segments
  const unbound = rest.length === 0 ? findUnbound(request.method, first) : null
  if (unbound) return unbound(caller, request)
  if (first.startsWith('EntityDefinitions')) return answerDefinitions(caller, segments, request)
  const match = /^(\w+)(?:\((.*)\))?$/s.exec(first)
  const model = findEntitySet(match?.[1] ?? '')
  if (!match || !model) throw problems.noSegment(first)
  const key = match[2]
  return key === undefined
    ? answerTable(caller, model, rest, request)
    : answerOne(caller, model, key, rest, request)
}

/** The decoded parts of a path below the root; `$1` stands for the address of a record made before. */
function segmentsOf(caller: Caller, path: string): readonly string[] {
  const below = path.replace(/^\/api\/data\/v9\.[0-2]\/?/, '')
  const reference = /^(\$[^/]+)/.exec(below)?.[1]
  if (reference === undefined || reference === '$metadata') return splitPath(below).map(decodeURIComponent)
  const address = caller.references.get(reference)
  if (address === undefined) {
    throw problems.payload(`Content-ID Reference: '${reference}' does not exist in the batch context.`)
  }
  return [address.slice(address.lastIndexOf('/') + 1), ...splitPath(below).slice(1).map(decodeURIComponent)]
}

/** Slashes inside of parentheses do not separate. */
function splitPath(path: string): readonly string[] {
  return path.match(/(?:[^/(]|\([^)]*\)?)+/g) ?? []
}

function answerTable(
  caller: Caller,
  model: EntityModel,
  [part, ...more]: readonly string[],
  request: SimRequest,
): SimAnswer {
  if (more.length > 0) throw problems.noSegment(more[0] ?? '')
  if (part === undefined) {
    if (request.method === 'GET') return answerSet(caller, model, request)
    if (request.method === 'POST') return answerCreate(caller, model, request)
    throw problems.noMethod(request.method)
  }
  if (part === '$count') return answerCount(caller, model, request)
  const message = bulkMessage(model, part)
  if (message === null) throw problems.noSegment(part)
  if (request.method !== 'POST') throw problems.noMethod(request.method)
  return answerBulk(caller, model, message, request)
}

function answerOne(
  caller: Caller,
  model: EntityModel,
  keyText: string,
  rest: readonly string[],
  request: SimRequest,
): SimAnswer {
  const key = parseRecordKey(model, keyText)
  const [part, last] = rest
  if (part === undefined) {
    if (request.method === 'PATCH') return answerPatch(caller, model, key, encodeKey(keyText), request)
    if (request.method === 'DELETE') return answerDelete(caller, model, key, request)
    if (request.method !== 'GET') throw problems.noMethod(request.method)
    return answerRecord(caller, model, getByKey(caller.organization, model, key), request)
  }
  const isAboutUser = model.logicalName === 'systemuser' && rest.length === 1
  if (isAboutUser && /^Microsoft\.Dynamics\.CRM\.RetrieveUserPrivileges(\(\))?$/.test(part)) {
    return answerPrivileges(caller)
  }
  const stored = getByKey(caller.organization, model, key)
  if (request.method !== 'GET') return answerPropertyWrite(caller, model, stored, rest, request)
  if (last !== '$ref') return answerProperty(caller, model, stored, part, last === '$value')
  const { column } = lookupOfProperty(model, part)
  const target = findEntity(targetOf(column, stored.row))
  const id = stored.row[column.name]
  if (typeof id !== 'string' || !target) return { status: 204, headers: { 'odata-version': '4.0' }, body: '' }
  const body = {
    '@odata.context': `${rootOf(caller)}/$metadata#$ref`,
    '@odata.id': addressOf(caller, target, id),
  }
  return odataAnswer(200, JSON.stringify(body))
}

const encodeKey = (text: string): string => encodeURI(text).replaceAll('#', '%23')
