import { afterEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/app/config.ts'
import { type Context, openContext } from '../../src/app/context.ts'
import { createLog } from '../../src/app/logger.ts'
import type { JobContext } from '../../src/core/jobs/catalog.ts'
import { runParent } from '../../src/usecases/flow/run-parent.ts'
import { startRun } from '../../src/usecases/flow/start-run.ts'
import { runLine } from '../../src/usecases/line/run-line.ts'
import { expectBalancedBooks, settleIntents } from '../support/crash-books.ts'
import { type CrashCouplet, openCrashCouplet, undisturbed } from '../support/crash-couplet.ts'
import { readEndState } from '../support/crash-state.ts'
import { queuesBut, request } from '../support/installation.ts'

let couplet: CrashCouplet
let other: Context
afterEach(async () => {
  await other.close()
  await couplet.close()
})

const delivery: JobContext = {
  signal: new AbortController().signal,
  attempt: 1,
  isLastAttempt: false,
  slotMs: null,
}

describe.each(queuesBut('postgres'))('the same job twice, over %s', (queue) => {
  it('P2, P11: a line delivered to two workers at once, and again after it has finished, is done once', async () => {
    const expected = await undisturbed()
    couplet = await openCrashCouplet(queue)
    const config = loadConfig(couplet.env)
    other = await openContext(config, createLog(config))
    const [runId = 0] = await couplet.startFull()
    const { lines } = await couplet.context.deps.stores.runs.getRun(runId)
    const ready = lines.filter((line) => line.state === 'ready')
    expect(ready.length).toBeGreaterThan(3)
    for (const line of ready.slice(0, 3)) {
      const deliver = (context: Context) => runLine({ runId, lineId: line.id }, delivery, context.deps)
      const verdicts = await Promise.all([deliver(couplet.context), deliver(other), deliver(other)])
      expect(verdicts.map(({ verdict }) => verdict).sort()).toEqual(['done', 'later', 'later'])
      for (const context of [couplet.context, other])
        expect(await deliver(context)).toEqual({ verdict: 'done' })
    }
    await couplet.work()
    await couplet.ended(runId)
    const parents = [couplet.context, other].map((context) => runParent({ runId }, delivery, context.deps))
    expect(await Promise.all(parents)).toEqual([{ verdict: 'done' }, { verdict: 'done' }])
    await settleIntents(couplet)
    expect(await readEndState(couplet)).toEqual(expected.afterFull)
    await expectBalancedBooks(couplet)
  })

  it('P11: several processes that ask for the same run at once get one run', async () => {
    couplet = await openCrashCouplet(queue)
    const config = loadConfig(couplet.env)
    other = await openContext(config, createLog(config))
    const asked = { ...request(couplet.pair.id, 'modified'), idempotencyKey: 'order 17', payloadHash: 'x' }
    const answers = await Promise.all(
      [couplet.context, other, couplet.context, other].map((context) => startRun(asked, context.deps)),
    )
    expect(new Set(answers.map(({ run }) => run.id)).size).toBe(1)
    expect(answers.filter(({ created }) => created)).toHaveLength(1)
    const full = request(couplet.pair.id, 'full')
    const attempts = await Promise.allSettled(
      [couplet.context, other].map(({ deps }) => startRun(full, deps)),
    )
    expect(attempts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(attempts.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'FULL_SYNC_RUNNING' },
    })
  })
})
