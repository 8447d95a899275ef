import { afterEach, describe, expect, it } from 'vitest'
import { openRecoveryScene, type RecoveryScene, recoverArgs } from '../support/recovery-scene.ts'
import { waitFor } from '../support/servers.ts'
import { closeGate } from '../support/store-gate.ts'

let scene: RecoveryScene
afterEach(async () => {
  await scene.killAll()
  await scene.couplet.close()
})

async function readUndisturbed(): Promise<object> {
  expect((await scene.run(...recoverArgs)).code).toBe(2)
  const end = await scene.readEnd()
  await scene.rewind()
  return end
}

/** The whole store, row by row. */
async function readStore(): Promise<object> {
  const { store } = scene.couplet
  const { rows: tables } = await store.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'couplet'::regnamespace AND relkind = 'r' ORDER BY 1`,
  )
  const found: Record<string, readonly object[]> = {}
  for (const { name } of tables)
    found[name] = (await store.query<object>(`SELECT t::text FROM couplet.${name} t ORDER BY 1`)).rows
  return found
}

it('P3: of two recoveries at once one works, and the other one says who does; nor is anything restored meanwhile', async () => {
  scene = await openRecoveryScene()
  const { store } = scene.couplet
  const undisturbed = await readUndisturbed()
  const beginning = await closeGate(store, {
    table: 'audit_log',
    on: 'INSERT',
    when: `NEW.action = 'store.recover'`,
  })
  const working = await closeGate(store, { table: 'run', on: 'UPDATE', when: `NEW.state = 'running'` })
  const first = scene.start(recoverArgs)
  await beginning.reached()
  const second = scene.start(recoverArgs)
  await waitFor('the second one waits for the first', async () => {
    const { rowCount } = await store.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'transactionid' AND query LIKE '%couplet.lease%'`,
    )
    return rowCount === 1
  })
  await beginning.open()
  await working.reached()
  const refused = await second.ended()
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining('Another recovery is at work in '),
  ])
  expect(refused.stderr).toContain('RECOVERY_AT_WORK')
  const restore = await scene.run('restore', 'no-such-file', '--replace', '--reason', 'at the same time')
  expect([restore.code, restore.stderr]).toEqual([1, expect.stringContaining('RECOVERY_AT_WORK')])
  await working.open()
  expect((await first.ended()).code).toBe(2)
  expect(await scene.readEnd()).toEqual(undisturbed)
  const { rows } = await store.query(`SELECT FROM couplet.audit_log WHERE action = 'store.recover'`)
  expect(rows).toHaveLength(1)
})

it('P10: a recovery into which a process has begun to work does nothing, and names it', async () => {
  scene = await openRecoveryScene()
  const { store } = scene.couplet
  await store.query('DELETE FROM couplet.lease')
  const before = await scene.readEnd()
  const beginning = await closeGate(store, {
    table: 'audit_log',
    on: 'INSERT',
    when: `NEW.action = 'store.recover'`,
  })
  const recovery = scene.start(recoverArgs)
  await beginning.reached()
  await store.query(`
    INSERT INTO couplet.lease (resource, token, holder, expires_at)
    SELECT 'mapping/' || id || '/0', 1, 'early/7', clock_timestamp() + interval '1 hour' FROM couplet.table_mapping`)
  await beginning.open()
  const refused = await recovery.ended()
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining('early/7 has begun to work meanwhile'),
  ])
  await store.query('DELETE FROM couplet.lease')
  expect(await scene.readEnd()).toEqual(before)
})

it('P10: a recovery that has waited for a dead one looks again whether anybody works, and does nothing then', async () => {
  scene = await openRecoveryScene()
  const { store } = scene.couplet
  await store.query('DELETE FROM couplet.lease')
  const before = await scene.readEnd()
  await store.query(
    `INSERT INTO couplet.lease (resource, token, holder, expires_at) VALUES ('recovery', 1, 'dead/7', clock_timestamp() + interval '20 seconds')`,
  )
  const recovery = scene.start(recoverArgs, { COUPLET_LOG_LEVEL: 'warn' })
  await recovery.printed(/waiting until it is known to be dead/)
  await scene.liveOn('early/7')
  await scene.endLeases()
  const refused = await recovery.ended()
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('STORE_IN_USE')])
  await store.query('DELETE FROM couplet.process')
  expect(await scene.readEnd()).toEqual(before)
})

it('P2, P10: a recovery does not take the lease of a line away from a process that lives', async () => {
  scene = await openRecoveryScene()
  const { store } = scene.couplet
  const before = await scene.readEnd()
  await store.query('DELETE FROM couplet.lease')
  await store.query(
    `INSERT INTO couplet.lease (resource, token, holder, expires_at) VALUES ('mapping/1/0', 1, 'early/7', clock_timestamp() + interval '1 hour')`,
  )
  const recovery = scene.start(recoverArgs, { COUPLET_LOG_LEVEL: 'warn' })
  await recovery.printed(/waiting until it is known to be dead/)
  await store.query(`UPDATE couplet.lease SET expires_at = expires_at + interval '1 hour'`)
  const refused = await recovery.ended()
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('early/7 is at work on a line')])
  const { rows } = await store.query(
    `SELECT FROM couplet.lease WHERE holder = 'early/7' AND expires_at > now()`,
  )
  expect(rows).toHaveLength(1)
  await store.query('DELETE FROM couplet.lease')
  expect(await scene.readEnd()).toEqual(before)
})

it('P3: what somebody resumes too early waits for the end of the recovery', async () => {
  scene = await openRecoveryScene()
  const { store } = scene.couplet
  const { customers, accounts, currenciesThere } = await scene.readSystems()
  const working = await closeGate(store, {
    table: 'run',
    on: 'UPDATE',
    when: `NEW.kind = 'couple' AND NEW.state = 'running'`,
  })
  const recovery = scene.start(recoverArgs)
  await working.reached()
  expect((await scene.run('resume', '--all')).code).toBe(0)
  const early = scene.start(['sync', 'full', '--wait', '--keep-creating', 'no'])
  await waitFor('both lines have looked and wait', async () => {
    const { rowCount } = await store.query(
      `SELECT FROM bullmq.job WHERE name = 'sync-line' AND state = 'delayed'`,
    )
    return rowCount === 2
  })
  expect(await scene.readSystems()).toMatchObject({ customers, accounts, currenciesThere })
  await working.open()
  expect((await recovery.ended()).code).toBe(2)
  await waitFor('the customers are synchronized', async () => {
    const { rows } = await store.query<{ name: string; state: string }>(
      `SELECT m.name, l.state FROM couplet.run r JOIN couplet.line l ON l.run_id = r.id
       JOIN couplet.table_mapping m ON m.id = l.mapping_id WHERE r.kind = 'full' ORDER BY l.id DESC LIMIT 2`,
    )
    return rows.some(({ name, state }) => name === 'CUSTOMER' && state === 'finished')
  })
  const after = await scene.readSystems()
  const namesOf = (records: typeof customers) => records?.map(({ name }) => name)
  expect(namesOf(after['customers'])).toEqual(namesOf(customers))
  expect(namesOf(after['accounts'])).toEqual(namesOf(accounts))
  // It cannot be searched, and is paused on its own.
  expect(after['currenciesThere']).toEqual(currenciesThere)
  await early.kill()
})

describe('a recovery that was frozen for longer than its lease', () => {
  it.each([
    ['before it stores a run', 'read#2'],
    ['before it couples what it has found', 'commit#1/CUSTOMER'],
    ['in a mapping that is disabled', 'commit#1/ORDERS'],
    ['before it pauses a mapping', 'finish#1/CURRENCY'],
  ])('P2, P3: writes nothing when it wakes after another one: %s', async (_, failpoint) => {
    scene = await openRecoveryScene()
    const undisturbed = await readUndisturbed()
    const systems = await scene.readSystems()
    const frozen = scene.start(recoverArgs, { COUPLET_FAILPOINT: `stop@${failpoint}` })
    await frozen.frozen()
    await scene.endLeases()
    expect((await scene.run(...recoverArgs)).code).toBe(2)
    expect(await scene.readEnd()).toEqual(undisturbed)
    // What is paused until then somebody may have resumed.
    expect((await scene.run('resume', '--all')).code).toBe(0)
    expect((await scene.run('resume', 'CURRENCY')).code).toBe(0)
    const store = await readStore()
    frozen.thaw()
    const woken = await frozen.ended()
    expect([woken.code, woken.stderr]).toEqual([
      1,
      expect.stringContaining('held up for longer than its lease'),
    ])
    expect(await readStore()).toEqual(store)
    expect(await scene.readSystems()).toEqual(systems)
  })
})
