import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { SyncError } from '../../core/errors.ts'
import type { Announcements } from '../../core/ports/connector.ts'
import type { Clock } from '../../core/ports/runtime.ts'
import type { ODataAnswer } from '../odata/client.ts'
import { failureError } from '../odata/failure.ts'
import { etagOf, type ODataRow } from '../odata/page.ts'
import { entityPath } from '../odata/query.ts'
import type { Service } from './service.ts'
import {
  type KnownSubscription,
  planSubscriptions,
  type SubscriptionStep,
  topicOf,
  topicText,
} from './subscriptions.ts'
import { parseTableName, standardApi, tablePrefix } from './table-name.ts'

export interface AnnouncementSettings {
  /** Name of the connection. */
  readonly connection: string
  /** The address of ours that the service is to call, without a query. */
  readonly notificationUrl: string
  /** The states that prove who has sent a notice are derived from it, and stored nowhere. */
  readonly key: string
  readonly clock: Pick<Clock, 'now'>
}

const Message = z.object({
  value: z
    .array(z.object({ clientState: z.string().max(2_048), resource: z.string().max(10_000) }))
    .max(10_000),
})

const askAgainAfterMs = 3_600_000

/** Webhook subscriptions of Business Central (connectors.md B.8). Nothing of them is stored: the service knows them. */
export class Subscriptions implements Announcements {
  readonly #service: Service
  readonly #settings: AnnouncementSettings
  /** Sets the service announces nothing of, such as contacts, with the time until which they are not asked for again. */
  readonly #refusedUntilMs = new Map<string, number>()

  constructor(service: Service, settings: AnnouncementSettings) {
    this.#service = service
    this.#settings = settings
  }

  async keep(tables: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    const topics = new Map<string, string>()
    for (const table of tables) {
      const topic = await this.#topicOfTable(table, signal)
      if (topic !== null && (this.#refusedUntilMs.get(topic) ?? 0) <= this.#nowMs) topics.set(topic, table)
    }
    const known = await this.#list(signal)
    const begun: string[] = []
    for (const step of planSubscriptions([...topics.keys()], known, this.#nowMs)) {
      const isDone = await this.#carryOut(step, signal)
      if (step.kind === 'create' && isDone) begun.push(topics.get(step.topic) ?? '')
    }
    return begun
  }

  tablesOf(message: unknown): readonly string[] {
    const parsed = Message.safeParse(message)
    if (!parsed.success) throw this.#refusal('is no notice of Business Central')
    const tables = parsed.data.value.map(({ resource, clientState }) => {
      const topic = topicOf(resource)
      if (topic === null || !this.#proves(clientState, topicText(topic))) {
        throw this.#refusal('does not hold the state that the service was given')
      }
      const kind = topic.apiPath === standardApi.path ? 'standard' : 'custom'
      return tablePrefix({ kind, path: topic.apiPath }) + topic.entitySet
    })
    return [...new Set(tables)]
  }

  async #topicOfTable(table: string, signal: AbortSignal): Promise<string | null> {
    const { api, entitySet } = parseTableName(table, this.#settings.connection)
    if (api.kind === 'pages') return null
    const company = await this.#service.companyPath(api, signal)
    const topic = topicOf(`${api.path}${company}/${entitySet}`)
    return topic === null ? null : topicText(topic)
  }

  async #list(signal: AbortSignal): Promise<readonly KnownSubscription[]> {
    const rows = await this.#service.readAll(standardApi, 'subscriptions', [], signal)
    return rows.filter((row) => row['notificationUrl'] === this.#settings.notificationUrl).map(knownOf)
  }

  /** False where the service has no announcements for the set. */
  async #carryOut(step: SubscriptionStep, signal: AbortSignal): Promise<boolean> {
    const answer = await this.#send(step, signal)
    if (answer.ok) return true
    const { failure } = answer
    // Somebody else was faster: another process of ours, or the end of the three days.
    if (step.kind !== 'create' && [404, 409, 412].includes(failure.status)) return true
    // The set has no announcements, or our address has not answered: the status is the same, so it is asked again later.
    if (step.kind === 'create' && failure.status === 400) {
      this.#refusedUntilMs.set(step.topic, this.#nowMs + askAgainAfterMs)
      return false
    }
    throw failureError(failure, `${step.kind} a webhook subscription`, this.#client.facts)
  }

  #send(step: SubscriptionStep, signal: AbortSignal): Promise<ODataAnswer> {
    const { notificationUrl } = this.#settings
    if (step.kind === 'create') {
      const clientState = this.#stateOf(step.topic)
      const body = { notificationUrl, resource: step.topic, clientState }
      return this.#client.send({ method: 'POST', path: 'subscriptions', body, signal })
    }
    const { id, etag, topic } = step.subscription
    const path = entityPath('subscriptions', [
      { name: 'subscriptionId', type: 'Edm.String', value: `text:${id}` },
    ])
    if (step.kind === 'remove') return this.#client.send({ method: 'DELETE', path, ifMatch: etag, signal })
    const body = { notificationUrl, clientState: this.#stateOf(topic ?? '') }
    return this.#client.send({ method: 'PATCH', path, ifMatch: etag, body, signal })
  }

  #stateOf(topic: string): string {
    const { key, connection } = this.#settings
    return createHmac('sha256', key)
      .update(JSON.stringify([connection, topic]))
      .digest('base64url')
  }

  #proves(clientState: string, topic: string): boolean {
    const [given, wanted] = [Buffer.from(clientState), Buffer.from(this.#stateOf(topic))]
    return given.length === wanted.length && timingSafeEqual(given, wanted)
  }

  get #client() {
    return this.#service.client(standardApi)
  }

  get #nowMs(): number {
    return this.#settings.clock.now().getTime()
  }

  #refusal(reason: string): SyncError {
    const { connection } = this.#settings
    return new SyncError('NOTICE_REFUSED', `Connection ${connection}: the message ${reason}`, {
      data: { connection },
    })
  }
}

function knownOf(row: ODataRow): KnownSubscription {
  const topic = topicOf(String(row['resource']))
  const expiresMs = Date.parse(String(row['expirationDateTime']))
  return {
    id: String(row['subscriptionId']),
    etag: etagOf(row) ?? '*',
    topic: topic === null ? null : topicText(topic),
    expiresMs: Number.isNaN(expiresMs) ? 0 : expiresMs,
  }
}
