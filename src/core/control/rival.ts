/** A lease that somebody else holds, as it was seen at one moment. */
export interface SeenLease {
  readonly holder: string
  /** Until it ends, unless it is renewed. */
  readonly expiresInMs: number
}

/**
 * Whether whoever holds a lease is alive: what has been renewed, or has changed hands, between two looks ends later than it
 * would have. That of a dead or frozen process only comes closer to its end.
 */
export function isAlive(before: SeenLease, now: SeenLease): boolean {
  return now.holder !== before.holder || now.expiresInMs > before.expiresInMs
}
