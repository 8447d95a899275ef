import { present } from '../../lib/assert.ts'
import type { Column } from './columns.ts'
import type { Query } from './rows.ts'
import type { TableShape } from './shape.ts'

/** What is known of other transactions at one moment. Times are canonical texts in the type of the modified column. */
export interface Horizon {
  /** Whatever is not visible yet, or begins later, carries this time or a later one. */
  readonly ceiling: string
  /** The latest time in the table, or null when it holds none. */
  readonly top: string | null
}

/** How far before the safe time changes are read again; further where open transactions cannot be known for sure. */
export interface Overlap {
  readonly exactMs: number
  readonly blindMs: number
}

/**
 * The race: a transaction begins at 10:00 and stamps its rows 10:00; at 10:05 somebody reads everything up to 10:05 and
 * remembers 10:05; at 10:06 the transaction commits, and its rows are never looked at. The rule: remember no time later than
 * the begin of the oldest open transaction, looked up before the page is read. Every open transaction counts, also one
 * that has written nothing yet, because it would still stamp its rows with the time it began. What a transaction that is
 * just beginning has not shown yet is covered by the overlap.
 */
const oldestSql = `
  SELECT least(statement_timestamp(), min(xact_start)) AS begun
  FROM pg_stat_activity
  WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()
    AND backend_type NOT IN ('autovacuum worker', 'walsender')`

/** When the begin of other transactions is hidden: other users' work, prepared transactions, a standby's primary. */
export const blindReasonsSql = `
  SELECT NOT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS no_privilege,
         EXISTS (SELECT FROM pg_prepared_xacts WHERE database = current_database()) AS prepared,
         pg_is_in_recovery() AS standby`

/** A standby shows what it has replayed, which may be long ago: what the primary has committed since is not visible yet. */
const replayedSql = `CASE WHEN standby THEN pg_last_xact_replay_timestamp() END`

const preparedSql = `SELECT min(prepared) FROM pg_prepared_xacts WHERE database = current_database()`

/**
 * A timestamp without zone is in UTC, or in the zone the server is set to, by summer or winter time: nobody says
 * which. The earliest of them can only cause that records are read again.
 */
const earliestOffsetSql = `
  (SELECT least(interval '0', min((moment AT TIME ZONE setting.reset_val) - (moment AT TIME ZONE 'UTC')))
   FROM pg_settings setting,
        unnest(ARRAY[date_trunc('year', now()), date_trunc('year', now()) + interval '6 months']) AS moment
   WHERE setting.name = 'TimeZone')`

export async function readHorizon(
  shape: TableShape,
  modified: Column,
  query: Query,
  overlap: Overlap,
): Promise<Horizon> {
  const sql = `
    WITH oldest AS (${oldestSql}), blind AS (${blindReasonsSql}), latest AS (
      SELECT CASE WHEN no_privilege OR prepared OR standby
        THEN least(begun, (${preparedSql}), ${replayedSql}) - $2::int8 * interval '1 ms'
        ELSE begun - $1::int8 * interval '1 ms' END AS ceiling
      FROM oldest, blind)
    SELECT ${inTypeOf(modified)}::text, (SELECT max(${modified.sql})::text FROM ${shape.sql} AS t) FROM latest`
  const [row] = await query(sql, [overlap.exactMs, overlap.blindMs])
  const [ceiling, top] = present(row, 'horizon')
  return {
    ceiling: canonicalTime(modified, present(ceiling, 'ceiling')),
    top: top === null || top === undefined ? null : canonicalTime(modified, top),
  }
}

function inTypeOf(modified: Column): string {
  const { kind } = modified.field.type
  if (kind === 'instant') return 'ceiling'
  const moment = `((ceiling AT TIME ZONE 'UTC') + ${earliestOffsetSql})`
  return kind === 'date' ? `${moment}::date` : moment
}

/** The text of a time as it is compared and stored: all digits, so that it orders like the time itself. */
export function canonicalTime(modified: Column, raw: string): string {
  const value = modified.codec.decode(raw)
  return value.slice(value.indexOf(':') + 1)
}

/** Order of canonical times, `infinity` and years before Christ or beyond 9999 included. */
export function compareTimes(a: string, b: string): number {
  const [yearA, restA] = splitYear(a)
  const [yearB, restB] = splitYear(b)
  if (yearA !== yearB) return yearA < yearB ? -1 : 1
  return restA === restB ? 0 : restA < restB ? -1 : 1
}

function splitYear(time: string): readonly [number, string] {
  if (time === 'infinity') return [Number.POSITIVE_INFINITY, '']
  if (time === '-infinity') return [Number.NEGATIVE_INFINITY, '']
  const dash = time.indexOf('-')
  const year = Number(time.slice(0, dash))
  return [time.endsWith(' BC') ? -year : year, time.slice(dash)]
}

export function earlierTime(a: string, b: string): string {
  return compareTimes(a, b) <= 0 ? a : b
}
