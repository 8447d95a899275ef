export interface BackoffPolicy {
  readonly firstMs: number
  readonly maxMs: number
}

/**
 * Delay before the next attempt: exponential with full jitter, between half of the step and the step.
 * `attempt` starts at 1; `random` is a number in [0, 1).
 */
export function backoffMs(attempt: number, policy: BackoffPolicy, random: number): number {
  const step = Math.min(policy.maxMs, policy.firstMs * 2 ** Math.min(attempt - 1, 30))
  return Math.round(step / 2 + (step / 2) * random)
}
