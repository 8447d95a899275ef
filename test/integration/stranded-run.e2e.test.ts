import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { examine } from '../../src/app/doctor/examine.ts'
import { lineJobId } from '../../src/queue/job-options.ts'
import { reviveLines, runParent } from '../../src/usecases/flow/run-parent.ts'
import { sweep } from '../../src/usecases/flow/sweep.ts'
import { runLine } from '../../src/usecases/line/run-line.ts'
import { createInstallation, type Installation, queueKinds } from '../support/installation.ts'
import { loseJob } from '../support/lose-job.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

const jobContext = () => ({
  signal: new AbortController().signal,
  attempt: 1,
  isLastAttempt: false,
  slotMs: null,
})

describe.each(queueKinds)('the job of a line that has ended vanishes from the queue, over %s', (queue) => {
  let couplet: Installation
  let runId: number
  beforeEach(async () => {
    couplet = await createInstallation({ queue, systemsSql: `${twoTablesSql} ${insertCustomers(3)}` })
    await couplet.import(customerMapping)
    runId = await couplet.start('modified')
  })
  afterEach(() => couplet.close())

  const read = () => couplet.context.deps.stores.runs.getRun(runId)
  const sweepOnce = () => sweep(couplet.context.deps, new AbortController().signal)
  const inQueue = async () =>
    (await examine(couplet.context)).find(({ area, what }) => area === 'queue' && what === 'runs')

  /** The line ends in the store, as it does a moment before its job ends. */
  async function endLine(): Promise<void> {
    const [line] = (await read()).lines
    const ids = { runId, lineId: line?.id ?? 0 }
    expect(await runLine(ids, jobContext(), couplet.context.deps)).toEqual({ verdict: 'done' })
    expect((await read()).lines).toMatchObject([{ state: 'finished' }])
  }

  async function loseLine({ withRow = true } = {}): Promise<void> {
    const [line] = (await read()).lines
    const url = couplet.env['QUEUE_URL'] ?? couplet.env['DATABASE_URL'] ?? ''
    const prefix = couplet.env['COUPLET_QUEUE_PREFIX'] ?? ''
    if (line) await loseJob({ url, prefix }, 'couplet-lines', lineJobId(line), withRow)
  }

  it('P10: the run is named, enqueued anew by one of several sweepers, and ends; its old parent changes nothing', async () => {
    await endLine()
    expect(await inQueue()).toMatchObject({ state: 'good' })
    expect(await sweepOnce()).toMatchObject({ runsEnqueued: 0, linesEnqueued: 0 })
    const old = await read()
    await loseLine()
    expect(await inQueue()).toMatchObject({
      state: 'warning',
      detail: `the queue has lost jobs of run ${runId}, which waits for lines that have ended`,
      remedy: expect.stringContaining('let a scheduler run'),
    })

    const reports = await Promise.all([sweepOnce(), sweepOnce(), sweepOnce()])
    expect(reports.map(({ runsEnqueued }) => runsEnqueued).toSorted()).toEqual([0, 0, 1])
    expect(await inQueue()).toMatchObject({ state: 'good' })
    expect(await sweepOnce()).toMatchObject({ runsEnqueued: 0, linesEnqueued: 0 })

    await couplet.work()
    const ended = await couplet.ended(runId)
    expect(ended.run).toMatchObject({ state: 'succeeded', generation: old.run.generation + 1 })
    expect(ended.lines).toHaveLength(1)

    // What the old parent would do, should it ever run.
    expect(await runParent({ runId }, jobContext(), couplet.context.deps)).toEqual({ verdict: 'done' })
    expect(await read()).toEqual(ended)
  })

  it('P10: a run whose line had not ended gets the line again, and ends', async () => {
    await loseLine()
    expect(await sweepOnce()).toMatchObject({ runsEnqueued: 0, linesEnqueued: 1 })
    await couplet.work()
    expect((await couplet.ended(runId)).run).toMatchObject({ state: 'succeeded' })
  })

  it('P10: a line that has ended since the sweeper read it is not added again', async () => {
    const { run, lines } = await read()
    await endLine()
    await loseLine()
    expect(await reviveLines(run, lines, couplet.context.deps)).toBe(0)
    expect((await read()).lines).toMatchObject([{ generation: 1 }])
  })

  it.runIf(queue === 'redis')('P10: a job that is in no list of Redis any more comes again', async () => {
    await loseLine({ withRow: false })
    expect(await sweepOnce()).toMatchObject({ runsEnqueued: 0, linesEnqueued: 1 })
    await couplet.work()
    expect((await couplet.ended(runId)).run).toMatchObject({ state: 'succeeded' })
  })

  it('P10: the run of a sweeper that dies between the new generation and its job is lost, and found', async () => {
    await endLine()
    await loseLine()
    const { queue: jobs, ...others } = couplet.context.deps
    const dies = { ...jobs, addRun: () => Promise.reject(new Error('killed')) }
    const report = await sweep({ ...others, queue: dies }, new AbortController().signal)
    expect(report).toMatchObject({ runsEnqueued: 0 })
    expect(await sweepOnce()).toMatchObject({ runsEnqueued: 1 })
    await couplet.work()
    expect((await couplet.ended(runId)).run).toMatchObject({ state: 'succeeded' })
  })

  it('a sweeper that was frozen between its look and its act changes nothing any more', async () => {
    await endLine()
    await loseLine()
    let wake = () => {}
    const frozen = new Promise<void>((resolve) => {
      wake = resolve
    })
    const { stores, ...others } = couplet.context.deps
    let isFrozen = false
    const runs: typeof stores.runs = {
      ...stores.runs,
      raiseRunGeneration: async (seen) => {
        isFrozen = true
        await frozen
        return stores.runs.raiseRunGeneration(seen)
      },
    }
    const late = sweep({ ...others, stores: { ...stores, runs } }, new AbortController().signal)
    await waitFor('the sweeper stands still', () => isFrozen)
    await couplet.work()
    const ended = await couplet.ended(runId)
    wake()
    expect(await late).toMatchObject({ runsEnqueued: 0 })
    expect(await read()).toEqual(ended)
  })
})
