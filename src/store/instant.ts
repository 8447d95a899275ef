const pattern = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?([+-]\d\d(?::?\d\d)?)$/

/** Postgres' text of a timestamptz, in any time zone, as ISO text in UTC with microseconds. */
export function toInstant(raw: string): string {
  const match = pattern.exec(raw)
  if (!match) throw new RangeError(`Not a point in time: ${raw}`)
  const [, date, time, fraction = '', zone = '+00'] = match
  const micros = fraction.padEnd(6, '0')
  if (zone === '+00') return `${date}T${time}.${micros}Z`
  const offset = zone.length === 3 ? `${zone}:00` : zone
  const utc = new Date(`${date}T${time}${offset}`).toISOString()
  return `${utc.slice(0, 19)}.${micros}Z`
}
