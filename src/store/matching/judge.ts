import { type SQL, sql } from 'drizzle-orm'
import { destinationSide, type Side, sourceSide } from '../../core/mapping/definition.ts'
import type { Fence } from '../../core/ports/lease-store.ts'
import type { MatchStore } from '../../core/ports/match-store.ts'
import type { Executor } from '../database.ts'
import { assertFence } from '../leases/fence.ts'
import { saveProgress } from '../sync/commit/counters.ts'

type Judgement = Parameters<MatchStore['judgeMatches']>[1]

/** More candidates than this are as ambiguous as two. */
const CANDIDATE_LIMIT = 5

/**
 * The fence is asked for at the end: it locks the lease until the commit, and the judging of a large table takes longer
 * than a renewal may wait. Nothing is kept when it does not hold.
 */
export async function judgeMatches(db: Executor, fence: Fence, judgement: Judgement): Promise<void> {
  const { jobId, checkpoint } = judgement
  await db.execute(sql`analyze couplet.match_key`)
  await db.transaction(async (tx) => {
    // Nobody knows beforehand how many records are open; a plan that takes them for a few compares each with each.
    await tx.execute(sql`set local enable_nestloop = off`)
    await tx.execute(sql`delete from couplet.match_finding where job_id = ${jobId}`)
    await tx.execute(findingsStatement(judgement))
    const coupled = await countCoupled(tx, judgement)
    await tx.execute(sql`delete from couplet.match_key where job_id = ${jobId}`)
    await assertFence(tx, fence)
    const counted = { read: coupled, unchanged: coupled }
    await saveProgress(tx, new Map([[jobId, counted]]), { jobId, value: checkpoint })
  })
}

async function countCoupled(tx: Executor, { mappingId, jobId, direction }: Judgement): Promise<number> {
  const source = columns(sourceSide[direction], mappingId)
  const { rows } = await tx.execute<{ count: string }>(sql`
    select count(*) from couplet.match_key k
    join couplet.coupling c on c.${source.key} = k.record_key and c.${source.group} = ${source.ownGroup}
      and c.mapping_id = ${mappingId}
    where k.job_id = ${jobId} and k.side = ${sourceSide[direction]} and k.position = -1`)
  return Number(rows[0]?.count ?? 0)
}

/** `ownGroup`: the exclusivity group of the mapping on that side. */
function columns(side: Side, mappingId: number): Readonly<Record<'key' | 'group' | 'ownGroup', SQL>> {
  const group = sql.raw(`${side}_group`)
  const ownGroup = sql`(select m.${group} from couplet.table_mapping m where m.id = ${mappingId})`
  return { key: sql.raw(`${side}_key`), group, ownGroup }
}

/**
 * Records with equal match keys of one group form a bucket, so that no pair is ever formed but the unique ones: a
 * bucket with one record on each side. The rule is that of `core/coupling/judge-match.ts`: groups are independent, the
 * first unique one counts, else the first that has found anything. A candidate that two records claim by different
 * groups belongs to none of them (domain.md §12.3, §18.8).
 */
function findingsStatement({ mappingId, jobId, direction }: Judgement): SQL {
  const [from, to] = [sourceSide[direction], destinationSide[direction]]
  const [source, destination] = [columns(from, mappingId), columns(to, mappingId)]
  const candidate = sql.raw('b.candidates[1]')
  return sql`
    with open as materialized (
      select k.record_key, o.name as taken_by
      from couplet.match_key k
      left join couplet.coupling c on c.${source.key} = k.record_key and c.${source.group} = ${source.ownGroup}
      left join couplet.table_mapping o on o.id = c.mapping_id
      where k.job_id = ${jobId} and k.side = ${from} and k.position = -1
        and c.mapping_id is distinct from ${mappingId}
    ), buckets as materialized (
      select position, match_key, count(*) filter (where side = ${from}) as rivals,
        count(*) filter (where side = ${to}) as candidate_count,
        (array_agg(record_key order by record_key) filter (where side = ${to}))[1:${sql.raw(String(CANDIDATE_LIMIT))}] as candidates
      from couplet.match_key where job_id = ${jobId} and position >= 0
      group by position, match_key
    ), hits as (
      select k.record_key, b.*, o.name as taken_by,
        case when b.candidate_count > 1 then 'ambiguous'
          when u.id is not null then 'uncoupled-before'
          when b.rivals > 1 then 'ambiguous'
          when c.id is not null then 'already-coupled' else 'unique' end as verdict
      from couplet.match_key k
      join open on open.record_key = k.record_key and open.taken_by is null
      join buckets b on b.position = k.position and b.match_key = k.match_key and b.candidate_count > 0
      left join couplet.coupling c on c.${destination.key} = ${candidate}
        and c.${destination.group} = ${destination.ownGroup} and b.candidate_count = 1
      left join couplet.table_mapping o on o.id = c.mapping_id
      left join couplet.uncoupled_pair u on u.mapping_id = ${mappingId} and u.${source.key} = k.record_key
        and u.${destination.key} = ${candidate}
      where k.job_id = ${jobId} and k.side = ${from} and k.position >= 0
    ), best as (
      select distinct on (record_key) * from hits order by record_key, verdict <> 'unique', position
    ), claimed as (
      select *, count(*) filter (where verdict = 'unique') over (partition by candidates[1]) as claims from best
    )
    insert into couplet.match_finding (job_id, key, verdict, position, candidates, candidate_count, rivals, taken_by)
    select ${jobId}, open.record_key,
      case when open.taken_by is not null then 'already-coupled' when f.verdict is null then 'none'
        when f.verdict = 'unique' and f.claims > 1 then 'ambiguous' else f.verdict end,
      f.position, coalesce(f.candidates, '{}'), coalesce(f.candidate_count, 0),
      coalesce(greatest(f.rivals, f.claims), 0), coalesce(open.taken_by, f.taken_by)
    from open left join claimed f on f.record_key = open.record_key
    order by open.record_key`
}
