import { sql } from 'drizzle-orm'
import { applyGraph } from '../../core/sync/graph.ts'
import type { Line } from '../../core/sync/run.ts'
import { type Executor, rowsParameter } from '../database.ts'
import { listLines } from './rows.ts'

/** Brings the waiting lines of a locked run up to date; returns all its lines as they are then. */
export async function updateGraph(tx: Executor, runId: number): Promise<readonly Line[]> {
  const lines = await listLines(tx, [runId])
  const changes = applyGraph(lines)
  if (changes.length === 0) return lines
  await tx.execute(sql`
    update couplet.line l set state = w.state, blocked_by = w.blocked_by,
      finished_at = case w.state when 'blocked' then clock_timestamp() end
    from jsonb_to_recordset(${rowsParameter(changes.map(toRow))}) as w(id bigint, state text, blocked_by text[])
    where l.id = w.id`)
  return listLines(tx, [runId])
}

function toRow({ id, state, blockedBy }: ReturnType<typeof applyGraph>[number]) {
  return { id, state, blocked_by: blockedBy }
}
