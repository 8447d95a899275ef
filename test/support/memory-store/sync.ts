import type { Coupling } from '../../../src/core/coupling/coupling.ts'
import {
  type Dependents,
  NAMED_DEPENDENTS,
  type ReferringMapping,
} from '../../../src/core/coupling/dependents.ts'
import type { Side } from '../../../src/core/mapping/definition.ts'
import type { Fence } from '../../../src/core/ports/lease-store.ts'
import type { SyncStore } from '../../../src/core/ports/sync-store.ts'
import { conflictResolution } from '../../../src/core/sync/issue.ts'
import { displayKey, type RecordKey } from '../../../src/core/values/key.ts'
import { groupBy } from '../../../src/lib/group.ts'
import { commitPage } from './commit-page.ts'
import { instantOf, microsOf } from './database.ts'
import { isAnsweredBy } from './deletions.ts'
import { findIssues, releaseOutdated, toIssue } from './issues.ts'
import { assertFence, endOf } from './leases.ts'
import type { CouplingRow, Tables } from './tables.ts'

export function createSyncStore(tables: Tables): SyncStore {
  return {
    findCouplings: async (mappingId, side, keys) => findCouplings(tables, mappingId, side, keys),
    loadBases: async (couplingIds) =>
      new Map(
        tables.couplings.where(({ id }) => couplingIds.includes(id)).map(({ id, bases }) => [id, bases]),
      ),
    findTaken: async (...query) => findTaken(tables, ...query),
    isGroupShared: async (group, side, mappingId) =>
      tables.mappings.find((row) => row.id !== mappingId && row[groupOf[side]] === group) !== undefined,
    resolveReferences: async (...query) => resolveReferences(tables, ...query),
    findOpenIntents: async (mappingId) => {
      const now = tables.now()
      return tables.intents
        .where((intent) => intent.mappingId === mappingId)
        .map(({ mappingId: _mapping, token: _token, deadlineAt, ...intent }) => ({
          ...intent,
          isPast: deadlineAt <= now,
        }))
    },
    findInbox: async (mappingId, direction, limit) =>
      tables.inbox
        .where((row) => row.mappingId === mappingId && row.direction === direction)
        .sort((a, b) => a.seq - b.seq)
        .slice(0, limit)
        .map(({ mappingId: _mapping, seq, ...row }) => ({ ...row, seq: String(seq) })),
    findDueIssues: async (mappingId, direction, limit, asked = null) =>
      findDue(tables, mappingId)
        .filter((issue) => issue.direction === direction)
        .filter(
          (row) =>
            asked === null ||
            asked.jobIds.includes(row.jobId) ||
            asked.keys.includes(row.key) ||
            (asked.answers !== null && isAnsweredBy(tables, row, asked.answers)),
        )
        .sort((a, b) => ((a.nextAttemptAt ?? '') < (b.nextAttemptAt ?? '') ? -1 : 1))
        .slice(0, limit)
        .map((row) => toIssue(tables, row)),
    listCouplings: async (mappingId, { after, last, limit }) =>
      tables.couplings
        .where((row) => row.mappingId === mappingId && row.id > after && row.id <= last)
        .slice(0, limit)
        .map(toCoupling),
    findLastCoupling: async (mappingId) =>
      tables.couplings
        .where((row) => row.mappingId === mappingId)
        .reduce((last, { id }) => Math.max(last, id), 0),
    findDependents: async (...query) => findDependents(tables, ...query),
    findUncoupled: async (mappingId, side, keys) => {
      const key = side === 'local' ? 'localKey' : 'remoteKey'
      const rows = tables.uncoupled.where((row) => row.mappingId === mappingId && keys.includes(row[key]))
      return groupBy(rows, (row) => row[key])
    },
    findIssues: async (...query) => findIssues(tables, ...query),
    releaseOutdated: async (...query) => releaseOutdated(tables, ...query),
    findResolutions: async (mappingId, direction, keys) => {
      const rows = tables.issues.where(
        (row) => row.mappingId === mappingId && row.direction === direction && keys.includes(row.key),
      )
      return new Map(
        rows.flatMap(({ key, resolution }) => {
          const decided = conflictResolution(resolution)
          return decided ? [[key, decided] as const] : []
        }),
      )
    },
    hasDueWork: async (mappingId) => hasDueWork(tables, mappingId),
    openIntent: async (fence, intent) => openIntent(tables, fence, intent),
    narrowIntent: async (fence, intentId, writes) => {
      assertFence(tables, fence)
      tables.intents.updateWhere(({ id }) => id === intentId, { writes })
    },
    commitPage: async (fence, commit) => commitPage(tables, fence, commit),
  }
}

const groupOf = { local: 'localGroup', remote: 'remoteGroup' } as const

function findCouplings(
  tables: Tables,
  mappingId: number,
  side: Side,
  keys: readonly RecordKey[],
): Coupling[] {
  const wanted = new Set(keys)
  return tables.couplings
    .where((row) => row.mappingId === mappingId && wanted.has(row[side].key))
    .map(toCoupling)
}

export function toCoupling(row: CouplingRow): Coupling {
  const { localGroup: _local, remoteGroup: _remote, bases: _bases, createdAt: _created, ...coupling } = row
  return coupling
}

function findTaken(
  tables: Tables,
  ...[group, side, keys, exceptMappingId]: Parameters<SyncStore['findTaken']>
): ReadonlyMap<RecordKey, string> {
  const taken = tables.couplings.where(
    (row) =>
      row[groupOf[side]] === group && row.mappingId !== exceptMappingId && keys.includes(row[side].key),
  )
  const other = side === 'local' ? 'remote' : 'local'
  return new Map(
    taken.map((row) => [
      row[side].key,
      `${tables.mappingName(row.mappingId)} (with ${displayKey(row[other].key)})`,
    ]),
  )
}

function findDependents(
  tables: Tables,
  ...[couplings, referring]: Parameters<SyncStore['findDependents']>
): ReadonlyMap<number, readonly Dependents[]> {
  const goesThrough = (row: CouplingRow, coupling: Coupling, { fields }: ReferringMapping) =>
    (['local', 'remote'] as const).some((side) =>
      fields[side].some((field) => row.references[field] === coupling[side].reference),
    )
  const of = (coupling: Coupling) =>
    referring.flatMap((mapping): Dependents[] => {
      const found = tables.couplings.where(
        (row) => row.mappingId === mapping.mappingId && goesThrough(row, coupling, mapping),
      )
      const names = found.slice(0, NAMED_DEPENDENTS).map(({ local }) => local.reference)
      return found.length === 0 ? [] : [{ mapping: mapping.name, records: found.length, names }]
    })
  return new Map(
    couplings.map((each) => [each.id, of(each)] as const).filter(([, dependents]) => dependents.length > 0),
  )
}

/** Where several records share a reference, the one that was coupled first stands for it. */
function resolveReferences(
  tables: Tables,
  ...[mappingId, side, references]: Parameters<SyncStore['resolveReferences']>
) {
  const rows = tables.couplings
    .where((row) => row.mappingId === mappingId && references.includes(row[side].reference))
    .sort((a, b) => b.id - a.id)
  const both = rows.map(({ local, remote }) => ({ local: local.reference, remote: remote.reference }))
  return new Map(both.map((each) => [each[side], each]))
}

function findDue(tables: Tables, mappingId: number) {
  const now = tables.now()
  return tables.issues.where(
    (issue) => issue.mappingId === mappingId && issue.nextAttemptAt !== null && issue.nextAttemptAt <= now,
  )
}

export function hasDueWork(tables: Tables, mappingId: number, intentMarginMs = 0): boolean {
  const past = tables.in(-intentMarginMs)
  return (
    tables.inbox.find((row) => row.mappingId === mappingId) !== undefined ||
    findDue(tables, mappingId).length > 0 ||
    tables.intents.find((row) => row.mappingId === mappingId && row.deadlineAt <= past) !== undefined
  )
}

/** The deadline is the end of the lease and the longest time the server may still take then. */
function openIntent(
  tables: Tables,
  fence: Fence,
  {
    mappingId,
    direction,
    jobId,
    writes,
    serverRunMs,
    searchFrom = null,
  }: Parameters<SyncStore['openIntent']>[1],
): number {
  return tables.run(() => {
    assertFence(tables, fence)
    const { token } = fence
    const deadlineAt = instantOf(microsOf(endOf(tables, fence)) + serverRunMs * 1_000)
    const openedAt = tables.now()
    const times = { settledOnce: false, deadlineAt, openedAt, searchFrom }
    const row = { mappingId, direction, jobId, token, writes, ...times }
    return tables.intents.insert(row).id
  })
}
