import { type SQL, sql } from 'drizzle-orm'
import type { ToldEvent } from '../../core/webhooks/event.ts'
import { type Executor, textArray } from '../database.ts'

interface Callback {
  readonly url: string
}

/**
 * Writes an event down with a delivery for each endpoint that wants it, and for the callback: in the transaction of what it tells, so
 * that neither is there without the other. Nobody wants it: one small statement, and nothing is written. A receiver that is being
 * removed is not told: its row is locked for that, or gone, and whoever waited for it would fail at its foreign key.
 */
export async function tell(tx: Executor, event: ToldEvent, callback: Callback | null = null): Promise<void> {
  const { type, pair, mappings, data } = event
  await tx.execute(sql`
    with endpoint as materialized (
      select e.id from couplet.webhook_endpoint e where ${wants(type, pair, mappings)} for key share of e skip locked
    ), receiver as (
      select id, null as url, null as origin from endpoint
      ${callback === null ? sql`` : sql`union all select null, ${callback.url}, ${new URL(callback.url).origin}`}
    ), told as (
      insert into couplet.webhook_event (type, data)
      select ${type}, ${JSON.stringify(data)}::json where exists (select from receiver) returning id
    )
    insert into couplet.webhook_delivery (event_id, endpoint_id, callback_url, callback_origin)
    select told.id, receiver.id, receiver.url, receiver.origin from told, receiver`)
}

/** Condition on endpoint `e`: it is on, and limited to nothing else. */
function wants(type: string, pair: string | null, mappings: readonly string[]): SQL {
  return sql`e.enabled and ${type}::text = any(e.events) and (e.pair_name is null or e.pair_name = ${pair}::text)
    and (e.mapping_names = '{}' or e.mapping_names && ${textArray(mappings)})`
}
