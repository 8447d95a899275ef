import { preferencesOf, type SimAnswer, type SimRequest } from '../../kit/http.ts'
import { parseQuery } from '../../kit/odata/query.ts'
import type { Stored } from '../../kit/table/row-source.ts'
import { odataAnswer, rootOf } from '../answers.ts'
import { assertAllowed, type Caller } from '../caller.ts'
import type { EntityModel } from '../entities/model.ts'
import { problems } from '../problems.ts'
import { deltaToken, readChanges, readEverything, versionOfToken } from './changes.ts'
import { type Cookie, readCookie, writeCookie } from './cookie.ts'
import { expansionOf, selectedColumns } from './expand.ts'
import { countRecords, readPage } from './page.ts'
import { annotationsOf, columnsToShow, recordMembers } from './record-json.ts'

const largestPage = 5_000
const knownOptions = [
  '$select',
  '$expand',
  '$orderby',
  '$filter',
  '$top',
  '$count',
  '$skiptoken',
  '$deltatoken',
]
const refusedWithTracking = ['$filter', '$orderby', '$expand', '$top']

type Options = ReadonlyMap<string, string>

/** Many records of a table: a page, or the changes since a delta link. */
export function answerSet(caller: Caller, model: EntityModel, request: SimRequest): SimAnswer {
  assertAllowed(caller, model, 'Read')
  const options = parseQuery(request.query)
  for (const name of options.keys()) {
    const isKnown = knownOptions.includes(name) || !name.startsWith('$')
    if (!isKnown) throw problems.query(`The query parameter '${name}' is not supported.`)
  }
  return isTracked(request, options)
    ? answerTracked(caller, model, request, options)
    : answerPage(caller, model, request, options)
}

/** The links of tracked pages say so themselves, should a client not repeat what it prefers. */
function isTracked(request: SimRequest, options: Options): boolean {
  const token = options.get('$skiptoken')
  const isAsked = preferencesOf(request).has('odata.track-changes') || options.has('$deltatoken')
  return isAsked || (token !== undefined && readCookie(token).delta !== null)
}

/** `/$count`: a bare number. */
export function answerCount(caller: Caller, model: EntityModel, request: SimRequest): SimAnswer {
  assertAllowed(caller, model, 'Read')
  const options = parseQuery(request.query)
  const count = countRecords(caller, model, { filter: options.get('$filter'), aliases: options })
  return odataAnswer(200, String(count), { 'content-type': 'text/plain' })
}

function answerPage(caller: Caller, model: EntityModel, request: SimRequest, options: Options): SimAnswer {
  const preferred = pageSize(request)
  const top = preferred === null ? options.get('$top') : undefined
  if (top !== undefined && !/^\d+$/.test(top)) throw problems.query(`Invalid value '${top}' for $top.`)
  const size = top === undefined ? (preferred ?? largestPage) : Math.min(Number(top), largestPage)
  const token = options.get('$skiptoken')
  const asked = { filter: options.get('$filter'), orderBy: options.get('$orderby'), aliases: options }
  const page = readPage(caller, model, {
    ...asked,
    size,
    after: token === undefined ? null : readCookie(token),
  })
  const count = options.get('$count') === 'true' ? countRecords(caller, model, asked) : null
  const next = top === undefined ? page.next : null
  const members = [
    ...(count === null ? [] : [`"@odata.count":${count}`]),
    valueMember(caller, model, request, options, page.records),
    ...(next ? [nextLink(caller, model, options, next)] : []),
  ]
  return listAnswer(caller, model, options, '', members, {
    applied: preferred === null ? null : `odata.maxpagesize=${preferred}`,
    rows: page.records.length,
  })
}

function answerTracked(caller: Caller, model: EntityModel, request: SimRequest, options: Options): SimAnswer {
  if (!model.changeTracking) {
    throw problems.query(`Change tracking is not enabled for '${model.logicalName}'.`)
  }
  for (const name of refusedWithTracking) {
    if (options.has(name)) {
      throw problems.query(`The "${name}" query parameter isn't supported when Change Tracking is enabled.`)
    }
  }
  const size = pageSize(request) ?? largestPage
  const token = options.get('$deltatoken')
  const skip = options.get('$skiptoken')
  const after = skip === undefined ? null : readCookie(skip)
  const page =
    token === undefined
      ? readEverything(caller, model, size, after)
      : readChanges(caller, model, versionOfToken(caller, model, token), size, after)
  const deleted = page.deleted.map(({ key }) => {
    const context = `${rootOf(caller)}/$metadata#${model.entitySet}/$deletedEntity`
    return JSON.stringify({ '@odata.context': context, id: key, reason: 'deleted' })
  })
  const members = [
    valueMember(caller, model, request, options, page.records, deleted),
    page.next ? nextLink(caller, model, options, page.next) : deltaLink(caller, model, options, page.upTo),
  ]
  return listAnswer(caller, model, options, token === undefined ? '' : '/$delta', members, {
    applied: 'odata.track-changes',
    rows: page.records.length + deleted.length,
  })
}

function valueMember(
  caller: Caller,
  model: EntityModel,
  request: SimRequest,
  options: Options,
  records: readonly Stored[],
  more: readonly string[] = [],
): string {
  const annotations = annotationsOf(preferencesOf(request).get('odata.include-annotations'))
  const columns = columnsToShow(model, selectedColumns(caller, model, options.get('$select')))
  const expand = expansionOf(caller, model, options.get('$expand'), annotations)
  const items = records.map(
    (stored) => `{${recordMembers(caller, model, columns, annotations, stored)}${expand(stored)}}`,
  )
  return `"value":[${[...items, ...more].join(',')}]`
}

function listAnswer(
  caller: Caller,
  model: EntityModel,
  options: Options,
  suffix: string,
  members: readonly string[],
  { applied, rows }: { readonly applied: string | null; readonly rows: number },
): SimAnswer {
  const select = options.get('$select')
  const context = `${rootOf(caller)}/$metadata#${model.entitySet}${select ? `(${select})` : ''}${suffix}`
  const headers: Record<string, string> = applied === null ? {} : { 'preference-applied': applied }
  const body = `{${[`"@odata.context":${JSON.stringify(context)}`, ...members].join(',')}}`
  return odataAnswer(200, body, headers, rows)
}

function nextLink(caller: Caller, model: EntityModel, options: Options, cookie: Cookie): string {
  const link = linkWith(caller, model, options, '$skiptoken', writeCookie(cookie))
  return `"@odata.nextLink":${JSON.stringify(link)}`
}

function deltaLink(caller: Caller, model: EntityModel, options: Options, upTo: number): string {
  const token = deltaToken(model, upTo, caller.organization.time.nowMs())
  return `"@odata.deltaLink":${JSON.stringify(linkWith(caller, model, withoutTokens(options), '$deltatoken', token))}`
}

function withoutTokens(options: Options): Options {
  return new Map([...options].filter(([name]) => name !== '$deltatoken'))
}

/** The address of the same query with another token. */
function linkWith(caller: Caller, model: EntityModel, options: Options, name: string, value: string): string {
  const kept = [...options].filter(([each]) => each !== '$skiptoken')
  const query = [...kept, [name, value] as const].map(([key, text]) => `${key}=${encodeURIComponent(text)}`)
  return `${rootOf(caller)}/${model.entitySet}?${query.join('&')}`
}

/** The page size asked for by `Prefer`, at most 5,000; null without one. */
function pageSize(request: SimRequest): number | null {
  const asked = Number(preferencesOf(request).get('odata.maxpagesize') ?? Number.NaN)
  return Number.isInteger(asked) && asked > 0 ? Math.min(asked, largestPage) : null
}
