import type { DeletionStore } from '../../core/ports/deletion-store.ts'
import type { Executor } from '../database.ts'
import { answerHeld, findKnown, listHeld, resolve } from './choices.ts'
import {
  addDeleted,
  beginComparison,
  countStaged,
  dropComparison,
  endComparison,
  endPass,
  forgetSeen,
  getLook,
  listUncoupled,
  saveAccess,
  stageKeys,
} from './comparison.ts'
import { countCouplings, countSet, dropSuspects, hasCouplingsBefore, listSuspects } from './suspects.ts'

export function createDeletionStore(db: Executor): DeletionStore {
  return {
    getLook: (mappingId, side) => getLook(db, mappingId, side),
    beginComparison: (fence, mappingId) => beginComparison(db, fence, mappingId),
    stageKeys: (fence, mappingId, keys) => stageKeys(db, fence, mappingId, keys),
    countStaged: (mappingId) => countStaged(db, mappingId),
    endComparison: (fence, comparison) => endComparison(db, fence, comparison),
    endPass: (fence, pass) => endPass(db, fence, pass),
    forgetSeen: (fence, mappingId) => forgetSeen(db, fence, mappingId),
    listUncoupled: (mappingId, side, page) => listUncoupled(db, mappingId, side, page),
    dropComparison: (fence, mappingId) => dropComparison(db, fence, mappingId),
    saveAccess: (fence, seen) => saveAccess(db, fence, seen),
    addDeleted: (fence, found) => addDeleted(db, fence, found),
    listSuspects: (search, after, limit) => listSuspects(db, search, after, limit),
    dropSuspects: (fence, couplingIds) => dropSuspects(db, fence, couplingIds),
    countSet: (search) => countSet(db, search),
    hasCouplingsBefore: (mappingId, instant) => hasCouplingsBefore(db, mappingId, instant),
    countCouplings: (mappingId) => countCouplings(db, mappingId),
    findKnown: (mappingId, direction, keys) => findKnown(db, mappingId, direction, keys),
    listHeld: (runId, mappingId) => listHeld(db, runId, mappingId),
    answerHeld: (held, choice, by) => answerHeld(db, held, choice, by),
    resolve: (issueId, choice, by) => resolve(db, issueId, choice, by),
  }
}
