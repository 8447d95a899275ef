import type { OperationsStore } from '../../core/ports/operations-store.ts'
import type { Executor } from '../database.ts'
import { findCouplingsByReference } from '../sync/couplings.ts'
import { appendAudit } from './audit.ts'
import { listCoupled } from './coupled.ts'
import { countIssues, listIssueGroups, listIssues } from './issues.ts'
import { listHistory, listOutcomes } from './ledger.ts'
import { listMappingsWithOrphanedWork } from './orphaned-work.ts'
import { answerQuestion, expireQuestions, findQuestion, openQuestion } from './questions.ts'
import { findRecordState } from './record-state.ts'
import { findIssue, resolveConflicts } from './resolve-conflicts.ts'

export function createOperationsStore(db: Executor): OperationsStore {
  return {
    listIssues: (query) => listIssues(db, query),
    countIssues: (filter) => countIssues(db, filter),
    listIssueGroups: (filter, limit) => listIssueGroups(db, filter, limit),
    findIssue: (id) => findIssue(db, id),
    resolveConflicts: (decisions, audit) => resolveConflicts(db, decisions, audit),
    listOutcomes: (query) => listOutcomes(db, query),
    listHistory: (query) => listHistory(db, query),
    findRecordState: (record) => findRecordState(db, record),
    findCouplingsByReference: (mappingId, side, references) =>
      findCouplingsByReference(db, mappingId, side, references),
    listCoupled: (query) => listCoupled(db, query),
    openQuestion: (question) => openQuestion(db, question),
    findQuestion: (runId) => findQuestion(db, runId),
    answerQuestion: (runId, answer, results, by) => answerQuestion(db, runId, answer, results, by),
    expireQuestions: () => expireQuestions(db),
    appendAudit: (entry) => appendAudit(db, entry),
    listMappingsWithOrphanedWork: (query) => listMappingsWithOrphanedWork(db, query),
  }
}
