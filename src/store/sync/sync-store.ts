import type { SyncStore } from '../../core/ports/sync-store.ts'
import type { Executor } from '../database.ts'
import { commitPage } from './commit/commit-page.ts'
import {
  findCouplings,
  findLastCoupling,
  findTaken,
  isGroupShared,
  listCouplings,
  loadBases,
  resolveReferences,
} from './couplings.ts'
import { findDependents } from './dependents.ts'
import { findDueIssues, findInbox, findOpenIntents, findResolutions, hasDueWork } from './due-work.ts'
import { findIssues, releaseOutdated } from './known-issues.ts'
import { narrowIntent, openIntent } from './open-intent.ts'
import { findUncoupled } from './uncoupled.ts'

export function createSyncStore(db: Executor): SyncStore {
  return {
    findCouplings: (mappingId, side, keys) => findCouplings(db, mappingId, side, keys),
    listCouplings: (mappingId, page) => listCouplings(db, mappingId, page),
    findLastCoupling: (mappingId) => findLastCoupling(db, mappingId),
    loadBases: (couplingIds) => loadBases(db, couplingIds),
    findDependents: (couplings, referring) => findDependents(db, couplings, referring),
    findUncoupled: (mappingId, side, keys) => findUncoupled(db, mappingId, side, keys),
    isGroupShared: (group, side, mappingId) => isGroupShared(db, group, side, mappingId),
    findTaken: (group, side, keys, exceptMappingId) => findTaken(db, group, side, keys, exceptMappingId),
    resolveReferences: (mappingId, side, references) => resolveReferences(db, mappingId, side, references),
    findOpenIntents: (mappingId) => findOpenIntents(db, mappingId),
    findInbox: (mappingId, direction, limit) => findInbox(db, mappingId, direction, limit),
    findDueIssues: (...query) => findDueIssues(db, ...query),
    findIssues: (mappingId, keys) => findIssues(db, mappingId, keys),
    releaseOutdated: (mappingId, now, spread) => releaseOutdated(db, mappingId, now, spread),
    findResolutions: (mappingId, direction, keys) => findResolutions(db, mappingId, direction, keys),
    hasDueWork: (mappingId) => hasDueWork(db, mappingId),
    openIntent: (fence, intent) => openIntent(db, fence, intent),
    narrowIntent: (fence, intentId, writes) => narrowIntent(db, fence, intentId, writes),
    commitPage: (fence, commit) => commitPage(db, fence, commit),
  }
}
