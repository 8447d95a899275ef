import { and, desc, eq, isNull, sql } from 'drizzle-orm'
import type { RulePlan } from '../../core/alerts/judge-rule.ts'
import type { AlertEvent, AlertRule, OpenAlert } from '../../core/alerts/rule.ts'
import type { ListedAlert } from '../../core/ports/alert-store.ts'
import { present } from '../../lib/assert.ts'
import { clock, type Executor, idArray, rowsParameter } from '../database.ts'
import { alert, alertRule } from '../schema/alert.ts'
import { tellLateMappings } from '../webhooks/tell-late.ts'
import { ruleColumns } from './rules.ts'

const alertColumns = {
  id: alert.id,
  ruleId: alert.ruleId,
  subject: alert.subject,
  pairName: alert.pairName,
  mappingName: alert.mappingName,
  value: alert.value,
  since: alert.since,
  firedAt: alert.firedAt,
  toldAt: alert.toldAt,
}

export async function findOpen(
  db: Executor,
  ruleId: number,
): Promise<{ now: Date; alerts: readonly OpenAlert[] }> {
  const alerts = await db
    .select(alertColumns)
    .from(alert)
    .where(and(eq(alert.ruleId, ruleId), isNull(alert.recoveredAt)))
  const { rows } = await db.execute<{ now: number }>(
    sql`select (extract(epoch from ${clock}) * 1000)::float8 as now`,
  )
  return { now: new Date(present(rows[0], 'clock').now), alerts }
}

/** Each change carries the state it was judged from in its condition: who comes second changes nothing, and tells nothing. */
export async function applyPlan(db: Executor, rule: AlertRule, plan: RulePlan): Promise<void> {
  await db.transaction(async (tx) => {
    // Its channels may have changed since it was judged, and do not change before its alerts are told of.
    await tx.execute(sql`select from couplet.alert_rule where id = ${rule.id} for share`)
    if (plan.keep.length > 0) await keep(tx, plan.keep)
    if (plan.fire.length > 0)
      await tx.execute(sql`
        update couplet.alert set fired_at = ${clock}
        where id = any(${idArray(plan.fire)}) and fired_at is null and recovered_at is null`)
    const opened = plan.open.length === 0 ? [] : await open(tx, rule, plan.open)
    const told = plan.tell.length === 0 ? [] : await markTold(tx, plan.tell)
    await owe(tx, rule, 'fired', [...opened, ...told])
    if (plan.recover.length > 0) await owe(tx, rule, 'recovered', await recover(tx, plan.recover))
    if (plan.forget.length > 0)
      await tx.execute(
        sql`delete from couplet.alert where id = any(${idArray(plan.forget)}) and fired_at is null`,
      )
  })
}

async function keep(tx: Executor, kept: RulePlan['keep']): Promise<void> {
  await tx.execute(sql`
    update couplet.alert a set value = w.value
    from jsonb_to_recordset(${rowsParameter(kept)}) as w(id bigint, value bigint)
    where a.id = w.id and a.value <> w.value`)
}

/** Gives the numbers of those that are to be told. */
async function open(tx: Executor, { id: ruleId }: AlertRule, opened: RulePlan['open']): Promise<number[]> {
  const rows = opened.map(({ reading, isFired, isTold }) => ({
    subject: reading.subject,
    pair_name: reading.pairName,
    mapping_name: reading.mappingName,
    value: reading.value,
    fired: isFired,
    told: isTold,
  }))
  const inserted = await tx.execute<{ id: string; told: boolean }>(sql`
    insert into couplet.alert (rule_id, subject, pair_name, mapping_name, value, fired_at, told_at)
    select ${ruleId}, w.subject, w.pair_name, w.mapping_name, w.value,
      case when w.fired then ${clock} end, case when w.told then ${clock} end
    from jsonb_to_recordset(${rowsParameter(rows)})
      as w(subject text, pair_name text, mapping_name text, value bigint, fired boolean, told boolean)
    on conflict (rule_id, subject) where recovered_at is null do nothing
    returning id, told_at is not null as told`)
  return inserted.rows.filter(({ told }) => told).map(({ id }) => Number(id))
}

async function markTold(tx: Executor, ids: readonly number[]): Promise<number[]> {
  const { rows } = await tx.execute<{ id: string }>(sql`
    update couplet.alert set told_at = ${clock}
    where id = any(${idArray(ids)}) and told_at is null and recovered_at is null returning id`)
  return rows.map(({ id }) => Number(id))
}

/** Gives the numbers of those of which somebody had been told. */
async function recover(tx: Executor, ids: readonly number[]): Promise<number[]> {
  const { rows } = await tx.execute<{ id: string; told: boolean }>(sql`
    update couplet.alert set recovered_at = ${clock}
    where id = any(${idArray(ids)}) and recovered_at is null returning id, told_at is not null as told`)
  return rows.filter(({ told }) => told).map(({ id }) => Number(id))
}

async function owe(
  tx: Executor,
  rule: AlertRule,
  event: AlertEvent,
  alertIds: readonly number[],
): Promise<void> {
  if (alertIds.length === 0) return
  await tellLateMappings(tx, rule, event, alertIds)
  await tx.execute(sql`
    insert into couplet.alert_delivery (alert_id, channel_id, event)
    select a.id, c.id, ${event} from unnest(${idArray(alertIds)}) as a(id)
      join couplet.alert_rule r on r.id = ${rule.id}
      join couplet.alert_channel c on r.channels = '{}' or c.name = any(r.channels)
    order by a.id, c.id`)
}

export async function listAlerts(
  db: Executor,
  { recovered, limit }: { recovered: boolean; limit: number },
): Promise<ListedAlert[]> {
  return db
    .select({
      ...alertColumns,
      rule: ruleColumns,
      recoveredAt: alert.recoveredAt,
      deliveryError: sql<string | null>`(
        select d.error from couplet.alert_delivery d
        where d.alert_id = ${alert.id} and d.error is not null order by d.id desc limit 1)`,
    })
    .from(alert)
    .innerJoin(alertRule, eq(alertRule.id, alert.ruleId))
    .where(recovered ? undefined : isNull(alert.recoveredAt))
    .orderBy(desc(alert.id))
    .limit(limit)
}
