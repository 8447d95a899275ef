/** Slots lie at round times of day, each schedule's some seconds off, so that not all begin in one instant. */
export function usualAnchor(now: Date): string {
  const day = now.toISOString().slice(0, 10)
  return `${day}T00:00:${String(now.getMilliseconds() % 60).padStart(2, '0')}.000Z`
}
