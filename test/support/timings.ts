import type { Timing } from '../../src/core/schedules/schedule.ts'

export const copenhagen = 'Europe/Copenhagen'

/** Every half hour, unless something else is said. */
export function timing(changes: Partial<Timing> = {}): Timing {
  return {
    everyMinutes: changes.cron === undefined || changes.cron === null ? 30 : null,
    cron: null,
    anchorAt: '2026-01-01T00:00:07.000Z',
    timeZone: 'UTC',
    weekdays: null,
    windowFrom: null,
    windowTo: null,
    expiresAt: null,
    blackouts: [],
    ...changes,
  }
}
