import { afterEach, describe, expect, it, onTestFailed } from 'vitest'
import { expectBalancedBooks, quiet, settleIntents } from '../support/crash-books.ts'
import { type CrashCouplet, openCrashCouplet, undisturbed } from '../support/crash-couplet.ts'
import { readEndState } from '../support/crash-state.ts'
import { crashEditsSql } from '../support/crash-tables.ts'
import { killAtEach, openWorkers, type Workers } from '../support/crash-workers.ts'
import { queuesBut } from '../support/installation.ts'

let couplet: CrashCouplet
let workers: Workers
afterEach(async () => {
  await workers.killAll()
  await couplet.close()
})

async function finishUndisturbed(): Promise<void> {
  const worker = await workers.start()
  await quiet(couplet)
  await settleIntents(couplet)
  await worker.stop()
}

describe.each(queuesBut('postgres'))('a worker killed at each step of the pipeline, over %s', (queue) => {
  it('P2, P3, P4, P7: leaves what an undisturbed run leaves, in a full synchronization and in one of edits', async () => {
    const expected = await undisturbed()
    couplet = await openCrashCouplet(queue, { COUPLET_LOG_LEVEL: 'warn' })
    workers = openWorkers(couplet.env)
    onTestFailed(() => workers.print())

    await couplet.startFull()
    await killAtEach(workers, [
      'read#2',
      'lookup#1',
      'sort#3',
      'references#1',
      'partners#2',
      'decide#1',
      'intent#1',
    ])
    await killAtEach(workers, [
      'write#1',
      'commit#1',
      'write#2',
      'commit#2',
      'intent#3',
      'write#3',
      'finish#1',
      'finish#2',
    ])
    await finishUndisturbed()
    expect(await readEndState(couplet)).toEqual(expected.afterFull)
    await expectBalancedBooks(couplet)

    await couplet.systems.query(crashEditsSql)
    await couplet.startModified()
    await killAtEach(workers, [
      'read#1',
      'lookup#2',
      'sort#1',
      'references#1',
      'partners#1',
      'decide#2',
      'intent#2',
    ])
    await killAtEach(workers, ['write#1', 'commit#1', 'write#2', 'commit#3', 'finish#1'])
    await finishUndisturbed()
    expect(await readEndState(couplet)).toEqual(expected.afterEdits)
    await expectBalancedBooks(couplet)
  })
})
