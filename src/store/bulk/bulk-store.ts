import type { BulkStore } from '../../core/ports/bulk-store.ts'
import type { Executor } from '../database.ts'
import { commitChunk } from './chunk.ts'
import { cancel, fail, finish, noteRuns, raiseGeneration } from './end.ts'
import { get, list, listPending, listRecords, listTouchedMappings, listUnfinished } from './read.ts'
import { count } from './selected.ts'
import { findSame, start } from './start.ts'

export function createBulkStore(db: Executor): BulkStore {
  return {
    count: (selection) => count(db, selection),
    start: (operation) => start(db, operation),
    findSame: (request) => findSame(db, request),
    get: (id) => get(db, id),
    list: (query) => list(db, query),
    listRecords: (query) => listRecords(db, query),
    listUnfinished: (limit) => listUnfinished(db, limit),
    raiseGeneration: (id) => raiseGeneration(db, id),
    listPending: (id, page) => listPending(db, id, page),
    commitChunk: (id, decisions) => commitChunk(db, id, decisions),
    listTouchedMappings: (id) => listTouchedMappings(db, id),
    finish: (id, runIds) => finish(db, id, runIds),
    fail: (id, error) => fail(db, id, error),
    cancel: (id, act) => cancel(db, id, act),
    noteRuns: (id, runIds) => noteRuns(db, id, runIds),
  }
}
