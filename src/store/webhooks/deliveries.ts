import { sql } from 'drizzle-orm'
import type { ChangedBy } from '../../core/ports/alert-store.ts'
import type { ListedAttempt, ListedDelivery, WebhookStore } from '../../core/ports/webhook-store.ts'
import type { Executor } from '../database.ts'
import { toInstant } from '../instant.ts'
import { Detail } from '../json.ts'
import { note } from './endpoints.ts'
import { isUnderWay, oweAnew } from './owe-anew.ts'

type Row = Record<string, unknown> &
  Omit<ListedDelivery, 'id'> & { readonly id: string; readonly data: unknown }

const select = sql`
  select d.id, d.event_id as "eventId", v.type, v.at, v.data, e.name as webhook, d.callback_origin as "callbackOrigin",
    d.state, d.attempts, a.status as "lastStatus", a.code as "lastCode",
    case when d.state = 'due' then d.next_attempt_at end as "nextAttemptAt", d.ended_at as "endedAt"
  from couplet.webhook_delivery d
  join couplet.webhook_event v on v.id = d.event_id
  left join couplet.webhook_endpoint e on e.id = d.endpoint_id
  left join lateral (select status, code from couplet.webhook_attempt a where a.delivery_id = d.id
    order by a.attempt desc limit 1) a on true`

export async function listDeliveries(
  db: Executor,
  { webhook, state, type, limit, before }: Parameters<WebhookStore['listDeliveries']>[0],
): Promise<ListedDelivery[]> {
  const { rows } = await db.execute<Row>(sql`
    ${select}
    where (${before}::bigint is null or d.id < ${before}) and (${webhook ?? null}::text is null or e.name = ${webhook ?? null})
      and (${state ?? null}::text is null or d.state = ${state ?? null}) and (${type ?? null}::text is null or v.type = ${type ?? null})
    order by d.id desc limit ${limit}`)
  return rows.map(toDelivery)
}

export async function findDelivery(db: Executor, id: number): ReturnType<WebhookStore['findDelivery']> {
  const { rows } = await db.execute<Row>(sql`${select} where d.id = ${id}`)
  const [row] = rows
  if (row === undefined) return null
  const delivery = toDelivery(row)
  const { rows: attempts } = await db.execute<Record<string, unknown> & ListedAttempt>(sql`
    select attempt, at, status, code, ms from couplet.webhook_attempt where delivery_id = ${id} order by attempt`)
  const event = { id: row.eventId, type: row.type, at: delivery.at, data: Detail.parse(row.data) }
  return { delivery, event, attempts: attempts.map((each) => ({ ...each, at: toInstant(each.at) })) }
}

export async function replay(
  db: Executor,
  what: Parameters<WebhookStore['replay']>[0],
  changed: ChangedBy,
): Promise<number> {
  const which =
    'deliveryId' in what
      ? sql`d.id = ${what.deliveryId} and not (d.state = 'due' and ${isUnderWay})`
      : sql`d.state = 'failed' and d.endpoint_id = (select id from couplet.webhook_endpoint where name = ${what.webhook})
          and (${what.since}::timestamptz is null or d.ended_at >= ${what.since}::timestamptz)
          and not exists (select from couplet.webhook_event v where v.id = d.event_id and v.type = 'webhook.test')`
  return db.transaction(async (tx) => {
    const { rowCount } = await tx.execute(
      sql`update couplet.webhook_delivery d set ${oweAnew} where ${which}`,
    )
    const subject = 'deliveryId' in what ? `delivery ${what.deliveryId}` : what.webhook
    if (rowCount) await note(tx, 'webhook.replay', subject, changed, { detail: { deliveries: rowCount } })
    return rowCount ?? 0
  })
}

function toDelivery({ id, at, nextAttemptAt, endedAt, data: _, ...row }: Row): ListedDelivery {
  return {
    ...row,
    id: Number(id),
    at: toInstant(at),
    nextAttemptAt: nextAttemptAt === null ? null : toInstant(nextAttemptAt),
    endedAt: endedAt === null ? null : toInstant(endedAt),
  }
}
