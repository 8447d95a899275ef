import { describe } from 'vitest'
import { redisUrl } from '../../support/redis.ts'
import { makeRedisServer } from './harness.ts'
import { queueContract } from './queue-contract.ts'

describe.skipIf(redisUrl() === null)('on Redis', () => {
  queueContract('Redis queue', makeRedisServer)
})
