import { sql } from 'drizzle-orm'
import { clock } from '../database.ts'

/** Part of an UPDATE of deliveries `d`: they are owed from now on, and their attempts are counted from now on. */
export const oweAnew = sql`state = 'due', tries = 0, due_since = ${clock}, next_attempt_at = ${clock}, ended_at = null`

/** Condition on delivery `d`, which is due: somebody sends it right now, so that it would be sent twice. */
export const isUnderWay = sql`d.attempts > 0 and d.next_attempt_at > ${clock} and not exists (
  select from couplet.webhook_attempt a where a.delivery_id = d.id and a.attempt = d.attempts)`
