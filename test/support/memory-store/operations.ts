import { SyncError } from '../../../src/core/errors.ts'
import type { EndQuestion, OperationsStore, StoredOutcome } from '../../../src/core/ports/operations-store.ts'
import { lineIsDone, runIsDone } from '../../../src/core/sync/run.ts'
import { listCoupled } from './coupled.ts'
import { countIssues, listIssueGroups, meantIssues, resolveConflicts, toIssue } from './issues.ts'
import { isWithin } from './list-runs.ts'
import { hasDueWork, toCoupling } from './sync.ts'
import type { OutcomeRow, Tables } from './tables.ts'

/** As in the Postgres store. */
const INTENT_MARGIN_MS = 10_000
const FAILED_PAUSE_MS = 300_000
const NEGLECTED_MS = 60_000

export function createOperationsStore(tables: Tables): OperationsStore {
  return {
    listIssues: async ({ limit, before, ...filter }) =>
      meantIssues(tables, filter)
        .filter(({ id }) => before === null || id < before)
        .reverse()
        .slice(0, limit)
        .map((row) => toIssue(tables, row)),
    findIssue: async (id) => {
      const found = tables.issues.byId(id)
      return found === undefined ? null : toIssue(tables, found)
    },
    resolveConflicts: async (decisions) => tables.run(() => resolveConflicts(tables, decisions)),
    countIssues: async (filter) => countIssues(tables, filter),
    listIssueGroups: async (filter, limit) => listIssueGroups(tables, filter).slice(0, limit),
    listOutcomes: async ({ runId, jobId, mapping, limit, before, pairId, kind, code, ...times }) =>
      tables.outcomes
        .where(
          (outcome) =>
            (runId === null || tables.runOfJob(outcome.jobId) === runId) &&
            (jobId === null || outcome.jobId === jobId) &&
            (mapping === null || tables.mappingName(outcome.mappingId) === mapping) &&
            (pairId == null || tables.mappings.byId(outcome.mappingId)?.pairId === pairId) &&
            (kind == null || outcome.kind === kind) &&
            (code == null || outcome.code === code) &&
            (before === null || outcome.id < before) &&
            isWithin(outcome.at, times),
        )
        .reverse()
        .slice(0, limit)
        .map((row) => toStoredOutcome(tables, row)),
    listHistory: async ({ mappingId, direction, localKey, remoteKey, isOfBoth, limit, before }) =>
      tables.outcomes
        .where(
          (outcome) =>
            outcome.mappingId === mappingId &&
            (direction === undefined || outcome.direction === direction) &&
            ((localKey !== null && outcome.localKey === localKey) ||
              (remoteKey !== null && outcome.remoteKey === remoteKey)) &&
            (!isOfBoth || (outcome.localKey !== null && outcome.remoteKey !== null)) &&
            (before === null || outcome.id < before),
        )
        .reverse()
        .slice(0, limit)
        .map((row) => toStoredOutcome(tables, row)),
    findRecordState: async ({ mappingId, direction, key }) => {
      const isIt = (row: { mappingId: number; direction: string; key: string }) =>
        row.mappingId === mappingId && row.direction === direction && row.key === key
      const found = tables.issues.find(isIt)
      const request = tables.inbox.find(isIt)
      return {
        issue: found === undefined ? null : toIssue(tables, found),
        isRequested: request !== undefined,
        mayCreate: found?.createMissing === true || request?.createMissing === true,
      }
    },
    findCouplingsByReference: async (mappingId, side, references) =>
      tables.couplings
        .where((row) => row.mappingId === mappingId && references.includes(row[side].reference))
        .map(toCoupling),
    listCoupled: async (query) => listCoupled(tables, query),
    openQuestion: async (question) => tables.run(() => openQuestion(tables, question)),
    findQuestion: async (runId) => tables.questions.find((each) => each.runId === runId) ?? null,
    answerQuestion: async (runId, answer, results) => {
      const now = tables.now()
      const open = tables.questions.find(
        (each) => each.runId === runId && each.state === 'open' && each.expiresAt > now,
      )
      if (open) return tables.questions.update(open.id, { state: 'answered', answer, results })
      throw new SyncError('QUESTION_NOT_OPEN', `Run ${runId} has no open question`, { data: { runId } })
    },
    expireQuestions: async () => {
      const now = tables.now()
      const isOver = ({ state, expiresAt }: EndQuestion) => state === 'open' && expiresAt <= now
      return tables.questions.updateWhere(isOver, { state: 'expired' })
    },
    appendAudit: async () => {},
    listMappingsWithOrphanedWork: async (query) => listOrphaned(tables, query),
  }
}

function toStoredOutcome(tables: Tables, { mappingId, ...outcome }: OutcomeRow): StoredOutcome {
  return {
    ...outcome,
    runId: tables.runOfJob(outcome.jobId) ?? 0,
    mappingName: tables.mappingName(mappingId),
  }
}

/** Asking twice for one run is asking once. */
function openQuestion(
  tables: Tables,
  { runId, pairId, mappings, expiresInMs }: Parameters<OperationsStore['openQuestion']>[0],
): EndQuestion {
  tables.questions.updateWhere(
    (each) => each.state === 'open' && each.pairId === pairId && each.runId !== runId,
    { state: 'expired' },
  )
  const found = tables.questions.find((each) => each.runId === runId)
  const expiresAt = tables.in(expiresInMs)
  const asked = { runId, pairId, mappings, state: 'open', answer: null, results: [], expiresAt } as const
  return found ?? tables.questions.insert(asked)
}

/** A run that is still going on looks after its mappings itself; one that has just failed is left alone for a while. */
function listOrphaned(
  tables: Tables,
  { limit, resting }: Parameters<OperationsStore['listMappingsWithOrphanedWork']>[0],
) {
  const recently = tables.in(-FAILED_PAUSE_MS)
  const longAgo = tables.in(-NEGLECTED_MS)
  const isNeglected = (mappingId: number) =>
    !resting.includes(mappingId) &&
    tables.issues.find((row) => row.mappingId === mappingId && (row.nextAttemptAt ?? '9') <= longAgo) !==
      undefined
  const isLookedAfter = (mappingId: number) =>
    tables.lines.find((line) => {
      if (line.mappingId !== mappingId) return false
      if (line.state === 'failed' && (line.finishedAt ?? '') > recently) return true
      const run = tables.runs.get(line.runId, 'run')
      if (run.options.onlyAsked && isNeglected(mappingId)) return false
      return !runIsDone(run.state) && (!lineIsDone(line.state) || run.kind !== 'records')
    }) !== undefined
  const isOutdated = ({ id, version }: { id: number; version: number }) =>
    tables.issues.find((row) => row.mappingId === id && row.mappingVersion < version) !== undefined
  return tables.mappings
    .where(
      (mapping) =>
        (resting.includes(mapping.id)
          ? tables.inbox.find(({ mappingId }) => mappingId === mapping.id) !== undefined
          : hasDueWork(tables, mapping.id, INTENT_MARGIN_MS) || isOutdated(mapping)) &&
        !isLookedAfter(mapping.id),
    )
    .slice(0, limit)
    .map(({ id, pairId }) => ({ pairId, mappingId: id }))
}
