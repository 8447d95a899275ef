import type { RunStore } from '../../core/ports/run-store.ts'
import type { Executor } from '../database.ts'
import { cancelRun, isCancelled } from './cancel-run.ts'
import { createRun, findSameRun } from './create-run.ts'
import { listFailedRecords } from './failed-records.ts'
import { finishAnsweredLine } from './finish-answered-line.ts'
import { finishLine } from './finish-line.ts'
import { failRun, finishRunIfDone, raiseRunGeneration, startRun } from './finish-run.ts'
import { addStepCosts, finishJob, startJob } from './jobs.ts'
import { addLines, raiseLineGeneration, replanLine, startLine } from './lines.ts'
import { getLine, getRun, listJobs, listRuns, listUnfinished } from './read-runs.ts'
import { requestSoon } from './request-soon.ts'
import { retryLines } from './retry-lines.ts'
import { countStart, forgetStarts } from './starts.ts'
import { recordTakeover } from './takeover.ts'

export function createRunStore(db: Executor): RunStore {
  return {
    createRun: (run) => createRun(db, run),
    findSameRun: (request) => findSameRun(db, request),
    getRun: (runId) => getRun(db, runId),
    listRuns: (query) => listRuns(db, query),
    requestRecords: (mapping, requests) => requestSoon(db, mapping, requests),
    listJobs: (query) => listJobs(db, query),
    getLine: (lineId) => getLine(db, lineId),
    startLine: (lineId) => startLine(db, lineId),
    countStart: (lineId) => countStart(db, lineId),
    forgetStarts: (lineId) => forgetStarts(db, lineId),
    startJob: (jobId, fence, estimatedRows) => startJob(db, jobId, fence, estimatedRows),
    recordTakeover: (mappingId, fence, from) => recordTakeover(db, mappingId, fence, from),
    finishJob: (jobId, fence, state, error) => finishJob(db, jobId, fence, state, error),
    addStepCosts: (jobId, fence, costs) => addStepCosts(db, jobId, fence, costs),
    finishLine: (lineId, state, error, fence) => finishLine(db, lineId, state, error, fence),
    finishAnsweredLine: (lineId) => finishAnsweredLine(db, lineId),
    replanLine: (lineId, mappingVersion) => replanLine(db, lineId, mappingVersion),
    startRun: (runId) => startRun(db, runId),
    finishRunIfDone: (runId) => finishRunIfDone(db, runId),
    failRun: (runId, error) => failRun(db, runId, error),
    addLines: (runId, lines) => addLines(db, runId, lines),
    listUnfinished: (query) => listUnfinished(db, query),
    raiseRunGeneration: (seen) => raiseRunGeneration(db, seen),
    raiseLineGeneration: (seen) => raiseLineGeneration(db, seen),
    retryLines: (runId, lineIds, act) => retryLines(db, runId, lineIds, act),
    listFailedRecords: (runId) => listFailedRecords(db, runId),
    cancelRun: (runId, request) => cancelRun(db, runId, request),
    isCancelled: (runId) => isCancelled(db, runId),
  }
}
