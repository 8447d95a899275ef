const absent = '–'

/** `12345` → `12,345`; the same in every locale, so that output can be compared and searched. */
export function formatCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** The name of a counter as people read it: `notCoupled` → `not coupled`. */
export function counterTitle(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

/** Records per second, `–` when nothing has been measured yet. */
export function formatRate(perSecond: number | null): string {
  if (perSecond === null || !Number.isFinite(perSecond)) return absent
  return perSecond < 10 ? `${perSecond.toFixed(1)}/s` : `${formatCount(perSecond)}/s`
}

/** A span of time as people say it: `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`; `–` for null. */
export function formatDuration(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return absent
  if (ms < 9_950) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${twoDigits(seconds % 60)} s`
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`
}

/** Milliseconds between two stored times; null while one of them is missing. */
export function elapsedMs(startedAt: string | null, finishedAt: string | null): number | null {
  if (startedAt === null || finishedAt === null) return null
  return Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt))
}

/** Average records per second of work that has ended; null when it is still going or took no time to measure. */
export function averageRate(records: number, ms: number | null): number | null {
  return ms === null || ms <= 0 ? null : (records * 1000) / ms
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
