import { sql } from 'drizzle-orm'
import type { DueMessage, WebhookStore } from '../../core/ports/webhook-store.ts'
import type { AttemptVerdict, Disabling } from '../../core/webhooks/judge-attempt.ts'
import { clock, clockPlus, type Executor } from '../database.ts'
import { note } from './endpoints.ts'

export async function recordAttempt(
  db: Executor,
  ...[message, { result, ms }, verdict]: Parameters<WebhookStore['recordAttempt']>
): Promise<boolean> {
  return db.transaction(async (tx) => {
    // Nothing where it was removed meanwhile, with its endpoint or by retention.
    const { rowCount } = await tx.execute(sql`
      insert into couplet.webhook_attempt (delivery_id, attempt, status, code, ms)
      select d.id, ${message.attempt}, ${result.status}, ${result.code}, ${Math.round(ms)}
      from couplet.webhook_delivery d where d.id = ${message.id}
      on conflict do nothing`)
    if (rowCount === 0) return false
    await settle(tx, message, verdict.next)
    return message.target.kind === 'endpoint' && message.event.type !== 'webhook.test'
      ? settleEndpoint(tx, message.target, verdict)
      : false
  })
}

async function settle(
  tx: Executor,
  { id, attempt }: DueMessage,
  next: AttemptVerdict['next'],
): Promise<void> {
  if (next === 'delivered') {
    await tx.execute(sql`
      update couplet.webhook_delivery set state = 'delivered', ended_at = ${clock} where id = ${id} and state <> 'delivered'`)
    return
  }
  const change =
    next === 'failed'
      ? sql`state = 'failed', ended_at = ${clock}`
      : sql`next_attempt_at = ${clockPlus(next.inMs)}`
  await tx.execute(sql`
    update couplet.webhook_delivery set ${change} where id = ${id} and state = 'due' and attempts = ${attempt}`)
}

/** Many messages go through: the row is only touched when something changes. */
async function settleEndpoint(
  tx: Executor,
  { id, name }: { readonly id: number; readonly name: string },
  { next, disables }: AttemptVerdict,
): Promise<boolean> {
  if (next === 'delivered') {
    await tx.execute(sql`
      update couplet.webhook_endpoint set failing_since = null where id = ${id} and enabled and failing_since is not null`)
    return false
  }
  await tx.execute(sql`
    update couplet.webhook_endpoint set failing_since = ${clock} where id = ${id} and failing_since is null`)
  if (disables !== null && (await disable(tx, id, disables))) {
    await note(tx, 'webhook.disable', name, { by: 'couplet', reason: disables.reason }, {})
    return true
  }
  if (next === 'failed') await forgetFailures(tx, id)
  return false
}

/** Judged by what stands there now: another message may have gone through while this one was under way. */
async function disable(tx: Executor, id: number, { reason, failingMs }: Disabling): Promise<boolean> {
  const { rowCount } = await tx.execute(sql`
    update couplet.webhook_endpoint set enabled = false, disabled_reason = ${reason}, updated_at = ${clock}
    where id = ${id} and enabled and failing_since <= ${clockPlus(-failingMs)}`)
  return rowCount === 1
}

/** With the last message that is tried again ends what is known of the receiver: a failure days later would be no longer one. */
async function forgetFailures(tx: Executor, id: number): Promise<void> {
  await tx.execute(sql`
    update couplet.webhook_endpoint set failing_since = null where id = ${id} and enabled and not exists (
      select from couplet.webhook_delivery d where d.endpoint_id = ${id} and d.state = 'due' and d.tries > 0)`)
}
