import { type SQL, sql } from 'drizzle-orm'
import type { DueMessage, WebhookStore } from '../../core/ports/webhook-store.ts'
import { present } from '../../lib/assert.ts'
import { clock, clockOnce, clockPlus, type Executor, idArray, textArray } from '../database.ts'
import { toInstant } from '../instant.ts'
import { Detail } from '../json.ts'

interface Row extends Record<string, unknown> {
  readonly id: string
  readonly event_id: string
  readonly type: DueMessage['event']['type']
  readonly at: string
  readonly data: unknown
  readonly attempts: number
  readonly tries: number
  readonly owed_ms: number
  readonly failing_ms: number | null
  readonly endpoint_id: string | null
  readonly name: string | null
  readonly url: string
  readonly secret: string | null
  readonly previous: string | null
}

/** Each receiver has its own list and its own limit: one that has a thousand messages waiting keeps no other from its first. */
export async function takeDue(
  db: Executor,
  { each, holdMs, busy }: Parameters<WebhookStore['takeDue']>[0],
): Promise<DueMessage[]> {
  return take(
    db,
    holdMs,
    sql`
    of_endpoint as (
      select d.id from couplet.webhook_endpoint e cross join lateral (
        select w.id from couplet.webhook_delivery w
        where w.endpoint_id = e.id and w.state = 'due' and w.next_attempt_at <= ${clockOnce}
        order by w.next_attempt_at, w.id limit ${each} for update skip locked) d
      where e.enabled and e.id <> all(${idArray(busy.endpoints)})
    ), of_callback as (
      select w.id from couplet.webhook_delivery w
      where w.endpoint_id is null and w.state = 'due' and w.next_attempt_at <= ${clockOnce}
        and w.callback_origin <> all(${textArray(busy.origins)})
      order by w.next_attempt_at, w.id limit ${each} for update skip locked
    ), free as (select id from of_endpoint union all select id from of_callback)`,
  )
}

export async function takeTest(
  db: Executor,
  { id, name }: Parameters<WebhookStore['takeTest']>[0],
  holdMs: number,
): Promise<DueMessage> {
  const made = sql`
    told as (
      insert into couplet.webhook_event (type, data)
      values ('webhook.test', ${JSON.stringify({ webhook: name })}::json) returning id
    )`
  const { rows } = await db.execute<{ id: string }>(sql`
    with ${made}
    insert into couplet.webhook_delivery (event_id, endpoint_id, next_attempt_at)
    select told.id, ${id}, ${clockPlus(holdMs)} from told returning id`)
  const deliveryId = Number(present(rows[0], 'test').id)
  const taken = await take(db, holdMs, sql`free as (select ${deliveryId}::bigint as id)`)
  return present(taken[0], 'test that was taken')
}

/** Takes the deliveries that `free` names, a part of a WITH clause. */
async function take(db: Executor, holdMs: number, free: SQL): Promise<DueMessage[]> {
  const { rows } = await db.execute<Row>(sql`
    with ${free},
    taken as (
      update couplet.webhook_delivery d
      set attempts = d.attempts + 1, tries = d.tries + 1, next_attempt_at = ${clockPlus(holdMs)}
      where d.id in (select id from free) returning d.*
    )
    select t.id, t.event_id, v.type, v.at, v.data, t.attempts, t.tries,
      extract(epoch from ${clock} - t.due_since)::float8 * 1000 as owed_ms,
      extract(epoch from ${clock} - e.failing_since)::float8 * 1000 as failing_ms,
      t.endpoint_id, e.name, coalesce(e.url, t.callback_url) as url, e.secret,
      case when e.previous_until > ${clock} then e.previous_secret end as previous
    from taken t
    join couplet.webhook_event v on v.id = t.event_id
    left join couplet.webhook_endpoint e on e.id = t.endpoint_id
    order by t.id`)
  return rows.map(toMessage)
}

function toMessage({ id, event_id, type, at, data, url, name, secret, previous, ...row }: Row): DueMessage {
  return {
    id: Number(id),
    event: { id: event_id, type, at: toInstant(at), data: Detail.parse(data) },
    target:
      row.endpoint_id === null
        ? { kind: 'callback', url }
        : { kind: 'endpoint', id: Number(row.endpoint_id), name: name ?? '', url, secret, previous },
    attempt: row.attempts,
    tries: row.tries,
    owedMs: row.owed_ms,
    failingMs: row.failing_ms,
  }
}
