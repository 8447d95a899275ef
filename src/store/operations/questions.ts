import { and, eq, getTableColumns, lte, ne, sql } from 'drizzle-orm'
import { SyncError } from '../../core/errors.ts'
import type { EndQuestion, OperationsStore } from '../../core/ports/operations-store.ts'
import { present } from '../../lib/assert.ts'
import { clock, clockPlus, type Executor } from '../database.ts'
import { endQuestion } from '../schema/end-question.ts'
import { appendAudit } from './audit.ts'

const { openedAt: _opened, answeredAt: _answered, ...columns } = getTableColumns(endQuestion)
const isOpen = eq(endQuestion.state, 'open')

/** Asking twice for one run is asking once: the question that exists is given back, whatever its state is. */
export async function openQuestion(
  db: Executor,
  { runId, pairId, mappings, expiresInMs }: Parameters<OperationsStore['openQuestion']>[0],
): Promise<EndQuestion> {
  return db.transaction(async (tx) => {
    await tx
      .update(endQuestion)
      .set({ state: 'expired' })
      .where(and(isOpen, eq(endQuestion.pairId, pairId), ne(endQuestion.runId, runId)))
    await tx
      .insert(endQuestion)
      .values({ runId, pairId, mappings, expiresAt: clockPlus(expiresInMs) })
      .onConflictDoNothing()
    return present(await findQuestion(tx, runId), `question of run ${runId}`)
  })
}

export async function findQuestion(db: Executor, runId: number): Promise<EndQuestion | null> {
  const rows = await db.select(columns).from(endQuestion).where(eq(endQuestion.runId, runId))
  return rows[0] ?? null
}

/** Compare-and-set: of two answers at once one wins, and one that comes after the time is none. */
export async function answerQuestion(
  db: Executor,
  runId: number,
  answer: 'yes' | 'no',
  results: EndQuestion['results'],
  by: string,
): Promise<EndQuestion> {
  return db.transaction(async (tx) => {
    const [answered] = await tx
      .update(endQuestion)
      .set({ state: 'answered', answer, results, answeredAt: clock })
      .where(and(isOpen, eq(endQuestion.runId, runId), sql`${endQuestion.expiresAt} > ${clock}`))
      .returning(columns)
    if (answered === undefined)
      throw new SyncError('QUESTION_NOT_OPEN', `Run ${runId} has no open question`, { data: { runId } })
    await appendAudit(tx, {
      actor: by,
      action: 'full-sync.question-answered',
      subject: `run/${runId}`,
      detail: { answer, results },
    })
    return answered
  })
}

export async function expireQuestions(db: Executor): Promise<number> {
  const { rowCount } = await db
    .update(endQuestion)
    .set({ state: 'expired' })
    .where(and(isOpen, lte(endQuestion.expiresAt, clock)))
  return rowCount ?? 0
}
