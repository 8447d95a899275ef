import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it, onTestFailed } from 'vitest'
import { SyncError } from '../../src/core/errors.ts'
import { expectBalancedBooks, quiet, settleIntents } from '../support/crash-books.ts'
import { type CrashCouplet, openCrashCouplet } from '../support/crash-couplet.ts'
import { createEditors } from '../support/crash-editors.ts'
import { chooseSeed, seededRandom } from '../support/crash-random.ts'
import { badRecords, readDifferences, readEndState, readVersions } from '../support/crash-state.ts'
import { openWorkers, type Worker, type Workers } from '../support/crash-workers.ts'
import { queuesBut } from '../support/installation.ts'

const KILLS = 50
const WORKERS = 3

let couplet: CrashCouplet
let workers: Workers
afterEach(async () => {
  await workers.killAll()
  await couplet.close()
})

/** Work never ends while workers die: full and modified runs of both pairs, one after the other and on top of each other. */
async function startSomething(random: () => number): Promise<void> {
  const kind = random() < 0.25 ? 'full' : 'modified'
  const pairId = random() < 0.8 ? couplet.pair.id : couplet.second.id
  try {
    await couplet.start(kind, { pairId })
  } catch (error) {
    if (!(error instanceof SyncError) || error.code !== 'FULL_SYNC_RUNNING') throw error
  }
}

async function unfinishedRuns(): Promise<number> {
  const { rows } = await couplet.store.query(`SELECT FROM couplet.run WHERE state IN ('queued', 'running')`)
  return rows.length
}

describe.each(queuesBut('redis'))('workers killed at random moments, over %s', (queue) => {
  it(`P1, P2, P3, P4, P5, P7, P10: ${KILLS} kills lose nothing, double nothing, and leave nothing to do`, async () => {
    const seed = chooseSeed()
    const random = seededRandom(seed)
    couplet = await openCrashCouplet(queue, { COUPLET_LOG_LEVEL: 'warn' })
    workers = openWorkers(couplet.env, 2)
    onTestFailed(() => workers.print(`COUPLET_TEST_SEED=${seed}`))
    const editors = createEditors(couplet, random)
    await couplet.startFull()
    const alive: Worker[] = []
    while (alive.length < WORKERS) alive.push(await workers.start())
    for (let kills = 0; kills < KILLS; kills += 1) {
      await editors.edit()
      if ((await unfinishedRuns()) < 3) await startSomething(random)
      await delay(random() * 700)
      const victim = Math.floor(random() * alive.length)
      await alive[victim]?.kill()
      alive[victim] = await workers.start()
    }
    await editors.finish()
    await quiet(couplet)
    for (const runId of await couplet.startModified()) await couplet.ended(runId)
    await settleIntents(couplet)

    const differences = await readDifferences(couplet)
    expect(differences.filter((one) => !badRecords.some((bad) => bad.test(one)))).toEqual([])
    expect(differences).toHaveLength(badRecords.length)
    expect(await editors.lost()).toEqual([])
    const { issues, couplings } = await readEndState(couplet)
    expect(issues).toHaveLength(badRecords.length)
    expect(couplings.filter((one) => one.includes('missing'))).toEqual([])
    await expectBalancedBooks(couplet)

    const before = await readVersions(couplet)
    for (const runId of await couplet.startFull()) {
      const { jobs } = await couplet.ended(runId)
      for (const { counters } of jobs)
        expect(counters.read).toBe(counters.unchanged + counters.failed + counters.waiting + counters.skipped)
    }
    expect(await readVersions(couplet)).toEqual(before)
  })
})
