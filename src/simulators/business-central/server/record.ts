import { headerOf, type SimAnswer } from '../../kit/http.ts'
import type { Stored } from '../../kit/table/row-source.ts'
import { refusals } from '../errors.ts'
import { matches } from '../etag.ts'
import { readBody } from '../rules/read-body.ts'
import type { Table } from '../schema/field.ts'
import { type Navigation, navigationsOf } from '../schema/metadata.ts'
import { unescapeMember } from '../schema/names.ts'
import { type Page, pages } from '../schema/pages.ts'
import { fieldOf, tables } from '../schema/tables.ts'
import { deleteRecord, insertRecord, updateRecord, type WriteContext } from '../store/write-record.ts'
import { odataAnswer } from './answers.ts'
import type { Located } from './located.ts'
import { optionsOf, readCount, readSet, type SetRequest } from './read-set.ts'
import { type Segment, valuesOfKey } from './route.ts'
import { recordEtag, relatedRecords, shapeOf } from './shape.ts'
import { jsonOfProperties, jsonProperty } from './write-row.ts'

/** Carries out an operation on a set or a record of a company. Throws `HttpProblem`. */
export function performOnRecord(located: Located): SimAnswer {
  const [first, ...rest] = located.route.segments
  const page = pages[located.route.service].get(first?.name ?? '')
  if (page === undefined) throw refusals.noSegment(first?.name ?? '')
  if (page.parent !== null) throw refusals.noParent()
  if (first === undefined || first.key === null) return onSet(located, page, null, rest)
  const record = getRecord(located, page, first.key)
  const [next, ...further] = rest
  if (next === undefined) return onRecord(located, page, record)
  const navigation = navigationsOf(page).find((each) => each.name === next.name)
  if (!navigation) throw refusals.noSegment(next.name)
  return onNavigation(located, page, record, navigation, next, further)
}

function onNavigation(
  located: Located,
  page: Page,
  record: Stored,
  navigation: Navigation,
  segment: Segment,
  rest: readonly Segment[],
): SimAnswer {
  const related = relatedRecords(page, navigation, located.company, record)
  if (navigation.column === null && segment.key === null)
    return onSet(located, navigation.page, related, rest)
  const wanted =
    segment.key === null
      ? related[0]
      : related.find((each) => each.key === keyText(navigation.page, segment.key ?? ''))
  if (wanted === undefined) throw refusals.noRecord(tables[navigation.page.table].caption)
  return onRecord(located, navigation.page, wanted)
}

function onSet(
  located: Located,
  page: Page,
  scope: readonly Stored[] | null,
  rest: readonly Segment[],
): SimAnswer {
  const { operation } = located
  const set: SetRequest = {
    request: operation,
    page,
    company: located.company,
    scope,
    contextUrl: contextOf(located),
  }
  if (rest[0]?.name === '$count' && operation.method === 'GET') return readCount(set)
  if (rest[0] !== undefined) throw refusals.noSegment(rest[0].name)
  if (operation.method === 'GET') return readSet(set)
  if (operation.method !== 'POST' || page.readOnly)
    throw refusals.methodNotAllowed(operation.method, page.entitySet)
  return create(located, page)
}

function onRecord(located: Located, page: Page, record: Stored): SimAnswer {
  const { operation, company } = located
  const { method } = operation
  if (method === 'GET') return entity(located, page, record, 200)
  if (page.readOnly || (method !== 'PATCH' && method !== 'DELETE')) {
    throw refusals.methodNotAllowed(method, page.entitySet)
  }
  const ifMatch = headerOf(operation, 'if-match')
  if (ifMatch === null && method === 'PATCH') throw refusals.noToken()
  if (ifMatch !== null && !matches(ifMatch, recordEtag(company, page, record))) throw refusals.entityChanged()
  if (method === 'DELETE') {
    deleteRecord(page.table, record, writeContext(located))
    return { status: 204, headers: { 'odata-version': '4.0' }, body: '', rows: 1 }
  }
  const sent = readBody(page, operation.body())
  requireName(page, sent, false)
  return entity(located, page, updateRecord(page.table, record, sent, writeContext(located)), 200)
}

function create(located: Located, page: Page): SimAnswer {
  const sent = readBody(page, located.operation.body())
  requireName(page, sent, true)
  const record = insertRecord(page.table, sent, writeContext(located))
  const { operation } = located
  const location = `${operation.origin}${operation.path}(${keyOfRecord(page, record)})`
  return entity(located, page, record, 201, { location })
}

const writeContext = ({ company, books }: Located): WriteContext => ({
  company,
  nowMs: books.nowMs(),
  duplicateStatus: books.duplicateStatus,
})

/** The API pages of customers and vendors insist on a name (connectors.md B.5); the tables do not. */
function requireName(page: Page, sent: ReadonlyMap<string, unknown>, isNew: boolean): void {
  if (page.service === 'pages' || (page.table !== 'customer' && page.table !== 'vendor')) return
  const name = sent.get('displayName')
  if (name === '' || (isNew && name === undefined)) throw refusals.emptyProperty('displayName')
}

function entity(
  located: Located,
  page: Page,
  record: Stored,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): SimAnswer {
  const shape = shapeOf(page, located.company, optionsOf(located.operation.query))
  const context = JSON.stringify(`${contextOf(located)}/$entity`)
  const body = jsonOfProperties([jsonProperty('@odata.context', context), ...shape(record)])
  return odataAnswer(status, body, { etag: recordEtag(located.company, page, record), ...headers })
}

function contextOf({ operation, route, company }: Located): string {
  const names = route.segments.map(({ name }) => name).join('/')
  const within =
    route.service === 'pages' ? `Company('${encodeURIComponent(company.name)}')` : `companies(${company.id})`
  return `${operation.origin}${route.root}/$metadata#${within}/${names}`
}

/** The record that a key in parentheses names. Throws 400 for a key of another form, 404 for a record that is not there. */
function getRecord({ company }: Located, page: Page, key: string): Stored {
  const { key: columns, caption }: Table = tables[page.table]
  if (isById(page)) {
    const found = company.table(page.table).get(keyText(page, key))
    if (found === null) throw refusals.noRecord(caption)
    return found
  }
  const values = valuesOfKey(key)
  const parts = page.key.map(
    (name) => values.get(name) ?? (page.key.length === 1 ? values.get('') : undefined),
  )
  if (parts.some((part) => part === undefined)) throw refusals.invalidUrl(`The key '${key}' is not complete.`)
  const byColumn = new Map(page.key.map((name, index) => [page.columns.get(name) ?? '', parts[index] ?? '']))
  const found = company.findByKey(
    page.table,
    columns.map((column) => cellOfKey(byColumn.get(column) ?? '', page, column)),
  )
  const isOfType =
    byColumn.get('documentType') === undefined ||
    unescapeMember(byColumn.get('documentType') ?? '') === 'Order'
  if (found === null || !isOfType) throw refusals.noRecord(caption)
  return found
}

const isById = ({ key }: Page): boolean => key.join() === 'id'

function cellOfKey(text: string, page: Page, column: string): string | number {
  const kind = fieldOf(page.table, column)?.type.kind
  if (kind === 'code') return text.trim().toUpperCase()
  return kind === 'integer' ? Number(text) : text
}

function keyText(page: Page, key: string): string {
  const id = valuesOfKey(key).get('') ?? valuesOfKey(key).get(page.key[0] ?? '') ?? ''
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) {
    throw refusals.invalidUrl(`The key '${key}' is no id of '${page.entitySet}'.`)
  }
  return id.toLowerCase()
}

function keyOfRecord(page: Page, record: Stored): string {
  if (isById(page)) return record.key
  const values = page.key.map((name) => {
    const value = String(record.row[page.columns.get(name) ?? '']).replaceAll("'", "''")
    return page.key.length === 1 ? `'${value}'` : `${name}='${value}'`
  })
  return encodeURI(values.join(','))
}
