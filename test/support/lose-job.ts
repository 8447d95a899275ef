import { Redis } from 'ioredis'
import pg from 'pg'

/**
 * Deletes one job that waits, by commands that know nothing of BullMQ: whoever waits for it is not told. Without its row, only Redis
 * can: the job is there, and in no list.
 */
export async function loseJob(
  { url, prefix }: { readonly url: string; readonly prefix: string },
  queue: string,
  id: string,
  withRow = true,
): Promise<void> {
  const lost = url.startsWith('redis')
    ? await loseInRedis(url, `${prefix}:${queue}:`, id, withRow)
    : await loseInPostgres(url, queue, id)
  if (lost !== 1) throw new Error(`There is no job ${id} in ${queue}`)
}

async function loseInRedis(url: string, keys: string, id: string, withRow: boolean): Promise<number> {
  const redis = new Redis(url)
  try {
    const listed =
      Number(await redis.lrem(`${keys}wait`, 0, id)) + Number(await redis.zrem(`${keys}prioritized`, id))
    return withRow ? Number(await redis.del(`${keys}${id}`)) : listed
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
