import { toSyncError } from '../../core/errors.ts'
import type { Clock, Log } from '../../core/ports/runtime.ts'
import type { DeliveryTarget, DueMessage, WebhookStore } from '../../core/ports/webhook-store.ts'
import { messageBody } from '../../core/webhooks/event.ts'
import { type AttemptResult, judgeAttempt } from '../../core/webhooks/judge-attempt.ts'
import { signMessage } from '../../core/webhooks/sign.ts'

export interface DeliverDeps {
  readonly webhooks: Pick<WebhookStore, 'recordAttempt'>
  /** What messages to this receiver are signed with, opened. Throws where there is nothing. */
  readonly secretsOf: (target: DeliveryTarget) => readonly Buffer[]
  /** Posts once, following nothing; throws when there is no answer. */
  readonly post: (
    url: URL,
    headers: Readonly<Record<string, string>>,
    body: string,
  ) => Promise<{ readonly status: number; readonly retryAfterMs: number | null }>
  readonly giveUpDays: number
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

/**
 * Sends one message that was taken, once, and writes down what came of it. Who dies between the two sends it again, with the same
 * id. Throws only when it could not be written down.
 */
export async function deliverMessage(message: DueMessage, deps: DeliverDeps): Promise<AttemptResult> {
  const startedMs = deps.clock.monotonicMs()
  const result = await attempt(message, deps)
  const ms = deps.clock.monotonicMs() - startedMs
  const { event, tries, owedMs, failingMs, target } = message
  const facts = { type: event.type, result, tries, owedMs, failingMs }
  const verdict = judgeAttempt({ ...facts, giveUpDays: deps.giveUpDays, random: deps.random() })
  const isDisabled = await deps.webhooks.recordAttempt(message, { result, ms }, verdict)
  const about = { delivery: message.id, event: event.id, to: nameOf(target) }
  if (isDisabled)
    deps.log.error(
      { ...about, reason: verdict.disables?.reason },
      'A webhook is disabled; nothing more is sent to it',
    )
  else if (verdict.next !== 'delivered')
    deps.log.warn({ ...about, status: result.status, code: result.code }, 'A webhook did not take a message')
  return result
}

async function attempt(
  { event, target }: DueMessage,
  { secretsOf, post, clock, log }: DeliverDeps,
): Promise<AttemptResult> {
  try {
    const body = messageBody(event)
    const seconds = Math.floor(clock.now().getTime() / 1_000)
    const signed = signMessage({ id: event.id, seconds, body }, secretsOf(target))
    const { status, retryAfterMs } = await post(new URL(target.url), signed, body)
    return { status, code: null, retryAfterMs }
  } catch (error) {
    const failure = toSyncError(error)
    if (failure.code === 'INTERNAL') log.error({ err: failure }, 'A message could not be sent')
    return { status: null, code: failure.code }
  }
}

function nameOf(target: DeliveryTarget): string {
  return target.kind === 'endpoint' ? target.name : new URL(target.url).origin
}
