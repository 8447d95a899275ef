import { sql } from 'drizzle-orm'
import type { Executor } from '../database.ts'

/** Months for which a partition is made ahead: the present one and this many more. */
const MONTHS_AHEAD = 2
const LOCK_SPACE = 0x436f7571
const LOCK_WAIT = '5s'

interface Month extends Record<string, unknown> {
  readonly name: string
  readonly starts: string
  readonly ends: string
}

/**
 * Makes the monthly partitions of the ledger that are missing and drops those that ended `keepDays` ago or earlier;
 * rows that found no partition in time are moved out of the default one. One process at a time. Gives about how many rows
 * went: those of a partition that is dropped are not counted one by one.
 */
export async function maintainPartitions(db: Executor, keepDays: number): Promise<number> {
  await alone(db, async (tx) => {
    const missing = await missingMonths(tx)
    if (missing.length > 0) await keepWritersOut(tx)
    for (const month of missing) await createPartition(tx, month)
  })
  const dropped = await alone(db, async (tx) => {
    const outdated = await outdatedPartitions(tx, keepDays)
    for (const { name } of outdated) await tx.execute(sql.raw(`drop table couplet.${name}`))
    return outdated.reduce((sum, { rows }) => sum + Number(rows), 0)
  })
  return dropped + (await alone(db, (tx) => pruneDefault(tx, keepDays)))
}

/**
 * While these locks are waited for, every page waits behind them, and a dump of the database holds them off for hours: better
 * to give up soon, and to come back with the next round. Months are made long before they begin.
 */
async function alone<T>(db: Executor, work: (tx: Executor) => Promise<T>): Promise<T> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select set_config('lock_timeout', ${LOCK_WAIT}, true)`)
    await tx.execute(sql`select pg_advisory_xact_lock(${LOCK_SPACE}::int, 0)`)
    return work(tx)
  })
}

/**
 * The race: a page writes its outcomes while a partition is attached. Either its row, committed meanwhile, lies in the
 * default partition and forbids the new one; or the page, which has chosen the default partition already, is refused
 * when the new one is there. So pages under way end first, and later ones wait and then see the new partition.
 */
async function keepWritersOut(tx: Executor): Promise<void> {
  await tx.execute(sql`lock table couplet.outcome in exclusive mode`)
}

async function missingMonths(tx: Executor): Promise<Month[]> {
  const { rows } = await tx.execute<Month>(sql`
    select to_char(month, '"outcome_"YYYY"_"MM') as name, to_char(month, 'YYYY-MM-DD"T00:00Z"') as starts,
      to_char(month + interval '1 month', 'YYYY-MM-DD"T00:00Z"') as ends
    from generate_series(date_trunc('month', now() at time zone 'UTC'),
      date_trunc('month', now() at time zone 'UTC') + ${MONTHS_AHEAD} * interval '1 month', interval '1 month') as month
    where to_regclass(to_char(month, '"couplet.outcome_"YYYY"_"MM')) is null`)
  return rows
}

/** Filled before it is attached: attaching checks that the default partition holds no row of the month. */
async function createPartition(tx: Executor, { name, starts, ends }: Month): Promise<void> {
  const table = sql.raw(`couplet.${name}`)
  const [from, to] = [sql.raw(`'${starts}'`), sql.raw(`'${ends}'`)]
  await tx.execute(sql`create table ${table} (like couplet.outcome including defaults including constraints)`)
  await allowDeleting(tx)
  await tx.execute(sql`
    with moved as (delete from couplet.outcome_default where at >= ${from} and at < ${to} returning *)
    insert into ${table} select * from moved`)
  await tx.execute(
    sql`alter table couplet.outcome attach partition ${table} for values from (${from}) to (${to})`,
  )
}

interface Outdated extends Record<string, unknown> {
  readonly name: string
  /** As the statistics say. */
  readonly rows: string
}

async function outdatedPartitions(tx: Executor, keepDays: number): Promise<Outdated[]> {
  const { rows } = await tx.execute<Outdated>(sql`
    select c.relname as name, greatest(c.reltuples, 0)::bigint as rows from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'couplet.outcome'::regclass and c.relname ~ '^outcome_\\d{4}_\\d{2}$'
      and (to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month') at time zone 'UTC'
        <= now() - ${keepDays} * interval '1 day'`)
  return rows
}

async function pruneDefault(tx: Executor, keepDays: number): Promise<number> {
  await allowDeleting(tx)
  const { rowCount } = await tx.execute(sql`
    delete from couplet.outcome_default where at <= now() - ${keepDays} * interval '1 day'`)
  return rowCount ?? 0
}

/** Tells the append-only trigger, for the rest of this transaction, that this is retention. */
async function allowDeleting(tx: Executor): Promise<void> {
  await tx.execute(sql`select set_config('couplet.retention', 'on', true)`)
}
