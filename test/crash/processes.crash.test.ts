import { hostname } from 'node:os'
import { afterEach, describe, expect, it, onTestFailed } from 'vitest'
import type { KnownProcess } from '../../src/core/ports/process-store.ts'
import { retryLines } from '../../src/usecases/flow/retry-run.ts'
import { quietProcesses } from '../../src/usecases/processes/quiet-processes.ts'
import { expectBalancedBooks, settleIntents } from '../support/crash-books.ts'
import { type CrashCouplet, openCrashCouplet, undisturbed } from '../support/crash-couplet.ts'
import { readEndState } from '../support/crash-state.ts'
import { openWorkers, type Worker, type Workers } from '../support/crash-workers.ts'
import { waitFor } from '../support/servers.ts'

const RESTARTS = 4

let couplet: CrashCouplet
let workers: Workers
/** Leases that no busy machine loses by accident, where nothing waits for their end. */
async function open(leaseSeconds: number): Promise<void> {
  couplet = await openCrashCouplet('postgres', {
    COUPLET_LOG_LEVEL: 'warn',
    COUPLET_GIVE_UP_AFTER: '2',
    COUPLET_LEASE_SECONDS: String(leaseSeconds),
    COUPLET_STALLED_SECONDS: String(leaseSeconds),
  })
  workers = openWorkers(couplet.env)
  onTestFailed(() => workers.print())
}

afterEach(async () => {
  await workers.killAll()
  await couplet.close()
})

/** The process as the others see it, as soon as it is so. */
function seen(worker: Worker, what: string, isSo: (process: KnownProcess) => boolean): Promise<KnownProcess> {
  return waitFor(`worker ${worker.pid} ${what}`, async () => {
    const all = await couplet.context.care.processes.listProcesses()
    return all.find((each) => each.pid === worker.pid && isSo(each)) ?? null
  })
}

/** Who held the mappings last. */
async function holders(): Promise<readonly string[]> {
  const { rows } = await couplet.store.query<{ holder: string }>(
    `SELECT DISTINCT holder FROM couplet.lease WHERE resource LIKE 'mapping/%'`,
  )
  return rows.map(({ holder }) => holder)
}

const nameOf = ({ pid }: Worker) => `${hostname()}/${pid}`

describe('processes come and go', () => {
  it('P1, P3, P11: workers that are replaced one by one lose nothing and do nothing twice', async () => {
    const expected = await undisturbed()
    await open(20)
    const alive = [await workers.start(), await workers.start()]
    const runs = await couplet.startFull()
    for (let restarts = 0; restarts < RESTARTS; restarts += 1) {
      alive.push(await workers.start())
      expect(await alive.shift()?.stop()).toBe(0)
    }
    for (const runId of runs) await couplet.ended(runId)
    await settleIntents(couplet)
    expect(await readEndState(couplet)).toEqual(expected.afterFull)
    await expectBalancedBooks(couplet)
    const { rows } = await couplet.store.query('SELECT FROM couplet.job WHERE takeovers > 0')
    expect(rows).toEqual([])
    expect(await couplet.context.care.processes.listProcesses()).toHaveLength(alive.length)
  })

  it('a quiet worker takes nothing new until it may; one scheduler leads, and another one when it has died', async () => {
    await open(3)
    const first = await workers.start()
    await seen(first, 'leads', ({ isLeader }) => isLeader)
    const quiet = (isToBeQuiet: boolean) =>
      quietProcesses(
        { which: null, isToBeQuiet, by: 'test', reason: 'deployment' },
        couplet.context.care.processes,
      )
    expect(await quiet(true)).toHaveLength(1)
    await seen(first, 'is quiet', ({ state }) => state === 'quiet')
    const second = await workers.start()
    await seen(second, 'stands by', ({ isLeader }) => !isLeader)
    await couplet.ended(await couplet.start('full'))
    expect(await holders()).toEqual([nameOf(second)])

    await quiet(false)
    await seen(first, 'works', ({ state }) => state === 'working')
    await first.kill()
    await seen(second, 'leads', ({ isLeader }) => isLeader)
    await settleIntents(couplet)
    await expectBalancedBooks(couplet)
  })

  it('P10: a line over which workers die one after the other is given up, by name, and can be run again', async () => {
    await open(1)
    const runId = await couplet.start('mapping', { mapping: 'ITEM' })
    for (let deaths = 0; deaths < 2; deaths += 1) {
      const worker = await workers.start({ COUPLET_FAILPOINT: 'kill@write#1' })
      expect(await worker.ended()).toBe('SIGKILL')
    }
    await workers.start()
    const { run, lines } = await couplet.ended(runId)
    expect([run.state, lines[0]?.error?.code]).toEqual(['failed', 'LINE_KILLS_WORKERS'])
    await retryLines(runId, null, { by: 'test', reason: null }, couplet.context.deps)
    const again = await couplet.ended(runId)
    expect(again.lines.map(({ state }) => state)).toEqual(['finished'])
    await settleIntents(couplet)
    await expectBalancedBooks(couplet)
  })
})
