import type { Schedule, Timing } from '../../src/core/schedules/schedule.ts'

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

/** A schedule of all modified records that is on; with no rate but the one that is given. */
export function schedule(more: Partial<Schedule>): Schedule {
  return {
    ...timing({ everyMinutes: null, anchorAt: '2024-05-01T00:00:00Z' }),
    id: 1,
    pairId: 1,
    name: 's',
    kind: 'modified',
    mapping: null,
    enabled: true,
    overlap: 'merge',
    catchUp: 'once',
    inactivityMinutes: 0,
    calendar: null,
    pause: null,
    settledUntil: '2024-05-01T00:00:00Z',
    lastDecision: null,
    isPending: false,
    seen: null,
    ...more,
  }
}
