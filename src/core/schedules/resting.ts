import { isOpen } from './openings.ts'
import type { Schedule } from './schedule.ts'

/**
 * Whether its schedules keep a mapping from running by itself at an instant (ms since the epoch): it has some, and each is off,
 * paused, over, outside of its window or in a blackout. A mapping that no schedule is about runs whenever something calls for it.
 */
export function restsBySchedule(
  mapping: string,
  schedulesOfPair: readonly Schedule[],
  nowMs: number,
): boolean {
  const about = schedulesOfPair.filter((schedule) => (schedule.mapping ?? mapping) === mapping)
  return about.length > 0 && !about.some((schedule) => letsRun(schedule, nowMs))
}

function letsRun(schedule: Schedule, nowMs: number): boolean {
  const { enabled, pause, expiresAt } = schedule
  const isOver = expiresAt !== null && Date.parse(expiresAt) <= nowMs
  return enabled && pause === null && !isOver && isOpen(schedule, nowMs)
}
