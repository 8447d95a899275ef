import { Redis } from 'ioredis'
import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { createDatabase } from '../support/postgres.ts'
import { redisUrl } from '../support/redis.ts'

describe('the servers of the test run', () => {
  it('give each test a database of its own and drop it in spite of open connections', async () => {
    const [one, two] = await Promise.all([createDatabase(), createDatabase()])
    expect(one.url).not.toBe(two.url)
    const client = new Client({ connectionString: one.url })
    client.on('error', () => {})
    await client.connect()
    await one.drop()
    await two.drop()
    await expect(client.query('SELECT 1')).rejects.toThrow()
    await expect(new Client({ connectionString: one.url }).connect()).rejects.toThrow(/does not exist/)
  })

  it.skipIf(redisUrl() === null)('give a Redis that never evicts', async () => {
    const redis = new Redis(redisUrl() ?? '')
    const policy = await redis.config('GET', 'maxmemory-policy')
    expect(policy).toContain('noeviction')
    await redis.quit()
  })
})
