import { randomUUID } from 'node:crypto'
import { HttpProblem, headerOf, preferencesOf, type SimAnswer, type SimRequest } from '../../kit/http.ts'
import { isJsonObject, type JsonObject, type JsonValue, NumberText, parseJsonObject } from '../../kit/json.ts'
import { boundaryOf } from '../../kit/multipart.ts'
import { refusals } from '../errors.ts'
import { odataAnswer } from './answers.ts'
import { addressOf, type BatchItem, type ItemAnswer } from './batch-item.ts'
import type { Operation } from './located.ts'
import { multipartItems, multipartText } from './multipart-batch.ts'
import { routeOf } from './route.ts'

/** How a batch is carried out. */
export interface BatchWork {
  /** Never throws: a refusal is an answer. */
  run(operation: Operation): SimAnswer
  /** Takes back what the work has written when it throws. */
  atomically<T>(work: () => T): T
}

const mostItems = 100

/** Answers a `$batch`, JSON or multipart (connectors.md B.6). */
export function performBatch(request: SimRequest, work: BatchWork): SimAnswer {
  const boundary = boundaryOf(headerOf(request, 'content-type'))
  const base = `${request.origin}${routeOf(request.path).root}`
  const items = boundary === null ? jsonItems(request, base) : multipartItems(request, boundary, base)
  if (items.length > mostItems) {
    throw new HttpProblem(
      500,
      'Unknown',
      `The current batch message contains too many parts. A maximum number of '${mostItems}' query operations and change sets are allowed in a batch message.`,
    )
  }
  const isTogether = headerOf(request, 'isolation')?.toLowerCase() === 'snapshot'
  const goesOn = preferencesOf(request).has('odata.continue-on-error')
  const answers = isTogether ? togetherOrNot(items, work) : oneByOne(items, work, goesOn)
  if (boundary === null) return odataAnswer(200, jsonText(answers), {}, answers.length)
  const outer = `batchresponse_${randomUUID()}`
  const headers = { 'content-type': `multipart/mixed; boundary=${outer}`, 'odata-version': '4.0' }
  return { status: 200, headers, body: multipartText(outer, answers), rows: answers.length }
}

/** Stops behind the first failure unless asked to go on; groups fail as a whole with one answer. */
function oneByOne(items: readonly BatchItem[], work: BatchWork, goesOn: boolean): readonly ItemAnswer[] {
  const answers: ItemAnswer[] = []
  for (let at = 0; at < items.length; ) {
    const group = items[at]?.group ?? null
    const length = group === null ? 1 : items.slice(at).findIndex((each) => each.group !== group)
    const some = items.slice(at, length < 0 ? items.length : at + length)
    const done = group === null ? some.map((item) => answerOf(item, work)) : whole(some, work)
    answers.push(...done)
    if (!goesOn && done.some(isFailure)) break
    at += some.length
  }
  return answers
}

/** Everything in one transaction. The answers before the failure still say that all went well (connectors.md B.6). */
function togetherOrNot(items: readonly BatchItem[], work: BatchWork): readonly ItemAnswer[] {
  const answers: ItemAnswer[] = []
  takenBackOnFailure(work, () => {
    for (const item of items) {
      const done = answerOf(item, work)
      answers.push(done)
      if (isFailure(done)) return false
    }
    return true
  })
  return answers
}

/** A change set of a multipart batch: when one request fails, that answer is the only one. */
function whole(items: readonly BatchItem[], work: BatchWork): readonly ItemAnswer[] {
  const answers = togetherOrNot(items, work)
  const failure = answers.find(isFailure)
  return failure === undefined ? answers : [failure]
}

class TakenBack extends Error {}

function takenBackOnFailure(work: BatchWork, run: () => boolean): void {
  try {
    work.atomically(() => {
      if (!run()) throw new TakenBack('A request of the transaction failed.')
    })
  } catch (error) {
    if (!(error instanceof TakenBack)) throw error
  }
}

const isFailure = ({ answer }: ItemAnswer): boolean => answer.status >= 400

const answerOf = ({ id, operation }: BatchItem, work: BatchWork): ItemAnswer => ({
  id,
  answer: work.run(operation),
})

function jsonItems(request: SimRequest, base: string): readonly BatchItem[] {
  const requests = parseJsonObject(request.body.toString('utf8'), 'BadRequest')['requests']
  if (!Array.isArray(requests)) throw refusals.malformed('A batch must have the property "requests".')
  return (requests as readonly JsonValue[]).map((entry) => {
    if (!isJsonObject(entry)) throw refusals.malformed('Each request of a batch must be an object.')
    return jsonItem(entry, request, base)
  })
}

function jsonItem(entry: JsonObject, request: SimRequest, base: string): BatchItem {
  const { id, method, url, headers, body, atomicityGroup } = entry
  if (typeof method !== 'string' || typeof url !== 'string') {
    throw refusals.malformed('Each request of a batch must have the properties "method" and "url".')
  }
  const named = isJsonObject(headers) ? Object.entries(headers) : []
  return {
    id: id instanceof NumberText ? id.text : typeof id === 'string' ? id : null,
    group: typeof atomicityGroup === 'string' ? atomicityGroup : null,
    operation: {
      method: method.toUpperCase(),
      ...addressOf(url, base),
      headers: Object.fromEntries(named.map(([name, value]) => [name.toLowerCase(), String(value)])),
      origin: request.origin,
      body() {
        if (!isJsonObject(body)) throw refusals.malformed('The request has no body that is an object.')
        return body
      },
    },
  }
}

function jsonText(answers: readonly ItemAnswer[]): string {
  const responses = answers.map(({ id, answer }) => {
    const { status, headers, body } = answer
    const isJson = headers['content-type']?.startsWith('application/json') ?? false
    const content = body === '' ? '' : `,"body":${isJson ? body : JSON.stringify(String(body))}`
    return `{"id":${JSON.stringify(id)},"status":${status},"headers":${JSON.stringify(headers)}${content}}`
  })
  return `{"responses":[${responses.join(',')}]}`
}
