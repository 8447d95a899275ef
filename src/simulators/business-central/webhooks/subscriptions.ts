import { randomUUID } from 'node:crypto'
import type { SimulatedTime } from '../../kit/time.ts'
import { refusals } from '../errors.ts'
import { timeText } from '../server/write-row.ts'
import {
  afterAnswer,
  type ChangeType,
  type Gathered,
  gather,
  type Notice,
  noticesOf,
  pauseMs,
  webhookLimits,
} from './notices.ts'

/** What somebody has subscribed to. */
export interface Subscription {
  readonly id: string
  readonly notificationUrl: string
  /** The path of the set as it was sent. */
  readonly resource: string
  /** The whole address of the set. */
  readonly resourceUrl: string
  /** The set whose changes are announced, however its path is spelt. */
  readonly topic: string
  readonly clientState: string
  readonly expiresMs: number
  readonly modifiedMs: number
  readonly version: number
}

/** Sends a request of the service to a receiver; null when there was no answer. */
export type Post = (
  url: string,
  body: string | null,
) => Promise<{ readonly status: number; readonly text: string } | null>

/** Webhooks: subscriptions, the changes they have not been told of, and the attempts to tell. */
export interface Webhooks {
  list(): readonly Subscription[]
  find(id: string): Subscription | null
  /** Makes sure that the receiver answers, then subscribes. Throws 400 when it does not. */
  subscribe(
    wanted: Pick<Subscription, 'notificationUrl' | 'resource' | 'resourceUrl' | 'topic' | 'clientState'>,
  ): Promise<Subscription>
  /** Makes sure that the receiver still answers, and starts the three days anew. */
  renew(
    id: string,
    changes: Partial<Pick<Subscription, 'notificationUrl' | 'clientState'>>,
  ): Promise<Subscription>
  remove(id: string): void
  note(change: { readonly topic: string; readonly id: string; readonly changeType: ChangeType }): void
  /** Sends what is due and drops what has expired. Resolves when every receiver has answered. */
  deliver(): Promise<void>
  reset(): void
}

interface Kept {
  subscription: Subscription
  gathered: Gathered | null
  /** Notices on their way, and when they are tried next. */
  sending: {
    readonly notices: readonly Notice[]
    readonly sinceMs: number
    attempt: number
    nextMs: number
  } | null
  isBusy: boolean
}

export function createWebhooks(time: SimulatedTime, post: Post): Webhooks {
  const kept = new Map<string, Kept>()
  const get = (id: string): Kept => {
    dropExpired(kept, time)
    const found = kept.get(id)
    if (!found) throw refusals.noRecord('Subscription')
    return found
  }
  return {
    list() {
      dropExpired(kept, time)
      return [...kept.values()].map(({ subscription }) => subscription)
    },
    find(id) {
      dropExpired(kept, time)
      return kept.get(id)?.subscription ?? null
    },
    async subscribe(wanted) {
      dropExpired(kept, time)
      if (kept.size >= webhookLimits.mostSubscriptions) {
        throw refusals.rule('The maximum number of webhook subscriptions has been reached.')
      }
      await shakeHands(wanted.notificationUrl, post)
      const subscription = {
        ...wanted,
        id: randomUUID().replaceAll('-', ''),
        ...freshTimes(time),
        version: 1,
      }
      kept.set(subscription.id, { subscription, gathered: null, sending: null, isBusy: false })
      return subscription
    },
    async renew(id, changes) {
      const entry = get(id)
      await shakeHands(changes.notificationUrl ?? entry.subscription.notificationUrl, post)
      const version = entry.subscription.version + 1
      entry.subscription = { ...entry.subscription, ...changes, ...freshTimes(time), version }
      return entry.subscription
    },
    remove(id) {
      get(id)
      kept.delete(id)
    },
    note(change) {
      const at = { at: timeText(time.nowMs()), atMs: time.monotonicMs() }
      for (const entry of kept.values()) {
        if (entry.subscription.topic === change.topic)
          entry.gathered = gather(entry.gathered, { ...change, ...at })
      }
    },
    async deliver() {
      dropExpired(kept, time)
      await Promise.all([...kept.values()].map((entry) => deliverOne(entry, kept, time, post)))
    },
    reset: () => kept.clear(),
  }
}

const freshTimes = (time: SimulatedTime) => ({
  expiresMs: time.nowMs() + webhookLimits.lifetimeMs,
  modifiedMs: time.nowMs(),
})

function dropExpired(kept: Map<string, Kept>, time: SimulatedTime): void {
  for (const [id, { subscription }] of kept) {
    if (subscription.expiresMs <= time.nowMs()) kept.delete(id)
  }
}

/** The receiver must repeat the token it is sent (connectors.md B.8). */
async function shakeHands(url: string, post: Post): Promise<void> {
  const token = randomUUID()
  const answer = await post(`${url}${url.includes('?') ? '&' : '?'}validationToken=${token}`, null)
  if (answer?.status !== 200 || answer.text.trim() !== token) {
    throw refusals.malformed(
      `The notification URL '${url}' must answer the validation request with status 200 and the validation token as its body.`,
    )
  }
}

async function deliverOne(
  entry: Kept,
  kept: Map<string, Kept>,
  time: SimulatedTime,
  post: Post,
): Promise<void> {
  if (entry.isBusy) return
  startSending(entry, time)
  const { sending, subscription } = entry
  if (sending === null || sending.nextMs > time.monotonicMs()) return
  entry.isBusy = true
  const answer = await post(subscription.notificationUrl, JSON.stringify({ value: sending.notices }))
  entry.isBusy = false
  // While the receiver thought about it the subscription may have been removed or everything reset.
  if (kept.get(subscription.id) !== entry) return
  const scale = time.scaled(1)
  switch (afterAnswer(answer?.status ?? null, (time.monotonicMs() - sending.sinceMs) / scale)) {
    case 'delivered':
    case 'given up':
      entry.sending = null
      return
    case 'ended':
      kept.delete(subscription.id)
      return
    case 'again':
      sending.attempt += 1
      sending.nextMs = time.monotonicMs() + time.scaled(pauseMs(sending.attempt - 1))
  }
}

/** Turns what was gathered into notices once the first change is 30 s old. One message at a time: later changes wait. */
function startSending(entry: Kept, time: SimulatedTime): void {
  const { gathered, subscription } = entry
  const nowMs = time.monotonicMs()
  if (entry.sending !== null || gathered === null) return
  if (nowMs < gathered.firstChangeMs + time.scaled(webhookLimits.quietMs)) return
  const head = {
    subscriptionId: subscription.id,
    clientState: subscription.clientState,
    expirationDateTime: timeText(subscription.expiresMs),
    resource: subscription.resourceUrl,
  }
  entry.sending = {
    notices: noticesOf(head, gathered, timeText(time.nowMs())),
    sinceMs: nowMs,
    attempt: 1,
    nextMs: nowMs,
  }
  entry.gathered = null
}
