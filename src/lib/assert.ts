/** Throws when an invariant of our own code is broken; never used for input that a user or a system sends. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${message}`)
}

/** Returns the value, or throws when it is missing: for places where the code before has made sure it exists. */
export function present<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`Invariant broken: ${what} is missing`)
  return value
}

/** Makes a switch over a union exhaustive at compile time. */
export function unreachable(value: never): never {
  throw new Error(`Invariant broken: unexpected ${JSON.stringify(value)}`)
}
