import type { MappingAge } from '../ports/observation-store.ts'
import type { Schedule } from '../schedules/schedule.ts'
import { nextSlot } from '../schedules/slots.ts'

/** A run may begin a little before its slot, by another clock: a slot so soon after a run is what it ran for. */
const SAME_SLOT_MS = 60_000

/**
 * For how many ms a mapping should have been brought up to date again, by its own schedules: since the first slot behind its last
 * synchronization that went well. Nothing is late before its slot, however rarely it comes; null: no schedule runs it.
 */
export function lateForMs(
  { mapping, ageSeconds }: Pick<MappingAge, 'mapping' | 'ageSeconds'>,
  schedulesOfPair: readonly Schedule[],
  nowMs: number,
): number | null {
  const running = schedulesOfPair.filter(
    (schedule) => schedule.enabled && schedule.pause === null && (schedule.mapping ?? mapping) === mapping,
  )
  if (running.length === 0) return null
  const sinceMs = nowMs - ageSeconds * 1_000
  const due = running.map((schedule) => nextSlot(schedule, sinceMs + SAME_SLOT_MS) ?? nowMs)
  return Math.max(0, nowMs - Math.min(...due))
}
