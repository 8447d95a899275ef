import { Redis } from 'ioredis'
import type { Installation } from './installation.ts'

/** The queue loses everything at once, with workers connected: flushed, or its disk gone. */
export async function loseQueue(couplet: Installation): Promise<void> {
  const url = couplet.env['QUEUE_URL']
  if (url === undefined) {
    await couplet.store.query('TRUNCATE bullmq.job, bullmq.scheduler, bullmq.event, bullmq.meta CASCADE')
    return
  }
  const redis = new Redis(url)
  try {
    const script = `for _, key in ipairs(redis.call('KEYS', ARGV[1] .. ':*')) do redis.call('UNLINK', key) end`
    await redis.eval(script, 0, couplet.env['COUPLET_QUEUE_PREFIX'] ?? 'no prefix')
  } finally {
    redis.disconnect()
  }
}
