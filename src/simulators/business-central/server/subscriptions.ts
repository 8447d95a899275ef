import { headerOf, type SimAnswer } from '../../kit/http.ts'
import type { JsonObject } from '../../kit/json.ts'
import { refusals } from '../errors.ts'
import { etagOf, matches } from '../etag.ts'
import { pages } from '../schema/pages.ts'
import type { Subscription, Webhooks } from '../webhooks/subscriptions.ts'
import { odataAnswer } from './answers.ts'
import { addressOf } from './batch-item.ts'
import type { Books, Operation } from './located.ts'
import { type Route, routeOf, textOfKey } from './route.ts'
import { timeText } from './write-row.ts'

/** The key of a subscription in the path; an empty text for the whole set; null when the path asks for something else. */
export function subscriptionKey(route: Route): string | null {
  const [first, ...rest] = route.segments
  const isSet = route.service === 'standard' && first?.name === 'subscriptions' && rest.length === 0
  return isSet ? textOfKey(first.key ?? '') : null
}

/** The changes of a set have a topic: the service, the company and the set. */
export const topicOf = (service: string, companyId: string, entitySet: string): string =>
  `${service} ${companyId} ${entitySet}`

/** Answers a request to `subscriptions` (connectors.md B.8). Throws `HttpProblem`. */
export async function onSubscription(
  operation: Operation,
  id: string,
  webhooks: Webhooks,
  books: Books,
): Promise<SimAnswer> {
  if (id === '') return onAll(operation, webhooks, books)
  const subscription = webhooks.find(id)
  if (subscription === null) throw refusals.noRecord('Subscription')
  if (operation.method === 'GET') return show(subscription, 200)
  const ifMatch = headerOf(operation, 'if-match')
  if (ifMatch === null) throw refusals.noToken()
  if (!matches(ifMatch, etag(subscription))) throw refusals.entityChanged()
  if (operation.method === 'DELETE') {
    webhooks.remove(id)
    return { status: 204, headers: {}, body: '' }
  }
  if (operation.method !== 'PATCH') throw refusals.methodNotAllowed(operation.method, 'subscriptions')
  const body = operation.body()
  const [notificationUrl, clientState] = [textIn(body, 'notificationUrl'), textIn(body, 'clientState')]
  const renewed = await webhooks.renew(id, {
    ...(notificationUrl === null ? {} : { notificationUrl }),
    ...(clientState === null ? {} : { clientState }),
  })
  return show(renewed, 200)
}

async function onAll(operation: Operation, webhooks: Webhooks, books: Books): Promise<SimAnswer> {
  if (operation.method === 'GET') {
    return odataAnswer(200, `{"value":[${webhooks.list().map(textOf).join(',')}]}`)
  }
  if (operation.method !== 'POST') throw refusals.methodNotAllowed(operation.method, 'subscriptions')
  const body = operation.body()
  const notificationUrl = textIn(body, 'notificationUrl')
  const resource = textIn(body, 'resource')
  const clientState = textIn(body, 'clientState') ?? ''
  if (notificationUrl === null) throw refusals.missingProperty('notificationUrl')
  if (resource === null) throw refusals.missingProperty('resource')
  if (clientState.length > 2_048) throw refusals.tooLong(clientState.length, 2_048, '')
  const subscribed = { notificationUrl, clientState, resource, ...targetOf(operation, resource, books) }
  return show(await webhooks.subscribe(subscribed), 201)
}

/** The set that a resource names: absolute, from `/api/…` on, or from the companies on. Throws 400 for one without webhooks. */
function targetOf(operation: Operation, resource: string, books: Books) {
  const own = routeOf(operation.path)
  const instance = own.root.slice(0, own.root.indexOf('/api/'))
  const path = resource.startsWith('/api/') ? `${instance}${resource}` : resource
  const { path: whole } = addressOf(path, `${operation.origin}${own.root}`)
  const route = routeOf(whole)
  const entitySet = route.segments[0]?.name ?? ''
  const page = pages[route.service].get(entitySet)
  const ref = route.company
  const company = books.companies.find((each) => ref !== null && 'id' in ref && each.id === ref.id)
  if (company === undefined) throw refusals.noCompany()
  if (page === undefined || !page.isAnnounced || route.segments.length !== 1) {
    throw refusals.malformed(`Webhooks are not supported for the resource '${resource}'.`)
  }
  return {
    resourceUrl: `${operation.origin}${whole}`,
    topic: topicOf(route.service, company.id, entitySet),
  }
}

function textIn(body: JsonObject, name: string): string | null {
  const value = body[name]
  if (value === undefined) return null
  if (typeof value !== 'string') throw refusals.wrongType(name, 'Edm.String')
  return value
}

const etag = ({ id, version }: Subscription): string => etagOf(`subscription ${id} ${version}`)

/** The client state is never shown: it proves to the receiver who is speaking. */
function textOf(subscription: Subscription): string {
  const { id, notificationUrl, resource } = subscription
  return JSON.stringify({
    '@odata.etag': etag(subscription),
    subscriptionId: id,
    notificationUrl,
    resource,
    expirationDateTime: timeText(subscription.expiresMs),
    lastModifiedDateTime: timeText(subscription.modifiedMs),
  })
}

const show = (subscription: Subscription, status: number): SimAnswer =>
  odataAnswer(status, textOf(subscription), { etag: etag(subscription) })
