import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { sweep } from '../../src/usecases/flow/sweep.ts'
import { openRecoveryScene, type RecoveryScene, recoverArgs } from '../support/recovery-scene.ts'
import { closeGate, type Place } from '../support/store-gate.ts'

let scene: RecoveryScene
/** What a recovery leaves behind that nobody has disturbed. */
let undisturbed: object
let systems: object
beforeAll(async () => {
  scene = await openRecoveryScene()
  systems = await scene.readSystems()
  const first = await scene.run(...recoverArgs)
  expect([first.code, first.stdout], first.stderr).toEqual([2, expect.stringMatching(/CUSTOMER .* 6 /)])
  undisturbed = await scene.readEnd()
  expect(undisturbed).toMatchObject({
    issues: [expect.stringContaining('POSSIBLE_DUPLICATE')],
    pauses: [expect.stringContaining('everything'), expect.stringContaining('mapping')],
    unfinished: [],
    leases: [],
  })
}, 120_000)
afterEach(() => scene.killAll())
afterAll(() => scene.couplet.close())

const isHeld = async () =>
  (await scene.couplet.store.query(`SELECT FROM couplet.pause WHERE scope = 'everything'`)).rowCount === 1

/** Kills the command where it stands before this place of the store, or where its failpoint says. */
async function killAt(place: Place | string): Promise<void> {
  if (typeof place === 'string') {
    const failing = scene.start(recoverArgs, { COUPLET_FAILPOINT: `kill@${place}` })
    return expect((await failing.ended()).code).toBe('SIGKILL')
  }
  const gate = await closeGate(scene.couplet.store, place)
  const command = scene.start(recoverArgs)
  await gate.reached()
  await command.kill()
  await gate.cut()
}

const places: readonly (readonly [string, Place | string])[] = [
  ['before the first run is stored', 'read#1'],
  ['between a run and its beginning', { table: 'run', on: 'UPDATE', when: `NEW.state = 'running'` }],
  ['between a run and its jobs', { table: 'job', on: 'UPDATE', when: `NEW.state = 'running'` }],
  ['in the search of a mapping', 'commit#1/CUSTOMER'],
  ['between two pages of a search', 'commit#2/CUSTOMER'],
  ['before a mapping is done', { table: 'line', on: 'UPDATE', when: `NEW.state = 'finished'` }],
  ['before a run has ended', { table: 'run', on: 'UPDATE', when: `NEW.state = 'succeeded'` }],
  ['before a mapping is paused that cannot be searched', 'finish#1/CURRENCY'],
  ['before a record is set aside', { table: 'issue', on: 'INSERT', when: `NEW.code = 'POSSIBLE_DUPLICATE'` }],
  [
    'before its leases are given back',
    {
      table: 'lease',
      on: 'UPDATE',
      when: `NEW.expires_at = '-infinity' AND OLD.expires_at > '-infinity' AND NEW.resource LIKE 'mapping/%'`,
    },
  ],
]

describe('couplet recover that is killed', () => {
  it.each(places)('P3, P10: %s is repeated, and ends as if nobody had disturbed it', async (_, place) => {
    await scene.rewind()
    await killAt(place)
    expect(await isHeld()).toBe(true)
    expect(await scene.readSystems()).toEqual(systems)
    await scene.endLeases()
    const again = await scene.run(...recoverArgs)
    expect(again.code, again.stderr).toBe(2)
    expect(await scene.readEnd()).toEqual(undisturbed)
    expect(await scene.readSystems()).toEqual(systems)
  })

  it('P10: before everything is held has done nothing at all', async () => {
    await scene.rewind()
    const before = await scene.readEnd()
    await killAt({ table: 'audit_log', on: 'INSERT', when: `NEW.action = 'store.recover'` })
    expect(await isHeld()).toBe(false)
    expect(await scene.readEnd()).toEqual(before)
    expect((await scene.run(...recoverArgs)).code).toBe(2)
    expect(await scene.readEnd()).toEqual(undisturbed)
  })

  it('P10: has left a run that is not taken for a lost one, and that a sweep ends when its lease has ended', async () => {
    await scene.rewind()
    await killAt('commit#1/CUSTOMER')
    const { store, context } = scene.couplet
    const unfinished = `state IN ('queued', 'running')`
    await store.query(`UPDATE couplet.run SET created_at = now() - interval '1 hour' WHERE ${unfinished}`)
    await store.query(
      `UPDATE couplet.lease SET expires_at = clock_timestamp() + interval '1 hour' WHERE expires_at > '-infinity'`,
    )
    expect((await scene.run('doctor')).stdout).toContain('of a recovery that is at work or was interrupted')
    const sweepOnce = async () => {
      await sweep(context.deps, new AbortController().signal)
      return (await store.query(`SELECT generation, cancelled_by FROM couplet.run WHERE ${unfinished}`)).rows
    }
    expect(await sweepOnce()).toEqual([{ generation: 1, cancelled_by: null }])
    await scene.endLeases()
    expect(await sweepOnce()).toEqual([{ generation: 1, cancelled_by: 'sweeper' }])
    expect((await scene.run(...recoverArgs)).code).toBe(2)
    expect(await scene.readEnd()).toEqual(undisturbed)
  })

  it('P3, P4: and repeated makes no duplicate and loses no update, once it is resumed', async () => {
    await scene.rewind()
    await killAt('commit#2/CUSTOMER')
    // Nobody has to do anything about its lease. However slowly the next one starts, it meets it.
    await scene.couplet.store.query(
      `UPDATE couplet.lease SET expires_at = clock_timestamp() + interval '20 seconds' WHERE expires_at > '-infinity'`,
    )
    const again = await scene.start(recoverArgs, { COUPLET_LOG_LEVEL: 'warn' }).ended()
    expect([again.code, again.stderr]).toEqual([
      2,
      expect.stringContaining('Another recovery has begun; waiting'),
    ])
    expect((await scene.run('resume', '--all')).code).toBe(0)
    expect((await scene.run('resume', 'CURRENCY')).code).toBe(0)
    const synced = await scene.run('sync', 'full', '--wait', '--keep-creating', 'no')
    expect(synced.code, synced.stderr).toBe(2)
    const { customers, accounts, currenciesThere } = await scene.readSystems()
    expect(currenciesThere).toEqual([{ name: 'Euro' }, { name: 'Gold' }])
    // The record whose source is gone is set aside, and not created back.
    expect(accounts?.filter(({ name }) => name !== 'Gone')).toEqual(customers)
    expect(customers).toHaveLength(13)
    expect(customers).toContainEqual({ name: 'Customer 1', city: 'Late here' })
    expect(customers).toContainEqual({ name: 'Made here 2', city: 'Late there' })
  })
})
