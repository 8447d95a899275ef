import { retryAfterMs } from '../../connectors/http/retry.ts'
import { toSyncError } from '../../core/errors.ts'
import type { DueMessage } from '../../core/ports/webhook-store.ts'
import type { AttemptResult } from '../../core/webhooks/judge-attempt.ts'
import { groupBy } from '../../lib/group.ts'
import { type DeliverDeps, deliverMessage } from '../../usecases/webhooks/deliver-message.ts'
import type { Context } from '../context.ts'
import { openPosting } from '../post-message.ts'
import { secretsOf } from './webhook-tools.ts'

/** Messages to one receiver at once. */
const EACH = 8
/** Receivers that are sent to at once; more wait for the next round. */
const MOST_RECEIVERS = 100
/** A process that dies leaves its messages to others after the longest attempt and this. */
const SPARE_MS = 30_000

type Source = Pick<Context, 'care' | 'config' | 'deps' | 'log'>

/** How long a taken message is left to who has taken it. */
export const holdMs = ({ webhookSeconds }: Source['config']): number => webhookSeconds * 1_000 + SPARE_MS

export interface Deliverer {
  /** Takes what is due for receivers that nothing is being sent to, and begins to send it. True: something was. */
  begin(): Promise<boolean>
  /** Resolves when one of those at work has got its messages; at once when there are none. */
  oneDone(): Promise<void>
  /** Resolves when all that was begun is written down. */
  allDone(): Promise<void>
}

/** Each receiver is served by itself, so one that hangs keeps no other waiting; its next messages wait for those under way. */
export function createDeliverer(source: Source): Deliverer {
  const { care, config, log } = source
  const busy = new Map<string, Promise<void>>()
  const ids = (prefix: string) =>
    [...busy.keys()].flatMap((place) => (place.startsWith(prefix) ? place.slice(prefix.length) : []))
  const serve = async (place: string, messages: readonly DueMessage[]) => {
    try {
      await deliverAll(messages, source)
    } catch (error) {
      log.error({ err: toSyncError(error) }, 'What came of a message could not be written down')
    } finally {
      busy.delete(place)
    }
  }
  return {
    async begin() {
      if (busy.size >= MOST_RECEIVERS) return false
      const taken = await care.webhooks.takeDue({
        each: EACH,
        holdMs: holdMs(config),
        busy: { endpoints: ids('endpoint ').map(Number), origins: ids('callback ') },
      })
      for (const [place, messages] of groupBy(taken, placeOf)) {
        busy.set(place, serve(place, messages))
      }
      return taken.length > 0
    },
    oneDone: async () => (busy.size === 0 ? undefined : Promise.race(busy.values())),
    allDone: async () => void (await Promise.all(busy.values())),
  }
}

function placeOf({ target }: DueMessage): string {
  return target.kind === 'endpoint' ? `endpoint ${target.id}` : `callback ${new URL(target.url).origin}`
}

/** Messages to one receiver, at once. */
export async function deliverAll(
  messages: readonly DueMessage[],
  source: Source,
): Promise<readonly AttemptResult[]> {
  const { care, config, deps, log } = source
  const posting = openPosting({
    name: messages[0] === undefined ? '' : placeOf(messages[0]),
    timeoutMs: config.webhookSeconds * 1_000,
    atOnce: EACH,
    privateNetworks: config.privateNetworks,
    publicNeedsTls: true,
  })
  const { clock, random } = deps
  const post: DeliverDeps['post'] = async (url, headers, body) => {
    const answer = await posting.post(url, headers, body)
    return {
      status: answer.status,
      retryAfterMs: retryAfterMs(answer.headers['retry-after'], clock.now()),
    }
  }
  try {
    const deliver: DeliverDeps = {
      webhooks: care.webhooks,
      secretsOf: (target) => secretsOf(target, config),
      post,
      giveUpDays: config.webhookRetryDays,
      clock,
      random,
      log,
    }
    const sent = messages.map((message) => deliverMessage(message, deliver))
    // One that cannot be written down must not close the connection under the others.
    await Promise.allSettled(sent)
    return await Promise.all(sent)
  } finally {
    await posting.close()
  }
}
