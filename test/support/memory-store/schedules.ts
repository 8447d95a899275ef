import { SyncError } from '../../../src/core/errors.ts'
import type { ScheduleStore, ScheduleTarget, ScheduleWrite } from '../../../src/core/ports/schedule-store.ts'
import type { Schedule } from '../../../src/core/schedules/schedule.ts'
import { scheduleExists, scheduleUnknown } from '../../../src/core/schedules/schedule-errors.ts'
import { type RunState, runIsDone } from '../../../src/core/sync/run.ts'
import { instantOf, microsOf } from './database.ts'
import type { Tables } from './tables.ts'

type ScheduleRow = Omit<Schedule, 'blackouts'>

const timingFields = [
  'everyMinutes',
  'cron',
  'anchorAt',
  'timeZone',
  'weekdays',
  'windowFrom',
  'windowTo',
] as const

export function createScheduleStore(tables: Tables): ScheduleStore {
  return {
    save: async (write, _act, target = 'either') => saveSchedule(tables, write, target),
    list: async () =>
      tables.schedules
        .where(() => true)
        .sort((a, b) => a.pairId - b.pairId || (a.name < b.name ? -1 : 1))
        .map((row) => whole(tables, row)),
    find: async (id) => {
      const row = tables.schedules.byId(id)
      return row === undefined ? null : whole(tables, row)
    },
    remove: async ({ pairId, name }) => {
      const removed = tables.schedules.removeWhere((each) => each.pairId === pairId && each.name === name)
      for (const { id } of removed)
        tables.runs.updateWhere(({ scheduleId }) => scheduleId === id, { scheduleId: null })
      return removed.length === 1
    },
    setPaused: async (id, isPaused, isFresh, { by, reason }) => {
      const row = tables.schedules.byId(id)
      if (row === undefined || (row.pause !== null) === isPaused) return false
      tables.schedules.update(id, {
        pause: isPaused ? { by, reason: reason ?? '', at: tables.now() } : null,
        ...(isFresh && !isPaused ? { settledUntil: tables.now() } : {}),
      })
      return true
    },
    settle: async ({ scheduleId, slot, decision, seen }) => {
      const row = tables.schedules.byId(scheduleId)
      const until = slot === null ? null : instantOf(Date.parse(slot) * 1_000)
      if (row === undefined || (until !== null && row.settledUntil >= until)) return
      tables.schedules.update(scheduleId, {
        lastDecision: decision,
        isPending: until === null,
        ...(until === null ? {} : { settledUntil: until }),
        ...(seen === undefined ? {} : { seen }),
      })
    },
    findLastRun: async (id) => findLastRun(tables, id),
    listCalendar: async () =>
      tables.calendar
        .where(() => true)
        .sort((a, b) =>
          a.calendar === b.calendar ? (a.from < b.from ? -1 : 1) : a.calendar < b.calendar ? -1 : 1,
        ),
    addBlackout: async ({ from, to, ...entry }) =>
      tables.calendar.insert({ ...entry, from: instant(from), to: instant(to) }),
    removeBlackout: async (id) => tables.calendar.removeWhere((entry) => entry.id === id).length > 0,
  }
}

const instant = (text: string): string => instantOf(Date.parse(text) * 1_000)

function whole(tables: Tables, row: ScheduleRow): Schedule {
  const blackouts = tables.calendar
    .where(({ calendar }) => calendar === row.calendar)
    .map(({ from, to, reason }) => ({ from, to, reason }))
  return { ...row, blackouts }
}

export function saveSchedule(tables: Tables, write: ScheduleWrite, target: ScheduleTarget): Schedule {
  const { pairId, mapping } = write
  const isThere = () => tables.mappings.find((row) => row.pairId === pairId && row.name === mapping)
  if (mapping !== null && mapping !== undefined && !isThere())
    throw new SyncError('MAPPING_UNKNOWN', `There is no mapping named '${mapping}'`, {
      data: { name: mapping },
    })
  const found = tables.schedules.find((each) => each.pairId === pairId && each.name === write.name)
  if (found !== undefined && target === 'new') throw scheduleExists(write.name)
  if (found === undefined && target === 'existing') throw scheduleUnknown(write.name)
  if (found === undefined) return whole(tables, tables.schedules.insert({ ...fresh(tables), ...write }))
  const isRetimed = timingFields.some((field) => field in write)
  const settled = isRetimed ? { settledUntil: tables.now() } : {}
  return whole(tables, tables.schedules.update(found.id, { ...write, ...settled }))
}

function fresh(tables: Tables): Omit<ScheduleRow, 'id' | 'pairId' | 'name'> {
  const now = tables.now()
  return {
    kind: 'modified',
    mapping: null,
    enabled: true,
    everyMinutes: null,
    cron: null,
    anchorAt: now,
    timeZone: 'UTC',
    weekdays: null,
    windowFrom: null,
    windowTo: null,
    expiresAt: null,
    overlap: 'merge',
    catchUp: 'once',
    inactivityMinutes: 0,
    calendar: null,
    pause: null,
    settledUntil: now,
    lastDecision: null,
    isPending: false,
    seen: null,
  }
}

/** Everything that could go on waits for the end of a pause of its mapping. */
function isHeld(tables: Tables, { id, state }: { readonly id: number; readonly state: RunState }): boolean {
  const going = tables.lines.where(
    (line) => line.runId === id && (line.state === 'ready' || line.state === 'running'),
  )
  const isPaused = (mappingId: number) =>
    tables.pauses.find(
      (pause) => pause.mappingId === mappingId && (pause.until === null || pause.until > tables.now()),
    ) !== undefined
  return !runIsDone(state) && going.length > 0 && going.every((line) => isPaused(line.mappingId))
}

function findLastRun(tables: Tables, scheduleId: number): Awaited<ReturnType<ScheduleStore['findLastRun']>> {
  const runs = tables.runs.where((run) => run.scheduleId === scheduleId)
  const last = runs.find((run) => !runIsDone(run.state) && !isHeld(tables, run)) ?? runs.at(-1)
  if (last === undefined) return null
  const moved = tables.jobs
    .where(({ runId }) => runId === last.id)
    .reduce((sum, { counters: { inserted, modified, deleted, coupled, uncoupled, failed } }) => {
      return sum + inserted + modified + deleted + coupled + uncoupled + failed
    }, 0)
  return {
    runId: last.id,
    state: last.state,
    isOver: runIsDone(last.state) || isHeld(tables, last),
    finishedMs: last.finishedAt === null ? null : microsOf(last.finishedAt) / 1_000,
    foundNothing: last.state === 'succeeded' && moved === 0,
  }
}
