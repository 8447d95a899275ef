import { sql } from 'drizzle-orm'
import type {
  IssueTotal,
  MappingAge,
  ObservationStore,
  OutcomeTotal,
  UnfinishedRuns,
} from '../../core/ports/observation-store.ts'
import { clockOncePlus, type Executor } from '../database.ts'

export function createObservationStore(db: Executor): ObservationStore {
  return {
    listMappingAges: () => listMappingAges(db),
    listOutcomeTotals: () => listOutcomeTotals(db),
    listIssueTotals: () => listIssueTotals(db),
    listUnfinishedRuns: () => listUnfinishedRuns(db),
    countRecentFailures: (minutes) => countRecentFailures(db, minutes),
    countRecentlyFailedRuns: (minutes) => countRecentlyFailedRuns(db, minutes),
  }
}

type Row<T> = Record<string, unknown> & T

const isPreview = sql`coalesce((r.options ->> 'dryRun')::boolean, false)`

/** The newest jobs of a mapping that have succeeded come first in an index, so that mostly one row is looked at. */
async function listMappingAges(db: Executor): Promise<MappingAge[]> {
  const { rows } = await db.execute<Row<{ [name in keyof MappingAge]: MappingAge[name] }>>(sql`
    select p.name as pair, m.name as mapping, d.direction,
      extract(epoch from clock_timestamp() - greatest(last.started_at, asleep.looked_at, m.created_at))::float8 as "ageSeconds",
      exists (select from couplet.schedule s where s.pair_id = m.pair_id and s.enabled and s.paused_at is null
        and (s.expires_at is null or s.expires_at > clock_timestamp())
        and (s.mapping_name is null or s.mapping_name = m.name)) as "isScheduled"
    from couplet.table_mapping m
    join couplet.pair p on p.id = m.pair_id
    join couplet.mapping_version v on v.mapping_id = m.id and v.version = m.version
    join (values ('to', 'FromIntegrationTable'), ('from', 'ToIntegrationTable')) as d(direction, other)
      on v.head ->> 'direction' is distinct from d.other
    left join lateral (
      select j.started_at from couplet.job j
      join couplet.line l on l.id = j.line_id
      join couplet.run r on r.id = j.run_id
      where j.mapping_id = m.id and j.direction = d.direction and j.type = 'synchronization'
        and j.state in ('succeeded', 'succeeded-with-failures') and l.selection in ('all', 'changes') and not ${isPreview}
      order by j.id desc limit 1) as last on true
    left join lateral (
      select max(s.settled_until) as looked_at from couplet.schedule s
      where s.pair_id = m.pair_id and s.enabled and s.last_decision = 'idle'
        and (s.mapping_name is null or s.mapping_name = m.name)) as asleep on true
    where (v.head ->> 'enabled')::boolean is distinct from false
    order by p.name, m.position, m.name, d.direction desc`)
  return rows
}

async function listOutcomeTotals(db: Executor): Promise<OutcomeTotal[]> {
  const { rows } = await db.execute<Row<Omit<OutcomeTotal, 'records'> & { records: string }>>(sql`
    select p.name as pair, m.name as mapping, t.direction, t.kind, t.code, t.records
    from couplet.outcome_total t
    join couplet.table_mapping m on m.id = t.mapping_id
    join couplet.pair p on p.id = m.pair_id
    order by p.name, m.name, t.direction, t.kind, t.code`)
  return rows.map((row) => ({ ...row, records: Number(row.records) }))
}

async function listIssueTotals(db: Executor): Promise<IssueTotal[]> {
  const { rows } = await db.execute<
    Row<Pick<IssueTotal, 'pair' | 'mapping' | 'kind'> & { records: string; held: string }>
  >(sql`
    select p.name as pair, m.name as mapping, i.kind, count(*) as records,
      count(*) filter (where i.code in ('DELETION_HELD', 'ACCESS_CHANGED')) as held
    from couplet.issue i
    join couplet.table_mapping m on m.id = i.mapping_id
    join couplet.pair p on p.id = m.pair_id
    group by p.name, m.name, i.kind
    order by p.name, m.name, i.kind`)
  return rows.map((row) => ({ ...row, records: Number(row.records), held: Number(row.held) }))
}

async function listUnfinishedRuns(db: Executor): Promise<UnfinishedRuns[]> {
  const { rows } = await db.execute<Row<UnfinishedRuns>>(sql`
    select p.name as pair, r.state = 'running' as "isStarted", count(*)::int as runs,
      extract(epoch from clock_timestamp() - min(r.created_at))::float8 as "oldestSeconds"
    from couplet.run r join couplet.pair p on p.id = r.pair_id
    where r.state in ('queued', 'running') group by p.name, r.state order by p.name, r.state`)
  return rows
}

async function countRecentFailures(db: Executor, minutes: number) {
  const { rows } = await db.execute<Row<{ pair: string; mapping: string; records: string }>>(sql`
    select p.name as pair, m.name as mapping, sum(j.failed) as records
    from couplet.job j
    join couplet.run r on r.id = j.run_id
    join couplet.table_mapping m on m.id = j.mapping_id
    join couplet.pair p on p.id = j.pair_id
    where j.finished_at > ${clockOncePlus(-minutes * 60_000)} and j.failed > 0 and not ${isPreview}
    group by p.name, m.name order by p.name, m.name`)
  return rows.map((row) => ({ ...row, records: Number(row.records) }))
}

async function countRecentlyFailedRuns(db: Executor, minutes: number) {
  const { rows } = await db.execute<Row<{ pair: string; runs: string }>>(sql`
    select p.name as pair, count(*) as runs
    from couplet.run r join couplet.pair p on p.id = r.pair_id
    where r.state = 'failed' and r.finished_at > ${clockOncePlus(-minutes * 60_000)} and not ${isPreview}
    group by p.name order by p.name`)
  return rows.map(({ pair, runs }) => ({ pair, runs: Number(runs) }))
}
