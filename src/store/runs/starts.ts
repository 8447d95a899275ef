import { eq, sql } from 'drizzle-orm'
import { present } from '../../lib/assert.ts'
import type { Executor } from '../database.ts'
import { line } from '../schema/line.ts'

/** What has been read, and where a job would go on, tell whether a worker has come any further than the one before. */
export async function countStart(db: Executor, lineId: number): Promise<number> {
  const { rows } = await db.execute<{ starts: number }>(sql`
    with now as (
      select md5(coalesce(string_agg(concat_ws('/', direction, read, checkpoint), ',' order by direction), '')) as mark
      from couplet.job where line_id = ${lineId})
    update couplet.line set starts = case when start_mark = now.mark then starts + 1 else 1 end, start_mark = now.mark
    from now where id = ${lineId}
    returning starts`)
  return present(rows[0], `line ${lineId}`).starts
}

export async function forgetStarts(db: Executor, lineId: number): Promise<void> {
  await db.update(line).set({ starts: 0 }).where(eq(line.id, lineId))
}
