import { headerOf, type SimAnswer, type SimRequest } from '../../kit/http.ts'
import { parseJsonObject } from '../../kit/json.ts'
import { parseQuery } from '../../kit/odata/query.ts'
import { refusals } from '../errors.ts'
import { metadataOf } from '../schema/metadata.ts'
import { pages, type Service } from '../schema/pages.ts'
import type { Company } from '../store/company.ts'
import { odataAnswer } from './answers.ts'
import type { Books, Operation } from './located.ts'
import { performOnRecord } from './record.ts'
import { type CompanyRef, type Route, routeOf } from './route.ts'

/** The operation that a request from the network asks for. */
export function operationOf(request: SimRequest): Operation {
  return { ...request, body: () => parseJsonObject(request.body.toString('utf8'), 'BadRequest') }
}

/** Carries out one operation; at once, so that nobody sees half of it. Throws `HttpProblem`. */
export function perform(operation: Operation, books: Books): SimAnswer {
  const route = routeOf(operation.path)
  const [first] = route.segments
  if (route.company === null && first?.name === '$metadata') {
    return { status: 200, headers: { 'content-type': 'application/xml' }, body: metadataOf(route.service) }
  }
  if (route.company === null && (first === undefined || isCompanySet(first.name, route.service))) {
    refuseWriting(operation, first?.name ?? 'service')
    return first === undefined ? serviceDocument(operation, route) : companies(operation, route, books)
  }
  const company = companyOf(operation, route, books)
  if (first === undefined) {
    refuseWriting(operation, 'companies')
    return odataAnswer(200, JSON.stringify(companyEntity(company, route.service)))
  }
  return performOnRecord({ operation, route, company, books })
}

const isCompanySet = (name: string, service: Service): boolean =>
  name === (service === 'pages' ? 'Company' : 'companies')

function refuseWriting({ method }: Operation, entitySet: string): void {
  if (method !== 'GET') throw refusals.methodNotAllowed(method, entitySet)
}

function serviceDocument(operation: Operation, route: Route): SimAnswer {
  const context = `${operation.origin}${route.root}/$metadata`
  const value = [...pages[route.service].keys()].map((name) => ({ name, kind: 'EntitySet', url: name }))
  return odataAnswer(200, JSON.stringify({ '@odata.context': context, value }))
}

function companies(operation: Operation, route: Route, books: Books): SimAnswer {
  const set = route.service === 'pages' ? 'Company' : 'companies'
  const context = `${operation.origin}${route.root}/$metadata#${set}`
  const value = books.companies.map((company) => companyEntity(company, route.service))
  return odataAnswer(200, JSON.stringify({ '@odata.context': context, value }))
}

function companyEntity({ id, name }: Company, service: Service) {
  return service === 'pages' ? { Name: name, Display_Name: name, Id: id } : { id, name, displayName: name }
}

/** From the path, else from the query or the header, else the first one (connectors.md B.1). */
function companyOf(operation: Operation, route: Route, books: Books): Company {
  const other = parseQuery(operation.query).get('company') ?? headerOf(operation, 'company')
  const ref = route.company ?? (other === null ? null : refOf(other))
  if (ref === null) return books.companies[0]
  const found = books.companies.find((company) =>
    'id' in ref ? company.id === ref.id : company.name === ref.name,
  )
  if (!found) throw refusals.noCompany()
  return found
}

function refOf(text: string): CompanyRef {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
    ? { id: text.toLowerCase() }
    : { name: text }
}
