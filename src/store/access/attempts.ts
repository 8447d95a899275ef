import type { Pool } from 'pg'
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'

/** Attempts of all processes, counted in fixed windows that begin with the first attempt. */
export interface Attempts {
  count(name: string, limit: number, windowMs: number): Promise<number | null>
  takeBack(name: string, limit: number, windowMs: number): Promise<void>
  forget(name: string): Promise<void>
}

export function createAttempts(pool: Pool): Attempts {
  const limiters = new Map<string, RateLimiterPostgres>()
  const create = (limit: number, windowMs: number) =>
    new RateLimiterPostgres({
      storeClient: pool,
      storeType: 'pool',
      schemaName: 'couplet',
      tableName: 'rate_limit',
      tableCreated: true,
      keyPrefix: '',
      points: limit,
      duration: windowMs / 1_000,
      // Else each limiter would clean the table with a timer of its own, for ever.
      clearExpiredByTimeout: false,
    })
  const open = (limit: number, windowMs: number): RateLimiterPostgres => {
    const name = `${limit}/${windowMs}`
    const limiter = limiters.get(name) ?? create(limit, windowMs)
    limiters.set(name, limiter)
    return limiter
  }
  return {
    async count(name, limit, windowMs) {
      try {
        await pool.query('delete from couplet.rate_limit where expire < $1', [Date.now() - windowMs])
        await open(limit, windowMs).consume(name)
        return null
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return refusal.msBeforeNext
        throw refusal
      }
    },
    async takeBack(name, limit, windowMs) {
      await open(limit, windowMs).reward(name)
    },
    async forget(name) {
      await open(1, 1_000).delete(name)
    },
  }
}
