import { and, asc, desc, eq, getTableColumns, gt, lt } from 'drizzle-orm'
import type { MatchFinding } from '../../core/coupling/match-list.ts'
import type { MatchStore } from '../../core/ports/match-store.ts'
import type { Executor } from '../database.ts'
import { job } from '../schema/job.ts'
import { matchFinding } from '../schema/match-finding.ts'
import { judgeMatches } from './judge.ts'
import { beginMatching, countStaged, stageMatchKeys } from './stage.ts'

export function createMatchStore(db: Executor): MatchStore {
  return {
    beginMatching: (fence, which) => beginMatching(db, fence, which),
    stageMatchKeys: (fence, page) => stageMatchKeys(db, fence, page),
    countStaged: (jobId) => countStaged(db, jobId),
    judgeMatches: (fence, judgement) => judgeMatches(db, fence, judgement),
    findFindings: (jobId, page) => findFindings(db, jobId, page),
    listFindings: (query) => listFindings(db, query),
  }
}

async function findFindings(
  db: Executor,
  jobId: number,
  { after, limit }: Parameters<MatchStore['findFindings']>[1],
): Promise<MatchFinding[]> {
  const rows = await db
    .select()
    .from(matchFinding)
    .where(and(eq(matchFinding.jobId, jobId), gt(matchFinding.id, after)))
    .orderBy(asc(matchFinding.id))
    .limit(limit)
  return rows.map(toFinding)
}

async function listFindings(
  db: Executor,
  { runId, verdict, limit, before }: Parameters<MatchStore['listFindings']>[0],
): Promise<MatchFinding[]> {
  const rows = await db
    .select(getTableColumns(matchFinding))
    .from(matchFinding)
    .innerJoin(job, eq(job.id, matchFinding.jobId))
    .where(
      and(
        eq(job.runId, runId),
        verdict === null ? undefined : eq(matchFinding.verdict, verdict),
        before === null ? undefined : lt(matchFinding.id, before),
      ),
    )
    .orderBy(desc(matchFinding.id))
    .limit(limit)
  return rows.map(toFinding)
}

function toFinding({ position, foundAt: _at, ...row }: typeof matchFinding.$inferSelect): MatchFinding {
  return { ...row, group: position }
}
