import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/app/config.ts'
import { examineInstallation } from '../../src/app/doctor/examine-installation.ts'
import { createLog } from '../../src/app/logger.ts'
import { createDatabase, createStoreDatabase } from '../support/postgres.ts'
import { freePort } from '../support/servers.ts'

describe('an examination of an installation that cannot work', () => {
  const found = async (env: Record<string, string>) => {
    const config = loadConfig({ COUPLET_LOG_LEVEL: 'silent', ...env })
    const findings = await examineInstallation(config, createLog(config))
    return Object.fromEntries(findings.map(({ area, what, ...rest }) => [`${area}: ${what}`, rest]))
  }

  it('tells of a store that lacks migrations, and makes none', async () => {
    const empty = await createDatabase()
    try {
      const findings = await found({ DATABASE_URL: empty.url })
      expect(findings['store: store']).toMatchObject({ state: 'bad', remedy: 'Run `couplet migrate`.' })
      expect(findings['queue: queue']).toMatchObject({ state: 'bad', remedy: 'Run `couplet migrate`.' })
      expect(findings['program: Node']).toMatchObject({ state: 'good' })
      expect(findings['work: work']).toMatchObject({ state: 'warning' })
      const reader = new Client({ connectionString: empty.url })
      await reader.connect()
      const { rows } = await reader.query(`SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT 1 FROM pg_namespace WHERE nspname = 'couplet'`)
      await reader.end()
      expect(rows).toEqual([])
    } finally {
      await empty.drop()
    }
  })

  it('tells what is found of the queue also where its jobs cannot be compared with the runs', async () => {
    const database = await createStoreDatabase()
    const store = new Client({ connectionString: database.url })
    try {
      await store.connect()
      await store.query('ALTER TABLE couplet.run RENAME TO mislaid')
      const findings = await found({ DATABASE_URL: database.url })
      expect(findings['queue: server']).toMatchObject({ state: 'good' })
      expect(findings['queue: jobs']).toMatchObject({ state: 'good' })
      expect(findings['queue: runs']).toMatchObject({ state: 'bad' })
      expect(findings['queue: queue']).toBeUndefined()
    } finally {
      await store.end()
      await database.drop()
    }
  })

  it('looks at the queue while the store is away, and at all else while the queue is', async () => {
    const database = await createStoreDatabase()
    try {
      const nowhere = `127.0.0.1:${await freePort()}`
      const withoutStore = await found({
        DATABASE_URL: `postgres://${nowhere}/none`,
        QUEUE_URL: database.url,
      })
      expect(withoutStore['store: store']).toMatchObject({ state: 'bad' })
      expect(withoutStore['queue: server']).toMatchObject({ state: 'good' })
      expect(withoutStore['queue: jobs']).toMatchObject({ state: 'good' })
      const withoutQueue = await found({ DATABASE_URL: database.url, QUEUE_URL: `redis://${nowhere}` })
      expect(withoutQueue['queue: queue']).toMatchObject({ state: 'bad' })
      expect(withoutQueue['store: Postgres']).toMatchObject({ state: 'good' })
      expect(withoutQueue['processes: workers']).toMatchObject({ state: 'bad' })
    } finally {
      await database.drop()
    }
  })
})
