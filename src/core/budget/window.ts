/** What was used of the two limits that count over the window. */
export interface Usage {
  readonly requests: number
  readonly executionMs: number
}

/** Usage that was reported in one piece of time. */
export interface UsageBucket extends Usage {
  /** Begin of the piece by the database's clock, ms. */
  readonly from: number
}

/** Amount of one limit that becomes free again at a time. */
export interface Returning {
  readonly at: number
  readonly amount: number
}

/** Adds usage to the bucket of `now`; opens one when the last is full in time. */
export function bookUsage(
  buckets: readonly UsageBucket[],
  usage: Usage,
  now: number,
  bucketMs: number,
): readonly UsageBucket[] {
  if (usage.requests === 0 && usage.executionMs === 0) return buckets
  const last = buckets.at(-1)
  if (last === undefined || now - last.from >= bucketMs) return [...buckets, { from: now, ...usage }]
  return [...buckets.slice(0, -1), { from: last.from, ...addUsage(last, usage) }]
}

export function addUsage(a: Usage, b: Usage): Usage {
  return { requests: a.requests + b.requests, executionMs: a.executionMs + b.executionMs }
}

export function totalUsage(buckets: readonly UsageBucket[]): Usage {
  return buckets.reduce(addUsage, { requests: 0, executionMs: 0 })
}

/**
 * The highest constant rate, per ms from `now` on, that at no time uses more than there is: `free` now, and what
 * returns. What is granted so never runs dry before the window gives something back, so nobody starves behind a burst.
 */
export function steadyRate(
  free: number,
  returning: readonly Returning[],
  now: number,
  windowMs: number,
): number {
  let available = free
  let rate = Number.POSITIVE_INFINITY
  for (const { at, amount } of returning) {
    rate = Math.min(rate, available / Math.max(1, at - now))
    available += amount
  }
  return Math.max(0, Math.min(rate, available / windowMs))
}

/**
 * What of `free` may be spent at once, so that a pace of `rate` per ms still never runs dry before the window gives something
 * back; less than nothing when that pace is too high already.
 */
export function spareAtRate(
  rate: number,
  free: number,
  returning: readonly Returning[],
  now: number,
  windowMs: number,
): number {
  let returned = 0
  let needed = 0
  for (const { at, amount } of returning) {
    needed = Math.max(needed, rate * (at - now) - returned)
    returned += amount
  }
  return free - Math.max(needed, rate * windowMs - returned)
}
