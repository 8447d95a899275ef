import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDemoDatabases } from '../../src/demo/seed.ts'
import { snapshotTables } from '../../src/demo/snapshot.ts'
import { runCommand } from '../support/cli.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { redisUrl } from '../support/redis.ts'

interface JobJson {
  readonly mappingName: string
  readonly direction: string
  readonly counters: Readonly<Record<string, number>>
}

/** One story: what a person does before the first full synchronization of the seven shipped mappings. */
describe('review and preview on the command line', () => {
  let store: TestDatabase
  let systems: TestDatabase
  let env: Record<string, string>
  let shown: readonly JobJson[]
  const couplet = (...args: string[]) => runCommand(args, env)
  const snapshot = async () => [
    ...(await snapshotTables(systems.url, 'nav')),
    ...(await snapshotTables(systems.url, 'crm')),
  ]

  beforeAll(async () => {
    ;[store, systems] = await Promise.all([createDatabase(), createDatabase()])
    env = {
      DATABASE_URL: store.url,
      QUEUE_URL: redisUrl() ?? store.url,
      COUPLET_QUEUE_PREFIX: `cli${randomUUID().slice(0, 8)}`,
      SYSTEMS_URL: systems.url,
    }
    await createDemoDatabases({ localUrl: systems.url, remoteUrl: systems.url, size: 60 })
    const sides = ['--local', 'env:SYSTEMS_URL', '--local-schema', 'nav', '--remote', 'env:SYSTEMS_URL']
    await couplet('setup', ...sides, '--remote-schema', 'crm')
  })
  afterAll(async () => {
    await Promise.all([store.drop(), systems.drop()])
  })

  it('recommends something for each mapping', async () => {
    const { code, stdout } = await couplet('review')
    expect(code).toBe(0)
    for (const name of ['CURRENCY', 'SALESPEOPLE', 'UNIT OF MEASURE', 'CUSTOMER', 'CONTACT'])
      expect(stdout).toMatch(
        new RegExp(`^${name}.*(Full Synchronization|Couple Records|No Records Found)`, 'm'),
      )
  })

  it('shows what a full synchronization would do, and writes nothing', async () => {
    const before = await snapshot()
    const { stdout } = await couplet('sync', 'full', '--dry-run', '--wait')
    expect(stdout).toContain('This was a preview: nothing has been written.')
    expect(stdout).toMatch(/CUSTOMER +local → remote +inserted +\d+/)
    expect(stdout).toMatch(/Requests it would cost: local \d+ to read/)
    expect(await snapshot()).toEqual(before)
    const { runs } = JSON.parse((await couplet('runs', '--json')).stdout)
    expect(runs).toMatchObject([{ kind: 'full', preview: true }])
    shown = JSON.parse((await couplet('run', String(runs[0].id), '--json')).stdout).jobs
  })

  it('has shown just what the real run then does', async () => {
    const { stdout } = await couplet('sync', 'full', '--keep-creating', 'no', '--wait', '--json')
    const real: readonly JobJson[] = JSON.parse(stdout).jobs
    const summary = (jobs: readonly JobJson[]) =>
      jobs.map(({ mappingName, direction, counters: { inserted, coupled, failed, conflict } }) => [
        mappingName,
        direction,
        { inserted, coupled, failed, conflict },
      ])
    expect(summary(shown)).toEqual(summary(real.slice(0, shown.length)))
  })

  it('refuses a choice that does not exist, and names those that do', async () => {
    const { code, stderr } = await couplet('sync', 'full', '--line', 'CUSTOMER=perhaps')
    expect(code).toBe(64)
    expect(stderr).toContain('MAPPING=full|couple|leave-out')
  })
})
