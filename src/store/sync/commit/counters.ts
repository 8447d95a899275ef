import { type SQL, sql } from 'drizzle-orm'
import type { PageCommit } from '../../../core/ports/sync-store.ts'
import { type Counters, zeroCounters } from '../../../core/sync/outcome.ts'
import { assert } from '../../../lib/assert.ts'
import { type Executor, rowsParameter } from '../../database.ts'

const columnOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const names = Object.keys(zeroCounters).map(columnOf)
const sums: SQL = sql.raw(names.map((name) => `${name} = j.${name} + coalesce(w.${name}, 0)`).join(', '))
const rowType: SQL = sql.raw(names.map((name) => `${name} bigint`).join(', '))

/** What the other job of the line brings back may fail after this one has ended: then it is no plain success any more. */
const failures = ['failed', 'waiting', 'conflict', 'skipped']
const state: SQL = sql.raw(
  `case when j.state = 'succeeded' and ${failures.map((name) => `coalesce(w.${name}, 0)`).join(' + ')} > 0
    then 'succeeded-with-failures' else j.state end`,
)

/** Counters of jobs, and where one of them goes on: one statement, because both are the row of the job. */
export async function saveProgress(
  tx: Executor,
  counters: ReadonlyMap<number, Partial<Counters>>,
  checkpoint: PageCommit['checkpoint'],
): Promise<void> {
  const ids = new Set(counters.keys())
  if (checkpoint) ids.add(checkpoint.jobId)
  if (ids.size === 0) return
  const rows = [...ids].map((id) => ({
    id,
    ...Object.fromEntries(
      Object.entries(counters.get(id) ?? {}).map(([name, value]) => [columnOf(name), value]),
    ),
    ...(checkpoint?.jobId === id && { checkpoint: checkpoint.value }),
  }))
  const { rowCount } = await tx.execute(sql`
    update couplet.job j set ${sums}, state = ${state}, checkpoint = coalesce(w.checkpoint, j.checkpoint)
    from jsonb_to_recordset(${rowsParameter(rows)}) as w(id bigint, checkpoint jsonb, ${rowType})
    where j.id = w.id`)
  assert(rowCount === rows.length, 'every job of the page exists')
}
