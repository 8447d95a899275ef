import type { PreviewStore } from '../../core/ports/preview-store.ts'
import type { Executor } from '../database.ts'
import { commitPreview } from './commit-preview.ts'
import { findAsked, findDue, hasDueRecords } from './due-records.ts'
import {
  findPlannedCouplings,
  findPlannedRecords,
  findPlannedTaken,
  loadPlannedBases,
  resolvePlannedReferences,
} from './planned-couplings.ts'
import { getPreviewResult } from './result.ts'
import { addSuspects, countSuspects, dropSuspects, listSuspects } from './suspects.ts'

export function createPreviewStore(db: Executor): PreviewStore {
  return {
    findCouplings: (preview, side, keys, realIds) => findPlannedCouplings(db, preview, side, keys, realIds),
    loadBases: (runId, couplingIds) => loadPlannedBases(db, runId, couplingIds),
    findTaken: (runId, group, side, keys, except) => findPlannedTaken(db, runId, group, side, keys, except),
    resolveReferences: (preview, side, references) => resolvePlannedReferences(db, preview, side, references),
    findRecords: (preview, side, keys) => findPlannedRecords(db, preview, side, keys),
    findInbox: (preview, direction, limit) => findAsked(db, preview, direction, limit),
    findDueIssues: (preview, direction, limit) => findDue(db, preview, direction, limit),
    hasDueWork: (preview) => hasDueRecords(db, preview),
    addSuspects: (fence, search, couplingIds) => addSuspects(db, fence, search, couplingIds),
    listSuspects: (search, after, limit) => listSuspects(db, search, after, limit),
    countSuspects: (search) => countSuspects(db, search),
    dropSuspects: (fence, runId, couplingIds) => dropSuspects(db, fence, runId, couplingIds),
    commitPage: (fence, commit) => commitPreview(db, fence, commit),
    getResult: (runId) => getPreviewResult(db, runId),
  }
}
