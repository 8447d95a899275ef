import { SyncError } from '../../core/errors.ts'
import type { Act } from '../../core/ports/act.ts'
import type { CalendarEntry } from '../../core/ports/schedule-store.ts'
import type { Deps } from '../deps.ts'
import { publish } from './change-schedule.ts'

type CalendarDeps = Pick<Deps, 'stores' | 'queue' | 'log'>

/** Adds a time in which the schedules of a calendar start nothing. Throws SCHEDULE_INVALID. */
export async function addBlackout(
  entry: Omit<CalendarEntry, 'id'>,
  act: Act,
  deps: CalendarDeps,
): Promise<CalendarEntry> {
  const [from, to] = [Date.parse(entry.from), Date.parse(entry.to)]
  for (const [field, ms] of [
    ['from', from],
    ['to', to],
  ] as const)
    if (Number.isNaN(ms))
      throw new SyncError(
        'SCHEDULE_INVALID',
        `${field} '${entry[field]}' is no time; write it as 2026-12-24T00:00Z`,
      )
  if (from >= to)
    throw new SyncError(
      'SCHEDULE_INVALID',
      `The blackout ends (${entry.to}) before it begins (${entry.from})`,
    )
  return publish(deps, () => deps.stores.schedules.addBlackout(entry, act))
}

/** Throws SCHEDULE_UNKNOWN. */
export async function removeBlackout(id: number, act: Act, deps: CalendarDeps): Promise<void> {
  if (await publish(deps, () => deps.stores.schedules.removeBlackout(id, act))) return
  throw new SyncError('SCHEDULE_UNKNOWN', `There is no blackout ${id}`, { data: { id } })
}
