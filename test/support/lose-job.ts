import { Redis } from 'ioredis'
import pg from 'pg'

/** Deletes one job that waits, by commands that know nothing of BullMQ: whoever waits for it is not told. */
export async function loseJob(
  { url, prefix }: { readonly url: string; readonly prefix: string },
  queue: string,
  id: string,
): Promise<void> {
  const lost = url.startsWith('redis')
    ? await loseInRedis(url, `${prefix}:${queue}:`, id)
    : await loseInPostgres(url, queue, id)
  if (lost !== 1) throw new Error(`There is no job ${id} in ${queue}`)
}

async function loseInRedis(url: string, keys: string, id: string): Promise<unknown> {
  const redis = new Redis(url)
  try {
    await redis.lrem(`${keys}wait`, 0, id)
    await redis.zrem(`${keys}prioritized`, id)
    return await redis.del(`${keys}${id}`)
  } finally {
    redis.disconnect()
  }
}

async function loseInPostgres(url: string, queue: string, id: string): Promise<number | null> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query('DELETE FROM bullmq.job WHERE queue = $1 AND id = $2', [queue, id])).rowCount
  } finally {
    await client.end()
  }
}
