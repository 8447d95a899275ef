import { SyncError } from '../../core/errors.ts'
import type { ChangedBy } from '../../core/ports/alert-store.ts'
import type { NewEndpoint, WebhookEndpoint, WebhookStore } from '../../core/ports/webhook-store.ts'
import { assertName } from '../access/keys.ts'
import type { Deps } from '../deps.ts'
import { getPairByName } from '../setup/get-pair.ts'

/** What changing webhooks needs besides the store. */
export interface WebhookTools {
  readonly webhooks: WebhookStore
  /** A new secret for signatures, as it is handed on. */
  readonly newSecret: () => string
  /** The secret as it may be stored for this endpoint. Throws CONFIG_INVALID without a key. */
  readonly seal: (secret: string, name: string) => string
  /** Throws REQUEST_INVALID, ADDRESS_REFUSED. */
  readonly assertReceiver: (field: string, url: string) => Promise<void>
}

/**
 * Makes an endpoint, or changes the one of that name, which keeps its secret. The secret of a new one is given once, here.
 * Throws REQUEST_INVALID, ADDRESS_REFUSED, CONNECTION_UNKNOWN, MAPPING_UNKNOWN.
 */
export async function saveWebhook(
  endpoint: NewEndpoint,
  changed: ChangedBy,
  deps: WebhookTools & Pick<Deps, 'stores'>,
): Promise<{ readonly endpoint: WebhookEndpoint; readonly secret: string | null }> {
  assertName('name', endpoint.name)
  await deps.assertReceiver('url', endpoint.url)
  if (endpoint.events.length === 0) throw invalid('events: name at least one type of event')
  await assertPlace(endpoint, deps)
  const secret = deps.newSecret()
  const events = [...new Set(endpoint.events)]
  const saved = await deps.webhooks.save({ ...endpoint, events }, deps.seal(secret, endpoint.name), changed)
  return { endpoint: saved.endpoint, secret: saved.created ? secret : null }
}

/** A wrong name would silently be told of nothing. */
async function assertPlace(
  { pairName, mappingNames }: Pick<NewEndpoint, 'pairName' | 'mappingNames'>,
  deps: Pick<Deps, 'stores'>,
): Promise<void> {
  const pairs =
    pairName === null ? await deps.stores.mappings.listPairs() : [await getPairByName(pairName, deps)]
  if (mappingNames.length === 0) return
  const all = await Promise.all(pairs.map(({ id }) => deps.stores.mappings.listMappings(id)))
  const known = new Set(all.flat().map(({ definition }) => definition.name))
  const unknown = mappingNames.filter((name) => !known.has(name))
  if (unknown.length > 0) throw new SyncError('MAPPING_UNKNOWN', `There is no mapping ${unknown.join(', ')}`)
}

/** A new secret, given once; messages are signed with the one before as well for so many hours. Throws WEBHOOK_UNKNOWN. */
export async function rotateWebhook(
  name: string,
  previousHours: number,
  changed: ChangedBy,
  deps: WebhookTools,
): Promise<{ readonly endpoint: WebhookEndpoint; readonly secret: string }> {
  const secret = deps.newSecret()
  const sealed = deps.seal(secret, name)
  const endpoint = await deps.webhooks.rotate(name, sealed, previousHours * 3_600_000, changed)
  return { endpoint: known(endpoint, name), secret }
}

/**
 * On: what is owed is sent, failures are counted anew. Off: nothing is written down for it until it is on again. Throws
 * WEBHOOK_UNKNOWN, WEBHOOK_SECRET_MISSING.
 */
export async function switchWebhook(
  name: string,
  enabled: boolean,
  changed: ChangedBy,
  deps: Pick<WebhookTools, 'webhooks'>,
): Promise<WebhookEndpoint> {
  if (enabled && !(await getWebhook(name, deps)).hasSecret) {
    throw new SyncError('WEBHOOK_SECRET_MISSING', `Webhook ${name} has no secret: it came from a backup`)
  }
  return known(await deps.webhooks.setEnabled(name, enabled, changed), name)
}

/** Removes an endpoint with all that is owed to it. Throws WEBHOOK_UNKNOWN. */
export async function removeWebhook(
  name: string,
  changed: ChangedBy,
  deps: Pick<WebhookTools, 'webhooks'>,
): Promise<void> {
  if (!(await deps.webhooks.remove(name, changed))) throw unknownWebhook(name)
}

/** Owes all messages anew that have failed for good since a time; how many. Throws WEBHOOK_UNKNOWN. */
export async function replayFailed(
  name: string,
  since: string | null,
  changed: ChangedBy,
  deps: Pick<WebhookTools, 'webhooks'>,
): Promise<number> {
  await getWebhook(name, deps)
  return deps.webhooks.replay({ webhook: name, since }, changed)
}

/** Owes one message anew, delivered or not, with the same id. Zero: it is being sent. Throws DELIVERY_UNKNOWN. */
export async function replayDelivery(
  deliveryId: number,
  changed: ChangedBy,
  deps: Pick<WebhookTools, 'webhooks'>,
): Promise<number> {
  await getDelivery(deliveryId, deps)
  return deps.webhooks.replay({ deliveryId }, changed)
}

/** Throws WEBHOOK_UNKNOWN. */
export async function getWebhook(
  name: string,
  { webhooks }: Pick<WebhookTools, 'webhooks'>,
): Promise<WebhookEndpoint> {
  return known(await webhooks.find(name), name)
}

/** One delivery with its event and attempts. Throws DELIVERY_UNKNOWN. */
export async function getDelivery(id: number, { webhooks }: Pick<WebhookTools, 'webhooks'>) {
  const found = await webhooks.findDelivery(id)
  if (found) return found
  throw new SyncError('DELIVERY_UNKNOWN', `There is no delivery ${id}`, { data: { id } })
}

function known(endpoint: WebhookEndpoint | null, name: string): WebhookEndpoint {
  if (endpoint) return endpoint
  throw unknownWebhook(name)
}

const unknownWebhook = (name: string) =>
  new SyncError('WEBHOOK_UNKNOWN', `There is no webhook ${name}`, { data: { name } })
const invalid = (message: string) => new SyncError('REQUEST_INVALID', message)
