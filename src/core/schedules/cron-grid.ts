import { Cron } from 'croner'

/** Slots before anything closes them, as ms since the epoch. Each is strictly after, or before, the time given. */
export interface Grid {
  after(ms: number): number | null
  before(ms: number): number | null
}

/**
 * The slots of a cron expression of five fields. Where it names hours, each has a pattern of its own: croner treats a single hour
 * that is missing, or comes twice, as people want it, but not one of several (`30 1,2`).
 */
export function cronGrid(cron: string, timeZone: string): Grid {
  const grids = perHour(cron).map((pattern) => croner(pattern, timeZone))
  const pick = (found: readonly (number | null)[], nearest: (...times: number[]) => number) => {
    const times = found.filter((ms) => ms !== null)
    return times.length === 0 ? null : nearest(...times)
  }
  return {
    after: (ms) =>
      pick(
        grids.map((grid) => grid.after(ms)),
        Math.min,
      ),
    before: (ms) =>
      pick(
        grids.map((grid) => grid.before(ms)),
        Math.max,
      ),
  }
}

function croner(cron: string, timezone: string): Grid {
  const pattern = new Cron(cron, { timezone, mode: '5-part' })
  return {
    after: remembered((ms) => pattern.nextRun(new Date(ms))?.getTime() ?? null),
    // Looks strictly before a whole second.
    before: remembered(
      (ms) => pattern.previousRuns(1, new Date(Math.ceil(ms / 1_000) * 1_000))[0]?.getTime() ?? null,
    ),
  }
}

/** Looks anew only where the last answer does not hold: of many hours a step passes one or two. */
function remembered(look: (ms: number) => number | null): (ms: number) => number | null {
  let asked = Number.NaN
  let found: number | null = null
  const holdsFor = (ms: number) =>
    found !== null && ((asked <= ms && ms < found) || (found < ms && ms <= asked))
  return (ms) => {
    if (!holdsFor(ms)) {
      found = look(ms)
      asked = ms
    }
    return found
  }
}

/** One expression per hour; the whole one where every hour is meant, or where it is none of five fields. */
function perHour(cron: string): readonly string[] {
  const [minute, hours = '*', ...rest] = cron.trim().split(/\s+/)
  const named = new Set(hours.split(',').flatMap(hoursOf))
  if (named.size === 0 || named.size === 24) return [cron]
  return [...named].map((hour) => [minute, hour, ...rest].join(' '))
}

/** Hours of one part: a number, a range or all, with a step or without. */
function hoursOf(part: string): readonly number[] {
  const [, first = '', last, step] = /^(\*|\d+)(?:-(\d+))?(?:\/(\d+))?$/.exec(part) ?? []
  if (first === '') return []
  const from = first === '*' ? 0 : Number(first)
  const isOpenEnded = first === '*' || (last === undefined && step !== undefined)
  const to = last !== undefined ? Number(last) : isOpenEnded ? 23 : from
  return Array.from({ length: 24 }, (_, hour) => hour).filter(
    (hour) => hour >= from && hour <= to && (hour - from) % Number(step ?? 1) === 0,
  )
}
