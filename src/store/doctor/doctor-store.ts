import { sql } from 'drizzle-orm'
import type { DoctorStore, LateWork, ServerFacts } from '../../core/ports/doctor-store.ts'
import { present } from '../../lib/assert.ts'
import type { Executor } from '../database.ts'
import { toInstant } from '../instant.ts'

export function createDoctorStore(db: Executor): DoctorStore {
  return { describeServer: () => describeServer(db), findLateWork: () => findLateWork(db) }
}

interface ServerRow extends Record<string, unknown> {
  readonly version: string
  readonly major: number
  readonly standby: boolean
  readonly now: string
  readonly bytes: string
  readonly used: number
  readonly most: number
  readonly oldest: number
  readonly fsync: string
  readonly pages: string
}

async function describeServer(db: Executor): Promise<ServerFacts> {
  const { rows } = await db.execute<ServerRow>(sql`
    select current_setting('server_version') as version, current_setting('server_version_num')::int / 10000 as major,
      pg_is_in_recovery() as standby, clock_timestamp()::text as now, pg_database_size(current_database())::text as bytes,
      (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used,
      current_setting('max_connections')::int as most,
      (select coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0)::float8 from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()) as oldest,
      current_setting('fsync') as fsync, current_setting('full_page_writes') as pages`)
  const row = present(rows[0], 'server')
  return {
    version: row.version,
    major: row.major,
    isStandby: row.standby,
    now: toInstant(row.now),
    databaseBytes: Number(row.bytes),
    connections: { used: row.used, most: row.most },
    oldestTransactionSeconds: row.oldest,
    keepsCommits: row.fsync === 'on' && row.pages === 'on',
  }
}

interface LateRow extends Record<string, unknown> {
  readonly requests: number
  readonly attempts: number
  readonly intents: number
  readonly stray: boolean
}

async function findLateWork(db: Executor): Promise<LateWork> {
  const long = sql`clock_timestamp() - interval '1 hour'`
  const { rows } = await db.execute<LateRow>(sql`
    select (select count(*)::int from couplet.inbox where requested_at < ${long}) as requests,
      (select count(*)::int from couplet.issue i where i.next_attempt_at < ${long}
        and not exists (select from couplet.pause) and not exists (select from couplet.breaker b where b.state ->> 'state' <> 'closed')) as attempts,
      (select count(*)::int from couplet.page_intent where deadline_at < ${long}) as intents,
      exists (select from couplet.outcome_default) as stray`)
  const { requests, attempts, intents, stray } = present(rows[0], 'late work')
  return { requests, attempts, intents, strayOutcomes: stray }
}
