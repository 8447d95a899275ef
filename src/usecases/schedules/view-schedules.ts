import { sleepsUntil } from '../../core/schedules/decide-slot.ts'
import { blackoutAt, isOpen, opensAt } from '../../core/schedules/openings.ts'
import type { Schedule, Timing } from '../../core/schedules/schedule.ts'
import { lastSlot, nextSlots } from '../../core/schedules/slots.ts'
import { timingInWords } from '../../core/schedules/timing-words.ts'
import type { RunState } from '../../core/sync/run.ts'
import type { Deps } from '../deps.ts'
import { restsBecause } from './rests-because.ts'

/** `rests`: nothing it is about may run, or a slot waits for its window to open, or for the end of a blackout. `asleep`: it looks for changes only. */
export type ScheduleState = 'on' | 'off' | 'paused' | 'over' | 'rests' | 'asleep'

/** A schedule as people want to see it. Times are instants. */
export interface ScheduleView {
  readonly schedule: Schedule
  readonly state: ScheduleState
  /** Why it is in that state; null where nothing has to be said. */
  readonly because: string | null
  readonly words: string
  /** None while it is off, paused or over. */
  readonly nextSlots: readonly string[]
  readonly lastRun: {
    readonly id: number
    readonly state: RunState
    readonly finishedAt: string | null
  } | null
}

type ViewDeps = Pick<Deps, 'stores' | 'clock'>

/** Schedules with their next runs, null: of all pairs, with and without a mapping. `count`: how many runs of each. */
export async function viewSchedules(
  { pairId, mapping }: { readonly pairId: number | null; readonly mapping: string | null },
  count: number,
  deps: ViewDeps,
): Promise<readonly ScheduleView[]> {
  const views: ScheduleView[] = []
  for (const schedule of await deps.stores.schedules.list())
    if ((pairId ?? schedule.pairId) === schedule.pairId && (mapping ?? schedule.mapping) === schedule.mapping)
      views.push(await viewSchedule(schedule, count, deps))
  return views
}

/** One schedule with its next runs. */
export async function viewSchedule(schedule: Schedule, count: number, deps: ViewDeps): Promise<ScheduleView> {
  const lastRun = await deps.stores.schedules.findLastRun(schedule.id)
  const { words, nextSlots: ahead } = viewTiming(schedule, count, deps)
  const waits = waitsForOpening(schedule, deps.clock.now().getTime())
  const slots = waits === null ? ahead : [...new Set([toInstant(waits.until), ...ahead])].slice(0, count)
  const facts = { hasSlots: slots.length > 0, waits, sleepMs: sleepsUntil({ ...schedule, lastRun }) }
  const [state, because] = await stateOf(schedule, facts, deps)
  return {
    schedule,
    state,
    because,
    words,
    nextSlots: state === 'off' || state === 'paused' ? [] : slots,
    lastRun: lastRun && {
      id: lastRun.runId,
      state: lastRun.state,
      finishedAt: lastRun.finishedMs === null ? null : toInstant(lastRun.finishedMs),
    },
  }
}

/** When a timing runs in words, and its next runs. */
export function viewTiming(
  timing: Timing,
  count: number,
  { clock }: Pick<Deps, 'clock'>,
): Pick<ScheduleView, 'words' | 'nextSlots'> {
  const slots = nextSlots(timing, clock.now().getTime(), count)
  return { words: timingInWords(timing), nextSlots: slots.map(toInstant) }
}

interface Waiting {
  /** When it opens, in ms. */
  readonly until: number
  readonly says: string
}

/** A slot is due that may not start, because the window is closed or a blackout goes on; null: there is none. */
function waitsForOpening(schedule: Schedule, nowMs: number): Waiting | null {
  if (isOpen(schedule, nowMs) || lastSlot(schedule, nowMs, Date.parse(schedule.settledUntil)) === null)
    return null
  const until = opensAt(schedule, nowMs)
  if (until === null) return null
  const blackout = blackoutAt(schedule, nowMs)
  const what = blackout === null ? 'its window is closed' : `blackout "${blackout.reason}"`
  return { until, says: `${what}; the slot that is due starts at ${toInstant(until)}` }
}

interface StateFacts {
  readonly hasSlots: boolean
  readonly waits: Waiting | null
  /** Until when it sleeps, in ms. */
  readonly sleepMs: number | null
}

async function stateOf(
  schedule: Schedule,
  { hasSlots, waits, sleepMs }: StateFacts,
  deps: ViewDeps,
): Promise<readonly [ScheduleState, string | null]> {
  const { pause, enabled } = schedule
  if (pause !== null) return ['paused', `paused by ${pause.by} since ${pause.at}: ${pause.reason}`]
  if (!enabled) return ['off', 'switched off']
  if (!hasSlots) return ['over', 'no slot lies ahead']
  const rests = await restsBecause(schedule, deps)
  if (rests !== null) return ['rests', rests]
  if (waits !== null) return ['rests', waits.says]
  if (sleepMs === null || sleepMs <= deps.clock.now().getTime()) return ['on', null]
  const wakes = 'a change on either side wakes it'
  return [
    'asleep',
    `nothing was to be done; until ${toInstant(sleepMs)} it only looks for changes, and ${wakes}`,
  ]
}

const toInstant = (ms: number): string => new Date(ms).toISOString()
