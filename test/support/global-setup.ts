import { rmSync } from 'node:fs'
import type { TestProject } from 'vitest/node'
import { startTestPostgres } from './postgres-server.ts'
import { programsFolder } from './programs-folder.ts'
import { startTestRedis } from './redis-server.ts'
import { onServer, templateName } from './store-template.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    postgresUrl: string
    redisUrl: string | null
  }
}

const interruptions = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Starts one Postgres and one Redis for the whole test run; without a Redis says why, and fails in CI. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [postgres, redis] = await Promise.all([startTestPostgres(), startTestRedis()])
  const endAtOnce = () => {
    for (const server of [postgres, redis]) server.endAtOnce()
  }
  // A test run that is interrupted ends without waiting for its teardown.
  for (const event of interruptions) process.prependOnceListener(event, endAtOnce)
  const stop = async () => {
    for (const event of interruptions) process.off(event, endAtOnce)
    await onServer(postgres.url, async (client) => {
      await client.query(`DROP DATABASE IF EXISTS ${templateName(process.pid)} WITH (FORCE)`)
    })
    await Promise.all([postgres.stop(), redis.stop()])
    rmSync(programsFolder(postgres.url), { recursive: true, force: true })
  }
  if (redis.url === null) {
    const message = `NO REDIS: tests that need one are SKIPPED. Reason: ${redis.reason}. Set TEST_REDIS_URL, or install redis-server.`
    if (process.env['CI']) {
      await stop()
      throw new Error(message)
    }
    process.stderr.write(`\n${'!'.repeat(100)}\n${message}\n${'!'.repeat(100)}\n\n`)
  }
  project.provide('postgresUrl', postgres.url)
  project.provide('redisUrl', redis.url)
  return stop
}
