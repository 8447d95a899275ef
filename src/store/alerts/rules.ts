import { asc, eq, sql } from 'drizzle-orm'
import type { AuditEntry } from '../../core/access/audit-entry.ts'
import type { AlertChannel, AlertRule, AlertSilence } from '../../core/alerts/rule.ts'
import type { AlertStore, ChangedBy } from '../../core/ports/alert-store.ts'
import { present } from '../../lib/assert.ts'
import { clock, clockPlus, type Executor, textArray } from '../database.ts'
import { appendAudit } from '../operations/audit.ts'
import { alertChannel, alertRule, alertSilence } from '../schema/alert.ts'

/** Columns of a rule as the core knows it. */
export const ruleColumns = {
  id: alertRule.id,
  name: alertRule.name,
  metric: alertRule.metric,
  pairName: alertRule.pairName,
  mappingName: alertRule.mappingName,
  windowMinutes: alertRule.windowMinutes,
  threshold: alertRule.threshold,
  recoverAt: alertRule.recoverAt,
  severity: alertRule.severity,
  channels: alertRule.channels,
  action: alertRule.action,
  enabled: alertRule.enabled,
}
export const channelColumns = {
  id: alertChannel.id,
  name: alertChannel.name,
  kind: alertChannel.kind,
  target: alertChannel.target,
}
const silenceColumns = {
  id: alertSilence.id,
  ruleName: alertSilence.ruleName,
  pairName: alertSilence.pairName,
  mappingName: alertSilence.mappingName,
  until: alertSilence.until,
  reason: alertSilence.reason,
  createdBy: alertSilence.createdBy,
}

export function listRules(db: Executor): Promise<AlertRule[]> {
  return db.select(ruleColumns).from(alertRule).orderBy(asc(alertRule.name))
}

export async function saveRule(
  db: Executor,
  { channels, ...rest }: Omit<AlertRule, 'id'>,
  changed: ChangedBy,
): Promise<AlertRule> {
  const values = { ...rest, channels: [...channels] }
  return db.transaction(async (tx) => {
    const [before = null] = await tx
      .select(ruleColumns)
      .from(alertRule)
      .where(eq(alertRule.name, values.name))
      .for('update')
    const rows = await tx
      .insert(alertRule)
      .values(values)
      .onConflictDoUpdate({ target: alertRule.name, set: { ...values, updatedAt: clock } })
      .returning(ruleColumns)
    const saved = present(rows[0], 'saved rule')
    if (before !== null) await tellJoined(tx, before, saved)
    await note(tx, 'alert-rule.save', `alert rule ${values.name}`, changed, { before, after: values })
    return saved
  })
}

/** Channels that come to a rule are told what it has open, unless they are owed that from an earlier time with it. */
async function tellJoined(tx: Executor, before: AlertRule, { id, channels }: AlertRule): Promise<void> {
  const hears = (names: readonly string[]) =>
    sql`(${names.length === 0} or c.name = any(${textArray(names)}))`
  await tx.execute(sql`
    insert into couplet.alert_delivery (alert_id, channel_id, event)
    select a.id, c.id, 'fired' from couplet.alert a cross join couplet.alert_channel c
    where a.rule_id = ${id} and a.told_at is not null and a.recovered_at is null
      and ${hears(channels)} and not ${hears(before.channels)}
      and not exists (select 1 from couplet.alert_delivery d where d.alert_id = a.id and d.channel_id = c.id)
    order by a.id, c.id`)
}

export async function removeRule(db: Executor, name: string, changed: ChangedBy): Promise<boolean> {
  return db.transaction(async (tx) => {
    const [before] = await tx.delete(alertRule).where(eq(alertRule.name, name)).returning(ruleColumns)
    if (before === undefined) return false
    await note(tx, 'alert-rule.remove', `alert rule ${name}`, changed, { before })
    return true
  })
}

export function listChannels(db: Executor): Promise<AlertChannel[]> {
  return db.select(channelColumns).from(alertChannel).orderBy(asc(alertChannel.name))
}

export async function saveChannel(
  db: Executor,
  values: Omit<AlertChannel, 'id'>,
  changed: ChangedBy,
): Promise<AlertChannel> {
  return db.transaction(async (tx) => {
    // Whoever tells of a rule's alerts, or changes its channels, locks the rule first. Each sees what the other has done, so that a
    // new channel hears of an alert of this very moment from one of the two, and from one only.
    await tx.execute(sql`lock table couplet.alert_rule in exclusive mode`)
    const [before = null] = await tx
      .select(channelColumns)
      .from(alertChannel)
      .where(eq(alertChannel.name, values.name))
    const rows = await tx
      .insert(alertChannel)
      .values(values)
      .onConflictDoUpdate({ target: alertChannel.name, set: values })
      .returning(channelColumns)
    const saved = present(rows[0], 'saved channel')
    if (before === null) await tellOpen(tx, saved)
    await note(tx, 'alert-channel.save', `alert channel ${values.name}`, changed, { before, after: values })
    return saved
  })
}

/** A new channel is told what is still open: the others know it already, and nobody may be told only that it is over. */
async function tellOpen(tx: Executor, { id, name }: AlertChannel): Promise<void> {
  await tx.execute(sql`
    insert into couplet.alert_delivery (alert_id, channel_id, event)
    select a.id, ${id}, 'fired' from couplet.alert a join couplet.alert_rule r on r.id = a.rule_id
    where a.told_at is not null and a.recovered_at is null and (r.channels = '{}' or ${name} = any(r.channels))
    order by a.id`)
}

export async function removeChannel(db: Executor, name: string, changed: ChangedBy): Promise<boolean> {
  return db.transaction(async (tx) => {
    const [before] = await tx
      .delete(alertChannel)
      .where(eq(alertChannel.name, name))
      .returning(channelColumns)
    if (before === undefined) return false
    await note(tx, 'alert-channel.remove', `alert channel ${name}`, changed, { before })
    return true
  })
}

export function listSilences(db: Executor): Promise<AlertSilence[]> {
  return db
    .select(silenceColumns)
    .from(alertSilence)
    .where(sql`${alertSilence.until} > ${clock}`)
    .orderBy(asc(alertSilence.id))
}

export async function addSilence(
  db: Executor,
  { minutes, ...values }: Parameters<AlertStore['addSilence']>[0],
): Promise<AlertSilence> {
  return db.transaction(async (tx) => {
    const rows = await tx
      .insert(alertSilence)
      .values({ ...values, until: clockPlus(minutes * 60_000) })
      .returning(silenceColumns)
    const added = present(rows[0], 'silence')
    const changed = { by: values.createdBy, reason: values.reason }
    await note(tx, 'alert-silence.add', `alert silence ${added.id}`, changed, { after: { ...added } })
    return added
  })
}

export async function endSilence(db: Executor, id: number, changed: ChangedBy): Promise<boolean> {
  return db.transaction(async (tx) => {
    const { rowCount } = await tx
      .update(alertSilence)
      .set({ until: sql`${clock}` })
      .where(sql`${alertSilence.id} = ${id} and ${alertSilence.until} > ${clock}`)
    if (rowCount === 0) return false
    await note(tx, 'alert-silence.end', `alert silence ${id}`, changed, {})
    return true
  })
}

function note(
  tx: Executor,
  action: string,
  subject: string,
  { by, reason }: ChangedBy,
  states: Pick<AuditEntry, 'before' | 'after'>,
): Promise<void> {
  return appendAudit(tx, { actor: by, action, subject, reason, ...states })
}
