import type { StoredEvent, WantedEvent } from '../webhooks/event.ts'
import type { AttemptResult, AttemptVerdict } from '../webhooks/judge-attempt.ts'
import type { ChangedBy } from './alert-store.ts'

/** Somebody who is told of events. */
export interface WebhookEndpoint {
  readonly id: number
  readonly name: string
  readonly url: string
  readonly events: readonly WantedEvent[]
  /** Null: every pair. */
  readonly pairName: string | null
  /** Empty: every mapping. */
  readonly mappingNames: readonly string[]
  /** Off: nothing is written down for it, and what is owed waits. */
  readonly enabled: boolean
  readonly disabledReason: string | null
  /** False after a restore: secrets are in no backup. */
  readonly hasSecret: boolean
  /** Since when nothing reaches it; null: the last attempt did. ISO times. */
  readonly failingSince: string | null
  readonly createdAt: string
}

export type NewEndpoint = Pick<WebhookEndpoint, 'name' | 'url' | 'events' | 'pairName' | 'mappingNames'>

/** Sealed; `previous` signs as well until its time is over. */
export interface SealedSecrets {
  readonly secret: string | null
  readonly previous: string | null
}

export const deliveryStates = ['due', 'delivered', 'failed'] as const
export type DeliveryState = (typeof deliveryStates)[number]

/** Where a message goes: to an endpoint, or to who has asked for a run. */
export type DeliveryTarget =
  | ({
      readonly kind: 'endpoint'
      readonly id: number
      readonly name: string
      readonly url: string
    } & SealedSecrets)
  | { readonly kind: 'callback'; readonly url: string }

/** A message that is owed, taken by one sender for a while. */
export interface DueMessage {
  readonly id: number
  readonly event: StoredEvent
  readonly target: DeliveryTarget
  /** All attempts there have been, this one counted: tells this one from later ones. */
  readonly attempt: number
  /** Those since it was first owed, or asked for again. */
  readonly tries: number
  readonly owedMs: number
  readonly failingMs: number | null
}

/** One message to one receiver, as people list them. */
export interface ListedDelivery {
  readonly id: number
  readonly eventId: string
  readonly type: StoredEvent['type']
  readonly at: string
  /** Name of the endpoint; null: the callback of a run. */
  readonly webhook: string | null
  /** Of a callback: only where its address leads to, because the rest may be a secret. */
  readonly callbackOrigin: string | null
  readonly state: DeliveryState
  readonly attempts: number
  readonly lastStatus: number | null
  readonly lastCode: string | null
  readonly nextAttemptAt: string | null
  readonly endedAt: string | null
}

export interface ListedAttempt {
  readonly attempt: number
  readonly at: string
  readonly status: number | null
  readonly code: string | null
  readonly ms: number
}

/** Which deliveries are meant; what is left out does not matter. */
export interface DeliveryFilter {
  readonly webhook?: string | undefined
  readonly state?: DeliveryState | undefined
  readonly type?: StoredEvent['type'] | undefined
}

/** Who is told of events, and what is owed to them. Events are written down by the transactions they tell of. */
export interface WebhookStore {
  list(): Promise<readonly WebhookEndpoint[]>
  find(name: string): Promise<WebhookEndpoint | null>
  /** Creates it with this secret, or changes that of the name, which keeps its own. */
  save(
    endpoint: NewEndpoint,
    sealed: string,
    changed: ChangedBy,
  ): Promise<{ readonly endpoint: WebhookEndpoint; readonly created: boolean }>
  /** On again, it counts failures anew. Null: there is none of that name. */
  setEnabled(name: string, enabled: boolean, changed: ChangedBy): Promise<WebhookEndpoint | null>
  /** With everything owed to it. False: there is none of that name. */
  remove(name: string, changed: ChangedBy): Promise<boolean>
  /** A new secret; the one before signs as well for so long. Null: there is none of that name. */
  rotate(
    name: string,
    sealed: string,
    previousMs: number,
    changed: ChangedBy,
  ): Promise<WebhookEndpoint | null>
  listSecrets(): Promise<readonly (SealedSecrets & Pick<WebhookEndpoint, 'id' | 'name'>)[]>
  /** Puts secrets in the place of those that were read. False: they have been changed in between. */
  replaceSecrets(
    endpoint: SealedSecrets & Pick<WebhookEndpoint, 'id' | 'name'>,
    after: SealedSecrets,
    changed: ChangedBy,
  ): Promise<boolean>
  /** Writes down a test for one endpoint and takes it at once, also when it is off. */
  takeTest(endpoint: Pick<WebhookEndpoint, 'id' | 'name'>, holdMs: number): Promise<DueMessage>
  /**
   * Takes what is due, at most so many of each receiver, so that nobody else sends it meanwhile; who dies on the way leaves it due
   * again after `holdMs`. `busy`: ids of endpoints, and origins of callbacks, that are left alone.
   */
  takeDue(query: {
    readonly each: number
    readonly holdMs: number
    readonly busy: { readonly endpoints: readonly number[]; readonly origins: readonly string[] }
  }): Promise<readonly DueMessage[]>
  /**
   * Writes an attempt down with what becomes of the message and its receiver. A sender that was frozen meanwhile puts nothing off
   * that another one has taken; what it has delivered is delivered. True: the endpoint is disabled by it.
   */
  recordAttempt(
    message: DueMessage,
    attempt: { readonly result: AttemptResult; readonly ms: number },
    verdict: AttemptVerdict,
  ): Promise<boolean>
  /** Newest first. */
  listDeliveries(
    query: DeliveryFilter & { readonly limit: number; readonly before: number | null },
  ): Promise<readonly ListedDelivery[]>
  findDelivery(id: number): Promise<{
    readonly delivery: ListedDelivery
    readonly event: StoredEvent
    readonly attempts: readonly ListedAttempt[]
  } | null>
  /** Owed anew, delivered or not: one of them, or all that have failed of an endpoint since a time. How many. */
  replay(
    what: { readonly deliveryId: number } | { readonly webhook: string; readonly since: string | null },
    changed: ChangedBy,
  ): Promise<number>
}
