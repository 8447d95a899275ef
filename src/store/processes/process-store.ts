import { asc, eq, sql } from 'drizzle-orm'
import type { KnownProcess, ProcessReport, ProcessStore } from '../../core/ports/process-store.ts'
import { present } from '../../lib/assert.ts'
import { clock, type Executor, textArray } from '../database.ts'
import { appendAudit } from '../operations/audit.ts'
import { knownProcess } from '../schema/process.ts'

export function createProcessStore(db: Executor): ProcessStore {
  return {
    report: (report) => reportProcess(db, report),
    forget: async (id) => {
      await db.delete(knownProcess).where(eq(knownProcess.id, id))
    },
    listProcesses: () => listProcesses(db),
    setQuiet: (ids, isToBeQuiet, audit) => setQuiet(db, ids, isToBeQuiet, audit),
  }
}

/** What fits into the column: a clock that is weeks off. */
const MOST_MS = 2_000_000_000

/** Whoever starts also clears away those that have not been seen for a day. */
async function reportProcess(db: Executor, report: ProcessReport): Promise<{ isToBeQuiet: boolean }> {
  const { id, now, ...rest } = report
  const clockAheadMs = sql`least(greatest(extract(epoch from ${now}::timestamptz - ${clock}) * 1000, ${-MOST_MS}), ${MOST_MS})::int`
  const news = { ...rest, roles: [...report.roles], seenAt: clock, clockAheadMs }
  const known = await db
    .update(knownProcess)
    .set(news)
    .where(eq(knownProcess.id, id))
    .returning({ isToBeQuiet: knownProcess.isToBeQuiet })
  if (known[0]) return known[0]
  await db.delete(knownProcess).where(sql`${knownProcess.seenAt} < clock_timestamp() - interval '1 day'`)
  const added = await db
    .insert(knownProcess)
    .values({ id, ...news })
    .onConflictDoUpdate({ target: knownProcess.id, set: news })
    .returning({ isToBeQuiet: knownProcess.isToBeQuiet })
  return present(added[0], 'process row')
}

export async function listProcesses(db: Executor): Promise<readonly KnownProcess[]> {
  const rows = await db
    .select({
      row: knownProcess,
      seenMsAgo: sql<number>`greatest(0, extract(epoch from clock_timestamp() - ${knownProcess.seenAt}) * 1000)::float8`,
    })
    .from(knownProcess)
    .orderBy(asc(knownProcess.host), asc(knownProcess.startedAt), asc(knownProcess.id))
  return rows.map(({ row: { seenAt: _, ...row }, seenMsAgo }) => ({
    ...row,
    seenMsAgo: Math.round(seenMsAgo),
  }))
}

function setQuiet(
  db: Executor,
  ids: readonly string[],
  isToBeQuiet: boolean,
  { by, reason }: { by: string; reason: string | null },
): Promise<readonly string[]> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.execute<{ id: string }>(sql`
      update couplet.process set is_to_be_quiet = ${isToBeQuiet}
      where id = any(${textArray(ids)}) returning id`)
    const found = rows.map(({ id }) => id).sort()
    const action = isToBeQuiet ? 'process.quiet' : 'process.resume'
    for (const id of found) await appendAudit(tx, { actor: by, action, subject: `process ${id}`, reason })
    return found
  })
}
