/** Where an instant lies in the week of a time zone. */
export interface LocalTime {
  /** ISO: 1 is Monday. */
  readonly weekday: number
  /** Minutes since midnight, by the clock on the wall. */
  readonly minute: number
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** Reads instants as people in the time zone do. Throws RangeError for a zone that does not exist. */
export function localClock(timeZone: string): (ms: number) => LocalTime {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  return (ms) => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]))
    return {
      weekday: weekdays.indexOf(parts.get('weekday') ?? '') + 1,
      minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
    }
  }
}

/** Minutes since midnight of `HH:MM`. */
export function minuteOf(time: string): number {
  const [hours, minutes] = time.split(':')
  return Number(hours) * 60 + Number(minutes)
}
