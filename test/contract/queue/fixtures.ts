import type { Processors } from '../../../src/core/jobs/catalog.ts'
import type { Clock, Log } from '../../../src/core/ports/runtime.ts'
import type { Schedule } from '../../../src/core/schedules/schedule.ts'
import { type Line, plainOptions, type Run } from '../../../src/core/sync/run.ts'
import { timing } from '../../support/timings.ts'

export function makeRun(id: number, changes: Partial<Run> = {}): Run {
  return {
    id,
    pairId: 1,
    kind: 'full',
    state: 'running',
    options: { ...plainOptions, createMissing: true },
    requestedBy: 'test',
    reason: 'test',
    priority: 10,
    generation: 1,
    scheduleId: null,
    slot: null,
    idempotencyKey: null,
    error: null,
    cancelledBy: null,
    createdAt: '2026-01-01T00:00:00.000000Z',
    startedAt: null,
    finishedAt: null,
    ...changes,
  }
}

export function makeLine(run: Run, id: number, changes: Partial<Line> = {}): Line {
  return {
    id,
    runId: run.id,
    pairId: 1,
    mappingId: id,
    mappingName: `LINE ${id}`,
    mappingVersion: 1,
    position: id,
    selection: 'all',
    state: 'ready',
    dependsOn: [],
    ignoredDependencies: [],
    generation: 1,
    error: null,
    blockedBy: [],
    startedAt: null,
    finishedAt: null,
    ...changes,
  }
}

export function makeSchedule(id: number, changes: Partial<Schedule> = {}): Schedule {
  return {
    id,
    pairId: 1,
    name: `SCHEDULE ${id}`,
    kind: 'modified',
    mapping: null,
    enabled: true,
    ...timing(),
    overlap: 'merge',
    catchUp: 'once',
    inactivityMinutes: 0,
    calendar: null,
    pause: null,
    settledUntil: '2026-01-01T00:00:00.000000Z',
    lastDecision: null,
    isPending: false,
    seen: null,
    ...changes,
  }
}

export const realClock: Clock = { now: () => new Date(), monotonicMs: () => performance.now() }

/** Processors that are never expected to run, except those given. */
export function processorsWith(given: Partial<Processors>): Processors {
  const unexpected = async (): Promise<never> => {
    throw new Error('This processor is not expected to run')
  }
  return {
    'full-sync': unexpected,
    'sync-line': unexpected,
    'bulk-operation': unexpected,
    'schedule-slot': unexpected,
    ...given,
  }
}

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly facts: Readonly<Record<string, unknown>>
}

/** A log whose lines a test can read. */
export function recordingLog(lines: LogLine[] = [], bound: object = {}): Log & { readonly lines: LogLine[] } {
  const write = (level: LogLine['level']) => (facts: object, message: string) => {
    lines.push({ level, message, facts: { ...bound, ...facts } })
  }
  return {
    lines,
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (facts) => recordingLog(lines, { ...bound, ...facts }),
  }
}
