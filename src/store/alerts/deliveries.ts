import { asc, eq, inArray, sql } from 'drizzle-orm'
import type { DueDelivery } from '../../core/ports/alert-store.ts'
import { clock, clockPlus, type Executor } from '../database.ts'
import { alert, alertChannel, alertDelivery, alertRule } from '../schema/alert.ts'
import { channelColumns, ruleColumns } from './rules.ts'

/**
 * Of what one channel is owed about one thing only the first is taken, and the next one when that has been sent: "over"
 * never arrives before what it ends, nor a message about an old alert behind one about a new alert. What has been due the
 * longest comes first: what is put back again and again keeps nothing else from being sent.
 */
export async function takeDeliveries(
  db: Executor,
  { limit, holdMs }: { limit: number; holdMs: number },
): Promise<DueDelivery[]> {
  const taken = await db.execute<{ id: string }>(sql`
    update couplet.alert_delivery set attempts = attempts + 1, next_attempt_at = ${clockPlus(holdMs)}
    where id in (
      select d.id from couplet.alert_delivery d join couplet.alert a on a.id = d.alert_id
      where d.next_attempt_at <= ${clock} and not exists (
        select 1 from couplet.alert_delivery first join couplet.alert b on b.id = first.alert_id
        where first.channel_id = d.channel_id and first.id < d.id and b.rule_id = a.rule_id and b.subject = a.subject)
      order by d.next_attempt_at, d.id limit ${limit} for update of d skip locked)
    returning id`)
  const ids = taken.rows.map(({ id }) => Number(id))
  if (ids.length === 0) return []
  const rows = await db
    .select({
      id: alertDelivery.id,
      attempts: alertDelivery.attempts,
      event: alertDelivery.event,
      channel: channelColumns,
      rule: ruleColumns,
      alert: {
        subject: alert.subject,
        pairName: alert.pairName,
        mappingName: alert.mappingName,
        value: alert.value,
        since: alert.since,
      },
    })
    .from(alertDelivery)
    .innerJoin(alertChannel, eq(alertChannel.id, alertDelivery.channelId))
    .innerJoin(alert, eq(alert.id, alertDelivery.alertId))
    .innerJoin(alertRule, eq(alertRule.id, alert.ruleId))
    .where(inArray(alertDelivery.id, ids))
    .orderBy(asc(alertDelivery.id))
  return rows.map(({ rule, alert: of, ...row }) => ({ ...row, told: { rule, alert: of } }))
}

export async function endDeliveries(db: Executor, ids: readonly number[]): Promise<void> {
  await db.delete(alertDelivery).where(inArray(alertDelivery.id, [...ids]))
}

export async function postponeDeliveries(
  db: Executor,
  ids: readonly number[],
  error: string,
  pauseMs: number,
): Promise<void> {
  await db
    .update(alertDelivery)
    .set({ error, nextAttemptAt: clockPlus(pauseMs) })
    .where(inArray(alertDelivery.id, [...ids]))
}

export async function putBackDeliveries(db: Executor, ids: readonly number[], error: string): Promise<void> {
  await db
    .update(alertDelivery)
    .set({ error, nextAttemptAt: clock, attempts: sql`greatest(${alertDelivery.attempts} - 1, 0)` })
    .where(inArray(alertDelivery.id, [...ids]))
}
