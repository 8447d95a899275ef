import type { SystemClock } from '../ports/connector.ts'
import { isSilent, type KnownProcess } from '../ports/process-store.ts'
import { type Area, type Finding, good, warning } from './finding.ts'

/** The clock of this process around a question, ms since 1970. */
export interface Asked {
  readonly askedMs: number
  readonly answeredMs: number
}

const MOST_SKEW_MS = 5_000
const timeServer = 'Let both machines take their time from a time server.'

/**
 * How far a clock is ahead of this one for certain, in ms; negative: behind. `atMs` is what it said between question and
 * answer, cut down to its precision; a slow answer is no wrong clock.
 */
export function aheadMs(atMs: number, { askedMs, answeredMs }: Asked, precisionMs = 0): number {
  if (atMs > answeredMs) return atMs - answeredMs
  return Math.min(0, atMs + precisionMs - askedMs)
}

/** Of the store or the queue. No decision depends on it, but times that people read do. */
export function judgeServerClock(area: Area, atMs: number, asked: Asked): Finding {
  const ahead = aheadMs(atMs, asked)
  if (Math.abs(ahead) <= MOST_SKEW_MS) return good(area, 'clock', 'agrees with the clock of this machine')
  const detail = `${inWords(ahead)} the clock of this machine: times that people read do not fit together`
  return warning(area, 'clock', detail, timeServer)
}

/**
 * Of a connected system; `clock` null: it does not say. Its watermarks are by its own clock, so what counts is what its times are
 * compared with: times of other machines, and those of the system on the other side.
 */
export function judgeSystemClock(connection: string, clock: SystemClock | null, asked: Asked): Finding {
  const what = `${connection}: clock`
  if (clock === null)
    return warning(
      'systems',
      what,
      'the system does not tell its time: where its changes are found by time, the clock of this machine counts',
      'Let whatever stands before it pass the header Date on.',
    )
  const ahead = aheadMs(clock.atMs, asked, clock.precisionMs)
  if (Math.abs(ahead) <= MOST_SKEW_MS) return good('systems', what, 'agrees with the clock of this machine')
  const overlap = seconds(clock.overlapMs)
  const newest = '"newest wins" may take the older record'
  const finding = warning(
    'systems',
    what,
    Math.abs(ahead) > clock.overlapMs
      ? `${inWords(ahead)} the clock of this machine, more than the ${overlap} s of changes that are read twice: a change that carries the time of another machine may be missed, and ${newest}`
      : `${inWords(ahead)} the clock of this machine: ${newest}; no change is missed, the last ${overlap} s are read twice`,
    Math.abs(ahead) > clock.overlapMs
      ? `${timeServer} Until then raise the overlap of the connection, and run a full synchronization now and then.`
      : timeServer,
  )
  return Math.abs(ahead) > clock.overlapMs ? { ...finding, state: 'bad' } : finding
}

/** Of every process that is alive, against the store: retries and slots of schedules come by the clock of a process. */
export function judgeProcessClocks(all: readonly KnownProcess[]): readonly Finding[] {
  const wrong = all.filter((each) => !isSilent(each) && Math.abs(each.clockAheadMs) > MOST_SKEW_MS)
  if (wrong.length === 0) return [good('processes', 'clocks', 'agree with the clock of the store')]
  return wrong.map(({ id, clockAheadMs }) =>
    warning(
      'processes',
      `${id}: clock`,
      `${inWords(clockAheadMs)} the clock of the store: its retries and slots come so much too ${clockAheadMs > 0 ? 'early' : 'late'}`,
      timeServer,
    ),
  )
}

const seconds = (ms: number) => Math.round(Math.abs(ms) / 1_000)
const inWords = (ms: number) => `${seconds(ms)} s ${ms > 0 ? 'ahead of' : 'behind'}`
