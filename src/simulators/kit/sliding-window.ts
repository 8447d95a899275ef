import type { SimulatedTime } from './time.ts'

/** The sum of amounts over the last so many milliseconds, for limits such as 6,000 requests in 300 s. */
export interface SlidingWindow {
  add(amount: number): void
  total(): number
  /** Milliseconds until the sum has fallen below the limit; 0 while there is room. */
  waitMs(): number
}

/** `windowMs` is already scaled. Amounts of one millisecond are kept together, so memory is bounded by the window. */
export function createSlidingWindow(
  { limit, windowMs }: { readonly limit: number; readonly windowMs: number },
  time: Pick<SimulatedTime, 'monotonicMs'>,
): SlidingWindow {
  let entries: { atMs: number; amount: number }[] = []
  let first = 0
  let sum = 0
  const forget = (nowMs: number) => {
    for (let entry = entries[first]; entry && entry.atMs <= nowMs - windowMs; entry = entries[first]) {
      sum -= entry.amount
      first += 1
    }
    if (first > 1_000 && first * 2 > entries.length) {
      entries = entries.slice(first)
      first = 0
    }
  }
  return {
    add(amount) {
      const atMs = Math.floor(time.monotonicMs())
      forget(atMs)
      const last = entries.at(-1)
      if (last && last.atMs === atMs && first < entries.length) last.amount += amount
      else entries.push({ atMs, amount })
      sum += amount
    },
    total() {
      forget(time.monotonicMs())
      return sum
    },
    waitMs() {
      const nowMs = time.monotonicMs()
      forget(nowMs)
      let left = sum
      for (let at = first; left >= limit && at < entries.length; at += 1) {
        const entry = entries[at]
        if (!entry) break
        left -= entry.amount
        if (left < limit) return Math.max(1, entry.atMs + windowMs - nowMs)
      }
      return 0
    },
  }
}
