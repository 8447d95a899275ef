import { eq, type SQL, sql } from 'drizzle-orm'
import type { PageCommit } from '../../../core/ports/sync-store.ts'
import { type Counters, zeroCounters } from '../../../core/sync/outcome.ts'
import { assert } from '../../../lib/assert.ts'
import { type Executor, rowsParameter } from '../../database.ts'
import { job } from '../../schema/job.ts'

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

export async function addToCounters(
  tx: Executor,
  counters: ReadonlyMap<number, Partial<Counters>>,
): Promise<void> {
  if (counters.size === 0) return
  const rows = [...counters].map(([id, added]) => ({
    id,
    ...Object.fromEntries(Object.entries(added).map(([name, value]) => [columnOf(name), value])),
  }))
  const { rowCount } = await tx.execute(sql`
    update couplet.job j set ${sums}, state = ${state}
    from jsonb_to_recordset(${rowsParameter(rows)}) as w(id bigint, ${rowType})
    where j.id = w.id`)
  assert(rowCount === counters.size, 'every job that is counted for exists')
}

export async function saveCheckpoint(tx: Executor, checkpoint: PageCommit['checkpoint']): Promise<void> {
  if (!checkpoint) return
  const { rowCount } = await tx
    .update(job)
    .set({ checkpoint: checkpoint.value })
    .where(eq(job.id, checkpoint.jobId))
  assert(rowCount === 1, `job ${checkpoint.jobId} exists`)
}
