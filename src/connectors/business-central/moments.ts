/** Times and days as canonical raw texts: they compare as they sort. */
export function earlier(a: string, b: string): string {
  return a < b ? a : b
}

const dayMs = 24 * 3_600_000

/** The first moment after the millisecond, or the day, that a text lies in; null at the end of time. */
export function afterUnit(text: string, by: 'time' | 'day'): string | null {
  const ms = Date.parse(by === 'time' ? text : `${text}T00:00:00Z`)
  const next = new Date(by === 'time' ? ms + 1 : ms + dayMs)
  if (next.getUTCFullYear() > 9_999) return null
  return by === 'time' ? instantText(next) : next.toISOString().slice(0, 10)
}

/** A moment with microseconds, as values have it. */
export function instantText(date: Date): string {
  return `${date.toISOString().slice(0, -1)}000Z`
}
