import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { Redis } from 'ioredis'
import { quickFolder } from './quick-folder.ts'
import { fetchDebianRedis } from './redis-fetch.ts'
import { freePort, waitFor } from './servers.ts'

export interface TestRedis {
  /** Null when no server could be had; `reason` then says why. */
  readonly url: string | null
  readonly reason: string
  stop(): Promise<void>
  endAtOnce(): void
}

const nothingToStop = { stop: async () => {}, endAtOnce: () => {} }

interface Program {
  readonly path: string
  readonly libraryPath: string | null
}

/** TEST_REDIS_URL, else a redis-server or valkey-server of this machine, else one fetched from Debian. */
export async function startTestRedis(): Promise<TestRedis> {
  const given = process.env['TEST_REDIS_URL']
  if (given) {
    await ping(given)
    return { url: given, reason: 'TEST_REDIS_URL', ...nothingToStop }
  }
  try {
    return await startServer(await findRedisProgram())
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { url: null, reason, ...nothingToStop }
  }
}

/** A server program of this machine, or one fetched from Debian; throws when there is neither. */
export async function findRedisProgram(): Promise<Program> {
  return (await findOnPath()) ?? (await fetchDebianRedis())
}

/** Answers this machine only, and loses at most a second of writes. */
export function redisOptions(port: number, folder: string): string[] {
  const options =
    `--port ${port} --bind 127.0.0.1 --dir ${folder} --appendonly yes --appendfsync everysec ` +
    '--maxmemory-policy noeviction --hz 100 --databases 64'
  return [...options.split(' '), '--save', '']
}

async function findOnPath(): Promise<Program | null> {
  for (const name of ['redis-server', 'valkey-server']) {
    for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
      const path = join(folder, name)
      if (
        folder &&
        (await access(path).then(
          () => true,
          () => false,
        ))
      )
        return { path, libraryPath: null }
    }
  }
  return null
}

async function startServer(program: Program): Promise<TestRedis> {
  const port = await freePort()
  const folder = await mkdtemp(join(quickFolder(), 'couplet-test-redis-'))
  const child = spawn(program.path, redisOptions(port, folder), {
    stdio: 'ignore',
    env: { ...process.env, ...(program.libraryPath ? { LD_LIBRARY_PATH: program.libraryPath } : {}) },
  })
  let failure: string | null = null
  child.once('error', (error) => (failure = error.message))
  child.once('exit', (code) => (failure = `${program.path} ended with code ${code}`))
  const url = `redis://127.0.0.1:${port}`
  await waitFor('Redis answers', () => {
    if (failure) throw new Error(failure)
    return ping(url).then(
      () => true,
      () => false,
    )
  })
  const stop = async () => {
    if (child.exitCode === null && child.kill()) await once(child, 'exit')
    await rm(folder, { recursive: true, force: true })
  }
  const endAtOnce = () => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  return { url, reason: program.path, stop, endAtOnce }
}

async function ping(url: string): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 1, retryStrategy: () => null })
  redis.on('error', () => {})
  try {
    await redis.connect()
    await redis.ping()
  } finally {
    redis.disconnect()
  }
}
