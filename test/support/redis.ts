import { inject } from 'vitest'

/**
 * Address of the one Redis of the test run, or null: then Redis tests are skipped (`describe.skipIf(redisUrl() === null)`)
 * and the run has already said why. Every test file uses a key prefix of its own.
 */
export function redisUrl(): string | null {
  return inject('redisUrl')
}
