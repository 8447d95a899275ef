import type { Coupling } from '../../../src/core/coupling/coupling.ts'
import { type JobDirection, type Side, sourceSide } from '../../../src/core/mapping/definition.ts'
import type { Fence } from '../../../src/core/ports/lease-store.ts'
import type {
  PlannedCoupling,
  PlannedRecord,
  PreviewCommit,
  PreviewSearch,
  PreviewStore,
} from '../../../src/core/ports/preview-store.ts'
import type { InboxRow } from '../../../src/core/ports/sync-store.ts'
import { deletionResolution } from '../../../src/core/sync/issue.ts'
import { addCounters } from '../../../src/core/sync/outcome.ts'
import {
  type PreviewCosts,
  type PreviewFinding,
  SAMPLES,
  type SideCosts,
} from '../../../src/core/sync/preview.ts'
import { displayKey } from '../../../src/core/values/key.ts'
import { toIssue } from './issues.ts'
import { assertFence } from './leases.ts'
import { requestPreview } from './preview-rows.ts'
import type { PlannedRow, Tables } from './tables.ts'

type Of = { readonly runId: number; readonly mappingId: number }
const groupOf = { local: 'localGroup', remote: 'remoteGroup' } as const

export function createPreviewStore(tables: Tables): PreviewStore {
  const plannedOf = ({ runId, mappingId }: Of, condition: (row: PlannedRow) => boolean) =>
    tables.planned.where((row) => row.runId === runId && row.mappingId === mappingId && condition(row))
  return {
    findCouplings: async (preview, side, keys, realIds) =>
      plannedOf(
        preview,
        (row) => keys.includes(row.coupling[side].key) || realIds.includes(row.couplingId),
      ).map(toCoupling),
    loadBases: async (runId, ids) =>
      new Map(
        tables.planned
          .where((row) => row.runId === runId && ids.includes(row.couplingId))
          .map(({ couplingId, coupling }) => [couplingId, coupling.bases]),
      ),
    findTaken: async (...query) => findTaken(tables, ...query),
    resolveReferences: async (preview, side, references) => {
      const rows = plannedOf(preview, ({ coupling }) => references.includes(coupling[side].reference))
      const both = rows.map(({ coupling: { local, remote } }) => ({
        local: local.reference,
        remote: remote.reference,
      }))
      return new Map(both.map((each) => [each[side], each]))
    },
    findRecords: async (preview, side, keys) =>
      plannedOf(preview, (row) => isKnownBy(row, side, keys)).flatMap(({ records }) => records[side] ?? []),
    findInbox: async (preview, direction, limit) =>
      requestsOf(tables, preview)
        .filter((row) => row.jobIds !== null && row.direction === direction)
        .slice(0, limit)
        .map(({ id, key, jobIds, force, createMissing, task = null }): InboxRow => {
          const jobs = { jobIds: jobIds ?? [] }
          return { id, seq: '0', direction, key, ...jobs, force, createMissing, task }
        }),
    findDueIssues: async (preview, direction, limit) =>
      dueOf(tables, preview)
        .filter((issue) => issue.direction === direction)
        .slice(0, limit)
        .map((issue) => toIssue(tables, issue)),
    hasDueWork: async (preview) =>
      requestsOf(tables, preview).some(({ jobIds }) => jobIds !== null) || dueOf(tables, preview).length > 0,
    addSuspects: async (fence, search, couplingIds) => {
      assertFence(tables, fence)
      for (const couplingId of couplingIds) addSuspect(tables, search, couplingId)
    },
    listSuspects: async (search, after, limit) =>
      suspectsOf(tables, search)
        .filter(({ id }) => id > after)
        .sort((a, b) => a.id - b.id)
        .slice(0, limit)
        .map(({ id, local, remote }) => ({ couplingId: id, keys: { local: local.key, remote: remote.key } })),
    countSuspects: async (search) =>
      suspectsOf(tables, search).filter((row) => {
        const issue = findIssue(
          tables,
          search.mappingId,
          search.direction,
          row[sourceSide[search.direction]].key,
        )
        return deletionResolution(issue?.resolution ?? null) === null
      }).length,
    dropSuspects: async (fence, runId, couplingIds) => {
      assertFence(tables, fence)
      removeSuspects(tables, runId, couplingIds)
    },
    commitPage: async (fence, commit) => commitPreview(tables, fence, commit),
    getResult: async (runId) => {
      const isOfRun = ({ jobId }: { jobId: number }) => tables.runOfJob(jobId) === runId
      return {
        findings: tables.findings.where(isOfRun).map(({ id: _id, ...finding }) => finding),
        costs: tables.previewCosts.where(isOfRun).map(({ id: _id, ...costs }) => costs),
      }
    },
  }
}

function addSuspect(
  tables: Tables,
  { runId, mappingId, direction }: PreviewSearch,
  couplingId: number,
): void {
  if (tables.previewSuspects.find((row) => row.runId === runId && row.couplingId === couplingId)) return
  tables.previewSuspects.insert({ runId, mappingId, direction, couplingId })
}

function removeSuspects(tables: Tables, runId: number, couplingIds: readonly number[]): void {
  tables.previewSuspects.removeWhere((row) => row.runId === runId && couplingIds.includes(row.couplingId))
}

function suspectsOf(tables: Tables, { runId, mappingId, direction }: PreviewSearch) {
  return tables.previewSuspects
    .where((row) => row.runId === runId && row.mappingId === mappingId && row.direction === direction)
    .flatMap(({ couplingId }) => tables.couplings.byId(couplingId) ?? [])
}

function toCoupling({ couplingId, mappingId, coupling }: PlannedRow): Coupling {
  const { bases: _bases, ...known } = coupling
  return { ...known, id: couplingId, mappingId }
}

function isKnownBy({ coupling, records }: PlannedRow, side: Side, keys: readonly string[]): boolean {
  return keys.includes(coupling[side].key) || keys.includes(records[side]?.realKey ?? '')
}

function findTaken(
  tables: Tables,
  ...[runId, group, side, keys, exceptMappingId]: Parameters<PreviewStore['findTaken']>
): ReadonlyMap<string, string> {
  const other = side === 'local' ? 'remote' : 'local'
  const taken = tables.planned.where(
    ({ runId: of, mappingId, coupling }) =>
      of === runId &&
      mappingId !== exceptMappingId &&
      tables.mappings.get(mappingId, 'mapping')[groupOf[side]] === group &&
      keys.includes(coupling[side].key),
  )
  return new Map(
    taken.map(({ mappingId, coupling }) => [
      coupling[side].key,
      `${tables.mappingName(mappingId)} (with ${displayKey(coupling[other].key)})`,
    ]),
  )
}

function requestsOf(tables: Tables, { runId, mappingId }: Of) {
  return tables.previewRequests.where((row) => row.runId === runId && row.mappingId === mappingId)
}

function dueOf(tables: Tables, preview: Of) {
  return requestsOf(tables, preview)
    .filter(({ jobIds }) => jobIds === null)
    .flatMap(({ mappingId, direction, key }) => findIssue(tables, mappingId, direction, key) ?? [])
}

function findIssue(tables: Tables, mappingId: number, direction: JobDirection, key: string) {
  return tables.issues.find(
    (issue) => issue.mappingId === mappingId && issue.direction === direction && issue.key === key,
  )
}

function commitPreview(tables: Tables, fence: Fence, commit: PreviewCommit): void {
  tables.run(() => {
    assertFence(tables, fence)
    for (const coupling of commit.couplings) savePlanned(tables, commit, coupling)
    for (const finding of commit.findings) addFinding(tables, finding)
    if (commit.costs) addCosts(tables, commit.costs)
    for (const [jobId, added] of commit.counters) {
      const { counters } = tables.jobs.get(jobId, 'job')
      tables.jobs.update(jobId, { counters: addCounters(counters, added) })
    }
    if (commit.checkpoint)
      tables.jobs.update(commit.checkpoint.jobId, { checkpoint: commit.checkpoint.value })
    removeJudged(tables, commit)
    const { runId, mappingId, pairId, releases } = commit
    for (const issue of tables.issues.where((each) => each.pairId === pairId)) {
      if (issue.waitsFor !== null && releases.includes(issue.waitsFor))
        requestPreview(tables, runId, { ...issue, force: true, jobIds: null })
    }
    for (const { direction, couplingId } of commit.foundDeletions)
      addSuspect(tables, { runId, mappingId, direction }, couplingId)
    removeSuspects(tables, runId, commit.settledDeletions)
    for (const request of commit.requests)
      requestPreview(tables, runId, { ...request, mappingId, force: true })
  })
}

/** What one direction has planned for a side stays when the other one plans for the other side. */
function savePlanned(tables: Tables, { runId, mappingId }: Of, planned: PlannedCoupling): void {
  const { id, direction: _direction, jobId: _job, written, ...coupling } = planned
  const before = tables.planned.find((row) => row.runId === runId && row.couplingId === id)
  const kept = (side: Side): PlannedRecord | null => written[side] ?? before?.records[side] ?? null
  const row = { coupling, records: { local: kept('local'), remote: kept('remote') } }
  if (before) tables.planned.update(before.id, row)
  else tables.planned.insert({ runId, mappingId, couplingId: id ?? -tables.nextNumber(), ...row })
}

function addFinding(tables: Tables, finding: PreviewFinding): void {
  const before = tables.findings.find(
    ({ jobId, kind, code, field }) =>
      jobId === finding.jobId && kind === finding.kind && code === finding.code && field === finding.field,
  )
  if (!before) {
    tables.findings.insert(finding)
    return
  }
  const samples = [...before.samples, ...finding.samples].slice(0, SAMPLES)
  tables.findings.update(before.id, { records: before.records + finding.records, samples })
}

function addCosts(tables: Tables, { jobId, costs }: { jobId: number; costs: PreviewCosts }): void {
  const before = tables.previewCosts.find((row) => row.jobId === jobId)
  if (!before) {
    tables.previewCosts.insert({ jobId, ...costs })
    return
  }
  tables.previewCosts.update(before.id, {
    local: sumOf(before.local, costs.local),
    remote: sumOf(before.remote, costs.remote),
  })
}

function sumOf(a: SideCosts, b: SideCosts): SideCosts {
  return { reads: a.reads + b.reads, writes: a.writes + b.writes, records: a.records + b.records }
}

function removeJudged(tables: Tables, { runId, mappingId, judged, doneInbox }: PreviewCommit): void {
  tables.previewRequests.removeWhere(
    (row) =>
      row.runId === runId &&
      row.mappingId === mappingId &&
      (doneInbox.some(({ id }) => id === row.id) ||
        (row.jobIds === null &&
          judged.some(({ direction, key }) => direction === row.direction && key === row.key))),
  )
}
