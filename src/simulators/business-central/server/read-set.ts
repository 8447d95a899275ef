import { preferencesOf, type SimAnswer, type SimRequest } from '../../kit/http.ts'
import { parseQuery } from '../../kit/odata/query.ts'
import type { Stored } from '../../kit/table/row-source.ts'
import { sortedPage } from '../../kit/table/sorted-page.ts'
import { refusals } from '../errors.ts'
import type { Page } from '../schema/pages.ts'
import type { Company } from '../store/company.ts'
import { odataAnswer } from './answers.ts'
import { type PageFilter, pageFilter } from './filter.ts'
import { type PagePosition, type RowOrder, readSkipToken, rowOrder, skipToken } from './order.ts'
import { shapeOf } from './shape.ts'
import { earliestChange, namedRecords } from './short-way.ts'
import { jsonOfProperties } from './write-row.ts'

/** The largest page of the service online (connectors.md B.3). */
const largestPage = 20_000

/** A set as one request asks for it. */
export interface SetRequest {
  readonly request: Pick<SimRequest, 'query' | 'headers' | 'path' | 'origin'>
  readonly page: Page
  readonly company: Company
  /** The only records there are, such as the lines of one document; null for all of the table. */
  readonly scope: readonly Stored[] | null
  /** Of the metadata, up to the fragment. */
  readonly contextUrl: string
}

/** Answers a page of a set, with a link to the next one where there is more (connectors.md B.3). */
export function readSet(set: SetRequest): SimAnswer {
  const options = optionsOf(set.request.query)
  const plan = planOf(set, options)
  const records = takePage(set, plan)
  const shape = shapeOf(set.page, set.company, options)
  const isMore = records.length > plan.size
  const shown = isMore ? records.slice(0, plan.size) : records
  const last = shown.at(-1)
  const left = plan.top - shown.length
  const link = isMore && last && left > 0 ? nextLink(set.request, plan, last, left) : null
  const head = [`"@odata.context":${JSON.stringify(set.contextUrl)}`]
  if (options.get('$count') === 'true') head.push(`"@odata.count":${countOf(set, plan.filter)}`)
  const value = shown.map((record) => jsonOfProperties(shape(record))).join(',')
  const tail = link === null ? [] : [`"@odata.nextLink":${JSON.stringify(link)}`]
  const body = `{${[...head, `"value":[${value}]`, ...tail].join(',')}}`
  const applied = plan.isSizeApplied ? { 'preference-applied': `odata.maxpagesize=${plan.size}` } : {}
  return odataAnswer(200, body, applied, shown.length)
}

/** Answers `…/$count`: a number as plain text. */
export function readCount(set: SetRequest): SimAnswer {
  const options = optionsOf(set.request.query)
  const text = options.get('$filter')
  const filter = text === undefined ? null : pageFilter(text, set.page, set.company)
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: String(countOf(set, filter)) }
}

/** Options that the service knows; names without `$` are its own business and are let through. */
const known = [
  '$select',
  '$filter',
  '$orderby',
  '$top',
  '$skip',
  '$count',
  '$expand',
  '$skiptoken',
  '$schemaversion',
]

export function optionsOf(query: string): ReadonlyMap<string, string> {
  const options = parseQuery(query)
  for (const name of options.keys()) {
    if (name.startsWith('$') && !known.includes(name)) {
      throw refusals.malformed(`The query option '${name}' is not supported.`)
    }
  }
  return options
}

interface Plan {
  readonly filter: PageFilter | null
  readonly order: RowOrder
  readonly position: PagePosition | null
  readonly skip: number
  /** How many records the client still wants. */
  readonly top: number
  readonly size: number
  readonly isSizeApplied: boolean
}

function planOf({ request, page, company }: SetRequest, options: ReadonlyMap<string, string>): Plan {
  const filterText = options.get('$filter')
  const token = options.get('$skiptoken')
  const top = wholeNumber(options, '$top') ?? Number.POSITIVE_INFINITY
  const preferred = Number(preferencesOf(request).get('odata.maxpagesize') ?? Number.NaN)
  const isSizeApplied = preferred >= 1 && preferred <= largestPage
  return {
    filter: filterText === undefined ? null : pageFilter(filterText, page, company),
    order: rowOrder(options.get('$orderby'), page, company),
    position: token === undefined ? null : readSkipToken(token),
    skip: wholeNumber(options, '$skip') ?? 0,
    top,
    size: Math.min(top, isSizeApplied ? Math.floor(preferred) : largestPage),
    isSizeApplied,
  }
}

function wholeNumber(options: ReadonlyMap<string, string>, name: string): number | null {
  const text = options.get(name)
  if (text === undefined) return null
  if (!/^\d+$/.test(text)) throw refusals.malformed(`Invalid value '${text}' for the query option '${name}'.`)
  return Number(text)
}

/** The records of the page, and one more where there is one. */
function takePage(set: SetRequest, plan: Plan): readonly Stored[] {
  const taken: Stored[] = []
  let skipped = 0
  for (const record of candidates(set, plan)) {
    if (plan.filter !== null && !plan.filter.test(record)) continue
    if (skipped < plan.skip) {
      skipped += 1
      continue
    }
    taken.push(record)
    if (taken.length > plan.size) break
  }
  return taken
}

/** Everything that may belong to the page, in order, from its position on. */
function candidates(set: SetRequest, plan: Plan): Iterable<Stored> {
  const { page, company, scope } = set
  const { filter, order, position } = plan
  const table = company.table(page.table)
  const few = scope ?? (filter === null ? null : namedRecords(filter.expression, page, company))
  if (few === null && order.kind === 'key') {
    return table.scan('key', position === null ? undefined : startAt(position.id, 0, false))
  }
  if (few === null && order.kind === 'modified') return byChange(set, plan)
  const matching = function* () {
    for (const record of few ?? table.scan('key')) if (filter === null || filter.test(record)) yield record
  }
  return sortedPage(matching(), {
    size: plan.skip + plan.size + 1,
    compare: order.compare,
    isBehind: (record) => position === null || order.isBehind(record, position),
  })
}

/** Begins at the position or at the time the filter asks for, whichever is later. */
function byChange({ page, company }: SetRequest, { filter, position }: Plan): Iterable<Stored> {
  const table = company.table(page.table)
  const earliest = filter === null ? null : earliestChange(filter.expression)
  const reached = position === null ? null : Number(position.cells[0])
  if (position !== null && reached !== null && (earliest === null || reached >= earliest)) {
    return table.scan('modified', startAt(position.id, reached, false))
  }
  return table.scan('modified', earliest === null ? undefined : startAt('', earliest, true))
}

const startAt = (key: string, modifiedMs: number, inclusive: boolean) => ({
  key,
  modifiedMs,
  version: 0,
  inclusive,
})

function countOf({ page, company, scope }: SetRequest, filter: PageFilter | null): number {
  const table = company.table(page.table)
  if (filter === null) return scope?.length ?? table.count()
  let count = 0
  for (const record of scope ?? table.scan('key')) if (filter.test(record)) count += 1
  return count
}

/** Absolute; carries the query on, with what is left of `$top`. */
function nextLink(request: SetRequest['request'], { order }: Plan, last: Stored, left: number): string {
  const carried = request.query
    .split('&')
    .filter((part) => part !== '' && !/^(?:aid|\$skiptoken|\$skip|%24skiptoken|%24skip)=/.test(part))
    .map((part) => (/^(?:\$|%24)top=/.test(part) ? `$top=${left}` : part))
  const token = skipToken({ id: last.key, cells: order.cellsOf(last) })
  return `${request.origin}${request.path}?${[...carried, 'aid=FIN', `$skiptoken=${token}`].join('&')}`
}
