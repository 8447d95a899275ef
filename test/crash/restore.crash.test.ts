import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { backedUpTables } from '../../src/store/recovery/backup-tables.ts'
import { openCommitProxy } from '../support/crash-proxy.ts'
import { openRecoveryScene, type RecoveryScene } from '../support/recovery-scene.ts'
import { waitFor } from '../support/servers.ts'
import { closeGate, type Place } from '../support/store-gate.ts'

let scene: RecoveryScene
let folder: string
let restoreArgs: readonly string[]
/** Every row that a backup holds, and the pauses, as an undisturbed restore leaves them; without times and numbers of pauses. */
let undisturbed: object
beforeAll(async () => {
  scene = await openRecoveryScene()
  folder = await mkdtemp(join(tmpdir(), 'couplet-restore-'))
  const file = join(folder, 'backup.gz')
  restoreArgs = ['restore', file, '--reason', 'the disk is gone']
  await scene.couplet.store.query(`
    INSERT INTO couplet.coupling OVERRIDING SYSTEM VALUE SELECT filled.* FROM (SELECT to_jsonb(c) AS row FROM couplet.coupling c LIMIT 1) one,
      generate_series(1, 1200) n, jsonb_populate_record(null::couplet.coupling,
      one.row || jsonb_build_object('id', 1000 + n, 'local_key', 'L' || n, 'remote_key', 'R' || n)) filled`)
  expect((await scene.run('backup', file)).code).toBe(0)
  await empty()
  expect((await scene.run(...restoreArgs)).code).toBe(0)
  undisturbed = await readContent()
}, 120_000)
afterEach(() => scene.killAll())
afterAll(async () => {
  await scene.couplet.close()
  await rm(folder, { recursive: true, force: true })
})

const empty = () =>
  scene.couplet.store.query(
    `TRUNCATE ${backedUpTables.map(({ name }) => `couplet.${name}`).join(', ')} CASCADE`,
  )

async function readContent(): Promise<Record<string, readonly object[]>> {
  const found: Record<string, readonly object[]> = {}
  for (const { name } of backedUpTables) {
    const left = name === 'pause' ? ` - 'id' - 'at'` : ''
    const { rows } = await scene.couplet.store.query<object>(
      `SELECT (to_jsonb(t)${left})::text AS row FROM couplet.${name} t ORDER BY 1`,
    )
    found[name] = rows
  }
  return found
}

const isEmpty = async () => Object.values(await readContent()).every((rows) => rows.length === 0)

const places: readonly (readonly [string, Place])[] = [
  ['before the first row', { table: 'connection', on: 'INSERT', when: 'true' }],
  [
    'in the middle of the file',
    { table: 'coupling', on: 'INSERT', when: '(SELECT count(*) FROM couplet.coupling) > 600' },
  ],
  ['before its end', { table: 'audit_log', on: 'INSERT', when: `NEW.action = 'store.recover'` }],
]

describe('couplet restore that is killed', () => {
  it.each(places)('P10: %s has done nothing, and is done again', async (_, place) => {
    await empty()
    const gate = await closeGate(scene.couplet.store, place)
    const command = scene.start(restoreArgs)
    await gate.reached()
    await command.kill()
    await gate.cut()
    expect(await isEmpty()).toBe(true)
    const again = await scene.run(...restoreArgs)
    expect(again.code, again.stderr).toBe(0)
    expect(await readContent()).toEqual(undisturbed)
  })

  it.each([
    ['arrives', true],
    ['never arrives', false],
  ])('P10: at its last word, which %s: everything is there and held, or nothing', async (_, arrives) => {
    await empty()
    const proxy = await openCommitProxy(scene.couplet.env['DATABASE_URL'] ?? '')
    proxy.holdAfter('store.recover')
    const command = scene.start(restoreArgs, { DATABASE_URL: proxy.url })
    await proxy.held()
    await command.kill()
    // Until the server has heard the last word, or that its client is gone, nobody can look.
    if (arrives) proxy.release()
    else await proxy.close()
    await waitFor('the end of it', async () => (await isEmpty()) !== arrives)
    if (arrives) {
      expect(await readContent()).toEqual(undisturbed)
      const again = await scene.run(...restoreArgs)
      expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('STORE_NOT_EMPTY')])
      await proxy.close()
    }
    expect((await scene.run(...restoreArgs, '--replace')).code).toBe(0)
    expect(await readContent()).toEqual(undisturbed)
  })

  it('P10: two at once leave one backup, and the later one says that it is there', async () => {
    await empty()
    const gate = await closeGate(scene.couplet.store, places[0]?.[1] as Place)
    const first = scene.start(restoreArgs)
    await gate.reached()
    const second = scene.start(restoreArgs)
    await waitFor('the second one waits for the first', async () => {
      const { rowCount } = await scene.couplet.store.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'transactionid'`,
      )
      return rowCount === 1
    })
    await gate.open()
    expect((await first.ended()).code).toBe(0)
    const refused = await second.ended()
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('STORE_NOT_EMPTY')])
    expect(await readContent()).toEqual(undisturbed)
  })
})

it('P10: a restore that is frozen is given up by Postgres, and has done nothing when it wakes', async () => {
  await empty()
  const { store } = scene.couplet
  // Nobody waits a minute here: that Postgres would is a setting of the transaction.
  const gate = await closeGate(store, {
    table: 'connection',
    on: 'INSERT',
    when: `current_setting('idle_in_transaction_session_timeout') = '1min'`,
  })
  const command = scene.start(restoreArgs)
  await gate.reached()
  command.freeze()
  // The gate itself is taken away only when the transaction has ended.
  const opened = gate.open()
  const idle = `FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'`
  await waitFor(
    'it stands in its transaction',
    async () => (await store.query(`SELECT ${idle}`)).rowCount === 1,
  )
  await store.query(`SELECT pg_terminate_backend(pid) ${idle}`)
  await opened
  expect(await isEmpty()).toBe(true)
  command.thaw()
  expect((await command.ended()).code).toBe(1)
  expect(await isEmpty()).toBe(true)
  expect((await scene.run(...restoreArgs)).code).toBe(0)
  expect(await readContent()).toEqual(undisturbed)
})

it('P10: a restore into which a process begins to work, while it waits for the store, does nothing', async () => {
  const { store } = scene.couplet
  const before = await readContent()
  const locker = await store.connect()
  await locker.query('BEGIN; LOCK TABLE couplet.connection IN ROW EXCLUSIVE MODE')
  const command = scene.start([...restoreArgs, '--replace'])
  await waitFor('the restore waits', async () => {
    const { rowCount } = await store.query(
      `SELECT FROM pg_locks WHERE NOT granted AND relation = 'couplet.connection'::regclass`,
    )
    return rowCount === 1
  })
  await scene.liveOn('early/7')
  await locker.query('ROLLBACK')
  locker.release()
  const refused = await command.ended()
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('STORE_IN_USE')])
  await store.query('DELETE FROM couplet.process')
  expect(await readContent()).toEqual(before)
})

it('P10: couplet backup that begins during a restore waits for it, and holds what was restored', async () => {
  await empty()
  const file = join(folder, 'meanwhile.gz')
  const gate = await closeGate(scene.couplet.store, places[0]?.[1] as Place)
  const restore = scene.start(restoreArgs)
  await gate.reached()
  const backup = scene.start(['backup', file])
  await waitFor('the backup waits for the restore', async () => {
    const { rowCount } = await scene.couplet.store.query(
      `SELECT FROM pg_locks WHERE NOT granted AND relation = 'couplet.connection'::regclass`,
    )
    return rowCount === 1
  })
  await gate.open()
  expect([(await restore.ended()).code, (await backup.ended()).code]).toEqual([0, 0])
  expect((await scene.run('restore', file, '--replace', '--reason', 'from the other file')).code).toBe(0)
  const restored = await readContent()
  expect({ ...restored, pause: [] }).toEqual({ ...undisturbed, pause: [] })
})

it.each(['interrupted', 'killed'])(
  'P10: couplet backup that is %s leaves the file as it was',
  async (how) => {
    const { store } = scene.couplet
    const file = restoreArgs[1] ?? ''
    const before = await readFile(file)
    const locker = await store.connect()
    await locker.query('BEGIN; LOCK TABLE couplet.webhook_endpoint IN ACCESS EXCLUSIVE MODE')
    const command = scene.start(['backup', file])
    await waitFor('it waits for the last table', async () => {
      const { rowCount } = await store.query(
        `SELECT FROM pg_locks WHERE NOT granted AND relation = 'couplet.webhook_endpoint'::regclass`,
      )
      return rowCount === 1
    })
    if (how === 'killed') await command.kill()
    else {
      command.interrupt()
      expect((await command.ended()).code).toBe('SIGINT')
      expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([])
    }
    await locker.query('ROLLBACK')
    locker.release()
    expect((await readFile(file)).equals(before)).toBe(true)
    expect((await scene.run('backup', file)).code).toBe(0)
    expect((await scene.run(...restoreArgs, '--replace')).code).toBe(0)
    expect(await readContent()).toEqual(undisturbed)
  },
)
