import { sql } from 'drizzle-orm'
import type { OperationsStore } from '../../core/ports/operations-store.ts'
import { clockOnce, clockOncePlus, type Executor, idArray } from '../database.ts'
import { isOfAnyDirection } from '../sync/due-work.ts'

/** How long an intent may be past its deadline before somebody else looks after it. */
const INTENT_MARGIN_MS = 10_000
/** A mapping whose line has just failed is not woken again at once: most often the same thing is still wrong. */
const FAILED_PAUSE_MS = 300_000
/** Runs for single records leave alone what they were not asked for, and may follow each other without end. */
const NEGLECTED_MS = 60_000

/**
 * A run that is still going on looks after its mappings itself: before it ends it adds a line for what has become due. One that a
 * pause of a mapping keeps from ending does not, and a preview looks after nothing.
 */
export async function listMappingsWithOrphanedWork(
  db: Executor,
  { limit, resting }: Parameters<OperationsStore['listMappingsWithOrphanedWork']>[0],
): Promise<{ pairId: number; mappingId: number }[]> {
  const isNeglected = sql`(m.id <> all (${idArray(resting)}) and exists (select from couplet.issue i
    where i.mapping_id = m.id and ${isOfAnyDirection} and i.next_attempt_at <= ${clockOncePlus(-NEGLECTED_MS)}))`
  const { rows } = await db.execute<{ pair_id: string; id: string }>(sql`
    select m.pair_id, m.id from couplet.table_mapping m
    where (exists (select from couplet.inbox i where i.mapping_id = m.id)
        or (m.id <> all (${idArray(resting)}) and (
          exists (select from couplet.issue i where i.mapping_id = m.id and ${isOfAnyDirection} and i.next_attempt_at <= ${clockOnce})
          or exists (select from couplet.issue i where i.mapping_id = m.id and i.mapping_version < m.version)
          or exists (select from couplet.page_intent p
            where p.mapping_id = m.id and p.deadline_at <= ${clockOncePlus(-INTENT_MARGIN_MS)}))))
      and not exists (select from couplet.line l join couplet.run r on r.id = l.run_id
        where l.mapping_id = m.id and r.state in ('queued', 'running')
          and not coalesce((r.options ->> 'dryRun')::boolean, false)
          and (not coalesce((r.options ->> 'onlyAsked')::boolean, false) or not ${isNeglected})
          and (l.state in ('pending', 'ready', 'running')
            or (r.kind <> 'records' and not exists (select from couplet.pause p join couplet.line held on held.mapping_id = p.mapping_id
              where held.run_id = r.id and held.state in ('pending', 'ready', 'running')))))
      and not exists (select from couplet.line l join couplet.run r on r.id = l.run_id
        where l.mapping_id = m.id and l.state = 'failed' and not coalesce((r.options ->> 'dryRun')::boolean, false)
          and l.finished_at > ${clockOncePlus(-FAILED_PAUSE_MS)})
    order by m.id limit ${limit}`)
  return rows.map(({ pair_id, id }) => ({ pairId: Number(pair_id), mappingId: Number(id) }))
}
