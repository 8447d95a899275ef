import { asc, eq, sql } from 'drizzle-orm'
import type { AuditEntry } from '../../core/access/audit-entry.ts'
import type { ChangedBy } from '../../core/ports/alert-store.ts'
import type { WebhookEndpoint, WebhookStore } from '../../core/ports/webhook-store.ts'
import { present } from '../../lib/assert.ts'
import { clock, clockPlus, type Executor } from '../database.ts'
import { appendAudit } from '../operations/audit.ts'
import { webhookEndpoint } from '../schema/webhook.ts'
import { isUnderWay, oweAnew } from './owe-anew.ts'

const REMOVED_AT_ONCE = 5_000

const columns = {
  id: webhookEndpoint.id,
  name: webhookEndpoint.name,
  url: webhookEndpoint.url,
  events: webhookEndpoint.events,
  pairName: webhookEndpoint.pairName,
  mappingNames: webhookEndpoint.mappingNames,
  enabled: webhookEndpoint.enabled,
  disabledReason: webhookEndpoint.disabledReason,
  hasSecret: sql<boolean>`${webhookEndpoint.secret} is not null`,
  failingSince: webhookEndpoint.failingSince,
  createdAt: webhookEndpoint.createdAt,
}

export function list(db: Executor): Promise<WebhookEndpoint[]> {
  return db.select(columns).from(webhookEndpoint).orderBy(asc(webhookEndpoint.name))
}

export async function find(db: Executor, name: string): Promise<WebhookEndpoint | null> {
  const [found = null] = await db.select(columns).from(webhookEndpoint).where(eq(webhookEndpoint.name, name))
  return found
}

/** What was said of another address says nothing of this one. */
const sinceForUrl = sql`case when webhook_endpoint.url = excluded.url then webhook_endpoint.failing_since end`

export async function save(
  db: Executor,
  { name, url, events, pairName, mappingNames }: Parameters<WebhookStore['save']>[0],
  sealed: string,
  changed: ChangedBy,
): ReturnType<WebhookStore['save']> {
  const values = { url, pairName, events: [...events], mappingNames: [...mappingNames] }
  return db.transaction(async (tx) => {
    const before = await find(tx, name)
    const rows = await tx
      .insert(webhookEndpoint)
      .values({ name, secret: sealed, ...values })
      .onConflictDoUpdate({
        target: webhookEndpoint.name,
        set: { ...values, failingSince: sinceForUrl, updatedAt: clock },
      })
      .returning({ ...columns, created: sql<boolean>`xmax = 0` })
    const { created, ...endpoint } = present(rows[0], 'saved webhook')
    await note(tx, 'webhook.save', name, changed, {
      before: before === null ? null : shown(before),
      after: shown(endpoint),
    })
    return { endpoint, created }
  })
}

export async function setEnabled(
  db: Executor,
  name: string,
  enabled: boolean,
  changed: ChangedBy,
): Promise<WebhookEndpoint | null> {
  return db.transaction(async (tx) => {
    const state = enabled
      ? { enabled, disabledReason: null, failingSince: null }
      : { enabled, disabledReason: changed.reason ?? `By ${changed.by}`, failingSince: null }
    const [endpoint] = await tx
      .update(webhookEndpoint)
      .set({ ...state, updatedAt: clock })
      .where(eq(webhookEndpoint.name, name))
      .returning(columns)
    if (endpoint === undefined) return null
    if (enabled) await oweAll(tx, endpoint.id)
    await note(tx, enabled ? 'webhook.enable' : 'webhook.disable', name, changed, {})
    return endpoint
  })
}

/** What has waited is sent now, and has all its days from now on. */
async function oweAll(tx: Executor, id: number): Promise<void> {
  await tx.execute(sql`
    update couplet.webhook_delivery d set ${oweAnew}
    where d.endpoint_id = ${id} and d.state = 'due' and not (${isUnderWay})`)
}

/**
 * What may be much goes first, a part at a time, from an endpoint that is told nothing more: its row is locked only for a moment at
 * the end. Who dies in between leaves it off, and it is removed by asking again.
 */
export async function remove(db: Executor, name: string, changed: ChangedBy): Promise<boolean> {
  const [off] = await db
    .update(webhookEndpoint)
    .set({ enabled: false, disabledReason: `Being removed by ${changed.by}`, updatedAt: clock })
    .where(eq(webhookEndpoint.name, name))
    .returning(columns)
  if (off === undefined) return false
  while ((await removeDeliveries(db, off.id)) > 0);
  return db.transaction(async (tx) => {
    const [before] = await tx.delete(webhookEndpoint).where(eq(webhookEndpoint.id, off.id)).returning(columns)
    if (before === undefined) return false
    await note(tx, 'webhook.remove', name, changed, { before: shown(before) })
    return true
  })
}

async function removeDeliveries(db: Executor, id: number): Promise<number> {
  const { rowCount } = await db.execute(sql`
    delete from couplet.webhook_delivery where id in (
      select id from couplet.webhook_delivery where endpoint_id = ${id} order by id limit ${REMOVED_AT_ONCE})`)
  return rowCount ?? 0
}

export async function rotate(
  db: Executor,
  name: string,
  sealed: string,
  previousMs: number,
  changed: ChangedBy,
): Promise<WebhookEndpoint | null> {
  return db.transaction(async (tx) => {
    const keepsOld = previousMs > 0
    const [endpoint] = await tx
      .update(webhookEndpoint)
      .set({
        secret: sealed,
        previousSecret: keepsOld ? sql`${webhookEndpoint.secret}` : null,
        previousUntil: keepsOld ? clockPlus(previousMs) : null,
        updatedAt: clock,
      })
      .where(eq(webhookEndpoint.name, name))
      .returning(columns)
    if (endpoint === undefined) return null
    await note(tx, 'webhook.rotate', name, changed, {})
    return endpoint
  })
}

export async function listSecrets(db: Executor): ReturnType<WebhookStore['listSecrets']> {
  const { id, name } = webhookEndpoint
  return db
    .select({ id, name, secret: webhookEndpoint.secret, previous: webhookEndpoint.previousSecret })
    .from(webhookEndpoint)
    .orderBy(asc(name))
}

export async function replaceSecrets(
  db: Executor,
  ...[before, after, changed]: Parameters<WebhookStore['replaceSecrets']>
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const { rowCount } = await tx
      .update(webhookEndpoint)
      .set({ secret: after.secret, previousSecret: after.previous, updatedAt: clock })
      .where(
        sql`${webhookEndpoint.id} = ${before.id} and ${webhookEndpoint.secret} is not distinct from ${before.secret}
          and ${webhookEndpoint.previousSecret} is not distinct from ${before.previous}`,
      )
    if (rowCount !== 1) return false
    await note(tx, 'secrets.rotate', before.name, changed, {})
    return true
  })
}

/** What the audit log shows: the path of an address may be a secret. */
function shown({ url, events, pairName, mappingNames }: WebhookEndpoint) {
  return { origin: new URL(url).origin, events, pairName, mappingNames }
}

export function note(
  tx: Executor,
  action: string,
  name: string,
  { by, reason }: ChangedBy,
  states: Pick<AuditEntry, 'before' | 'after' | 'detail'>,
): Promise<void> {
  return appendAudit(tx, { actor: by, action, subject: `webhook ${name}`, reason, ...states })
}
