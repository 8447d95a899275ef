import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { quickFolder } from '../support/quick-folder.ts'
import { findRedisProgram, redisOptions } from '../support/redis-server.ts'
import { freePort, waitFor } from '../support/servers.ts'
import { openGate } from './gate.ts'

/** A Redis of its own that can be treated badly. */
export interface ChaosRedis {
  /** At an address that stays. */
  readonly url: string
  /** SIGKILL, and started again after `downMs`: with what its log has kept, or with nothing. */
  restart(keeps: 'data' | 'nothing', downMs: number): Promise<void>
  flush(): Promise<void>
  /** False: the network between Couplet and it is gone. */
  setReachable(isReachable: boolean): void
  close(): Promise<void>
}

export async function startChaosRedis(pause: (ms: number) => Promise<void>): Promise<ChaosRedis> {
  const program = await findRedisProgram()
  const gate = await openGate()
  let folder = ''
  let port = 0
  let child: ChildProcess
  const start = async () => {
    port = await freePort()
    child = spawn(program.path, redisOptions(port, folder), {
      stdio: 'ignore',
      env: { ...process.env, ...(program.libraryPath ? { LD_LIBRARY_PATH: program.libraryPath } : {}) },
    })
    gate.leadTo(port)
    await waitFor('Redis answers', () =>
      onRedis(port, (redis) => redis.ping()).then(
        (answer) => answer === 'PONG',
        () => false,
      ),
    )
  }
  const fresh = async () => {
    folder = await mkdtemp(join(quickFolder(), 'couplet-chaos-redis-'))
  }
  const kill = async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await fresh()
  await start()
  return {
    url: `redis://127.0.0.1:${gate.port}`,
    async restart(keeps, downMs) {
      await kill()
      gate.cut()
      if (keeps === 'nothing') {
        await rm(folder, { recursive: true, force: true })
        await fresh()
      }
      await pause(downMs)
      await start()
    },
    flush: async () => void (await onRedis(port, (redis) => redis.flushall())),
    setReachable: (isReachable) => gate.setOpen(isReachable),
    async close() {
      await gate.close()
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function onRedis<T>(port: number, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(port, '127.0.0.1', {
    lazyConnect: true,
    maxRetriesPerRequest: 1,
    retryStrategy: () => null,
  })
  redis.on('error', () => {})
  try {
    await redis.connect()
    return await work(redis)
  } finally {
    redis.disconnect()
  }
}
