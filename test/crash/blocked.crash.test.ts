import { afterEach, describe, expect, it, onTestFailed } from 'vitest'
import { retryLines } from '../../src/usecases/flow/retry-run.ts'
import { expectBalancedBooks, settleIntents } from '../support/crash-books.ts'
import { type CrashCouplet, openCrashCouplet, undisturbed } from '../support/crash-couplet.ts'
import { readEndState } from '../support/crash-state.ts'
import { openWorkers, type Workers } from '../support/crash-workers.ts'
import { queuesBut } from '../support/installation.ts'

let couplet: CrashCouplet
let workers: Workers | null = null
afterEach(async () => {
  await workers?.killAll()
  workers = null
  await couplet.close()
})

describe.each(queuesBut('redis'))('nothing waits for ever, over %s', (queue) => {
  it('P10: a failed line blocks exactly its dependents, by name, and a retry goes on from there', async () => {
    const expected = await undisturbed()
    couplet = await openCrashCouplet(queue)
    await couplet.systems.query('ALTER TABLE crm.systemuser RENAME TO moved')
    await couplet.work()
    const [runId = 0, second = 0] = await couplet.startFull()
    const failed = await couplet.ended(runId)
    await couplet.ended(second)
    expect(failed.run.state).toBe('failed')
    const shown = failed.lines.map(({ mappingName, state, blockedBy, error }) => [
      mappingName,
      state,
      error?.code ?? blockedBy.join(),
    ])
    expect(Object.fromEntries(shown.map(([name, ...rest]) => [name, rest]))).toEqual({
      SALESPERSON: ['failed', 'TABLE_NOT_FOUND'],
      CUSTOMER: ['blocked', 'SALESPERSON'],
      CONTACT: ['blocked', 'SALESPERSON'],
      UNIT: ['finished', ''],
      PRICE: ['finished', ''],
      ITEM: ['finished', ''],
      RESOURCE: ['finished', ''],
    })
    await couplet.systems.query('ALTER TABLE crm.moved RENAME TO systemuser')
    await retryLines(runId, null, { by: 'test', reason: null }, couplet.context.deps)
    const { run, lines } = await couplet.ended(runId)
    expect(run).toMatchObject({ state: 'succeeded-with-failures', error: null })
    expect(lines.every(({ state }) => state === 'finished')).toBe(true)
    await settleIntents(couplet)
    expect(await readEndState(couplet)).toEqual(expected.afterFull)
    await expectBalancedBooks(couplet)
  })

  it('P10: a line whose workers die more often than the queue allows runs again under a new number', async () => {
    couplet = await openCrashCouplet(queue, { COUPLET_LOG_LEVEL: 'warn' })
    const dying = openWorkers(couplet.env)
    workers = dying
    onTestFailed(() => dying.print())
    const runId = await couplet.start('mapping', { mapping: 'ITEM' })
    for (let deaths = 0; deaths < 4; deaths += 1) {
      const worker = await dying.start({ COUPLET_FAILPOINT: 'kill@write#1' })
      expect(await worker.ended()).toBe('SIGKILL')
    }
    await dying.start()
    const { run, lines } = await couplet.ended(runId)
    expect(run.state).toBe('succeeded-with-failures')
    expect(lines.map(({ generation }) => generation)).toEqual([2])
    await settleIntents(couplet)
    await expectBalancedBooks(couplet)
  })
})
