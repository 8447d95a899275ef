import type { RunDetails } from '../../src/core/ports/run-store.ts'
import { addCounters, type Counters, zeroCounters } from '../../src/core/sync/outcome.ts'
import { type Job, type Line, plainOptions, type Run } from '../../src/core/sync/run.ts'

export function runOf(facts: Partial<Run> = {}): Run {
  return {
    id: 7,
    pairId: 1,
    kind: 'full',
    state: 'running',
    options: { ...plainOptions, createMissing: true, keepCreating: 'ask' },
    requestedBy: 'test',
    reason: 'test',
    priority: 10,
    generation: 0,
    scheduleId: null,
    slot: null,
    idempotencyKey: null,
    error: null,
    cancelledBy: null,
    createdAt: '2024-05-01T10:00:00.000000Z',
    startedAt: '2024-05-01T10:00:00.000000Z',
    finishedAt: null,
    ...facts,
  }
}

export function lineOf(id: number, mappingName: string, facts: Partial<Line> = {}): Line {
  return {
    id,
    runId: 7,
    pairId: 1,
    mappingId: id,
    mappingName,
    mappingVersion: 1,
    position: id,
    selection: 'all',
    state: 'pending',
    dependsOn: [],
    ignoredDependencies: [],
    generation: 0,
    error: null,
    blockedBy: [],
    startedAt: null,
    finishedAt: null,
    ...facts,
  }
}

export function jobOf(
  id: number,
  line: Line,
  facts: Partial<Job> = {},
  counters: Partial<Counters> = {},
): Job {
  return {
    id,
    lineId: line.id,
    runId: 7,
    mappingId: line.mappingId,
    mappingName: line.mappingName,
    type: 'synchronization',
    direction: 'to',
    preview: false,
    state: 'ready',
    counters: addCounters(zeroCounters, counters),
    checkpoint: null,
    stepCosts: null,
    estimatedRows: null,
    takeovers: 0,
    error: null,
    startedAt: null,
    finishedAt: null,
    ...facts,
  }
}

export function detailsOf(lines: readonly Line[], jobs: readonly Job[], run: Partial<Run> = {}): RunDetails {
  return { run: runOf(run), lines, jobs }
}
