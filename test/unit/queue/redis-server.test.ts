import { describe, expect, it } from 'vitest'
import { checkServer } from '../../../src/queue/redis-server.ts'
import { recordingLog } from '../../contract/queue/fixtures.ts'

const place = { variable: 'QUEUE_URL', shown: 'cache:6379' }
const info = (version: string, policy = 'noeviction') =>
  `# Server\r\n${version}\r\n# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:${policy}\r\n`

describe('a Redis server that is to carry the queue', () => {
  for (const version of ['redis_version:6.2.0', 'redis_version:7.0.15', 'redis_version:10.0.0']) {
    it(`is taken with ${version}`, () => {
      const log = recordingLog()
      checkServer(info(version), place, log)
      expect(log.lines).toEqual([])
    })
  }

  it('is taken when it is Valkey, whatever Redis version that shows', () => {
    checkServer(info('redis_version:5.0.0\r\nvalkey_version:8.0.1'), place, recordingLog())
  })

  for (const version of ['redis_version:6.0.16', 'redis_version:5.0.7']) {
    it(`is refused with ${version}, by version and address`, () => {
      expect(() => checkServer(info(version), place, recordingLog())).toThrow(
        expect.objectContaining({
          code: 'QUEUE_UNAVAILABLE',
          kind: 'config',
          message: `The queue at cache:6379 (QUEUE_URL) is Redis ${version.split(':')[1]}; 6.2 or newer is needed`,
        }),
      )
    })
  }

  it('is taken with a warning when it may evict jobs', () => {
    const log = recordingLog()
    checkServer(info('redis_version:7.2.0', 'allkeys-lru'), place, log)
    expect(log.lines).toMatchObject([
      { level: 'warn', facts: { address: 'cache:6379', policy: 'allkeys-lru' } },
    ])
  })

  it('is refused with the address to write when it is a node of a cluster', () => {
    const node = info('redis_version:7.2.0\r\nredis_mode:cluster')
    expect(() => checkServer(node, place, recordingLog())).toThrow(
      expect.objectContaining({ message: expect.stringContaining('write redis+cluster://cache:6379') }),
    )
    checkServer(node, place, recordingLog(), false)
  })
})
