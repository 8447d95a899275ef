import type { RunStore } from '../../../src/core/ports/run-store.ts'
import type { TimeRange } from '../../../src/core/ports/time-range.ts'
import type { Run } from '../../../src/core/sync/run.ts'
import { toRun } from './run-rows.ts'
import type { Tables } from './tables.ts'

export function listRuns(tables: Tables, query: Parameters<RunStore['listRuns']>[0]): Run[] {
  const { limit, before, kind, state, pairId, mapping, requestedBy, onlyMappings = null } = query
  const namesOf = (runId: number) =>
    tables.lines.where((line) => line.runId === runId).map(({ mappingId }) => tables.mappingName(mappingId))
  const isOnly = (names: readonly string[]) =>
    onlyMappings === null || (names.length > 0 && names.every((name) => onlyMappings.includes(name)))
  return tables.runs
    .where(
      (run) =>
        (before === null || run.id < before) &&
        (kind === null || run.kind === kind) &&
        (state == null || run.state === state) &&
        (pairId == null || run.pairId === pairId) &&
        (requestedBy === undefined || run.requestedBy === requestedBy) &&
        (mapping === undefined || namesOf(run.id).includes(mapping)) &&
        isOnly(namesOf(run.id)) &&
        isWithin(run.createdAt, query),
    )
    .reverse()
    .slice(0, limit)
    .map(toRun)
}

export function isWithin(at: string, { since = '', until }: TimeRange): boolean {
  return since <= at && (until === undefined || at < until)
}
