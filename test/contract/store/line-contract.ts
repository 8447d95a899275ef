import { describe, expect, it } from 'vitest'
import type { NewLine } from '../../../src/core/ports/run-store.ts'
import type { Line } from '../../../src/core/sync/run.ts'
import { present } from '../../../src/lib/assert.ts'
import type { Store } from '../../../src/store/store.ts'
import { givenMapping, givenPair, givenWorkplace, newLine, newRun } from '../../support/store-fixtures.ts'

const failure = { code: 'CONNECTION_REFUSED', message: 'nobody answers' }

export function lineContract(store: () => Store): void {
  const act = { by: 'test', reason: null }
  /** A run whose lines depend on each other as given: `{ C: ['A', 'B'] }`. */
  const givenGraph = async (
    graph: Readonly<Record<string, readonly string[]>>,
    changes: Partial<NewLine> = {},
  ) => {
    const pair = await givenPair(store())
    const plans: NewLine[] = []
    for (const [index, [name, dependsOn]] of Object.entries(graph).entries()) {
      const mapping = await givenMapping(store(), pair, name)
      plans.push(newLine(mapping, { position: index, dependsOn, ...changes }))
    }
    const { run } = await store().runs.createRun(newRun(pair, plans))
    await store().runs.startRun(run.id)
    const lines = async () => (await store().runs.getRun(run.id)).lines
    const lineOf = async (name: string) =>
      present(
        (await lines()).find(({ mappingName }) => mappingName === name),
        name,
      )
    const finish = async (name: string, state: Line['state'] = 'finished') =>
      (
        await store().runs.finishLine(
          (
            await lineOf(name)
          ).id,
          state,
          state === 'failed' ? failure : null,
          null,
        )
      ).map(({ mappingName }) => mappingName)
    const states = async () =>
      Object.fromEntries((await lines()).map(({ mappingName, state }) => [mappingName, state]))
    return { pair, plans, run, lines, lineOf, finish, states }
  }

  describe('lines and their dependencies', () => {
    it('lines without dependencies start ready, the others wait, in order of position', async () => {
      const { lines } = await givenGraph({ A: [], B: ['A'], C: ['A', 'B'] }, { ignoredDependencies: ['Z'] })
      const [a, b, c] = await lines()
      expect([a, b, c].map((line) => line?.state)).toEqual(['ready', 'pending', 'pending'])
      expect(c?.dependsOn).toEqual([a?.id, b?.id])
      expect(c?.ignoredDependencies).toEqual(['Z'])
    })

    it('a finished line makes ready what waited for it alone, and says so', async () => {
      const { finish, states, lineOf } = await givenGraph({ A: [], B: ['A'], C: ['B', 'A'] })
      expect(await finish('A')).toEqual(['B'])
      expect(await states()).toEqual({ A: 'finished', B: 'ready', C: 'pending' })
      expect((await lineOf('A')).finishedAt).not.toBeNull()
    })

    it('finishing a line again changes nothing and gives what is ready now', async () => {
      const { finish, states } = await givenGraph({ A: [], B: ['A'], C: ['A'] })
      expect(await finish('A')).toEqual(['B', 'C'])
      expect(await finish('A', 'failed')).toEqual(['B', 'C'])
      expect(await states()).toEqual({ A: 'finished', B: 'ready', C: 'ready' })
    })

    it('a line of requests is not answered while a request of it waits, nor once it has begun', async () => {
      const pair = await givenPair(store())
      const mapping = await givenMapping(store(), pair)
      const request = { direction: 'to', key: 'K1', force: true, createMissing: false } as const
      const plan = newLine(mapping, { selection: 'requests', requests: [request] })
      const { run } = await store().runs.createRun(newRun(pair, [plan]))
      const lineId = present((await store().runs.getRun(run.id)).lines[0], 'line').id
      expect(await store().runs.finishAnsweredLine(lineId)).toBeNull()
      await store().runs.startLine(lineId)
      expect(await store().runs.finishAnsweredLine(lineId)).toBeNull()
    })

    it('an answered line waits for records of its directions that were asked for without a run', async () => {
      const place = await givenWorkplace(store())
      const request = (direction: 'to' | 'from', key: string) =>
        ({ direction, key, force: true, createMissing: false }) as const
      const plan = newLine(place.mapping, {
        selection: 'requests',
        directions: ['to'],
        requests: [request('to', 'text:K1')],
      })
      const { run } = await store().runs.createRun(newRun(place.pair, [plan]))
      const { lines, jobs } = await store().runs.getRun(run.id)
      const [line, job] = [present(lines[0], 'line'), present(jobs[0], 'job')]
      const answer = async () =>
        place.commit({
          doneInbox: await store().sync.findInbox(place.mapping.id, 'to', 10),
          counters: new Map([[job.id, { read: 1 }]]),
        })
      await answer()
      expect(await store().runs.requestRecords(place.mapping, [request('to', 'text:K2')])).toBe(run.id)
      await store().runs.requestRecords(place.mapping, [request('from', 'text:K3')])
      expect(await store().runs.finishAnsweredLine(line.id)).toBeNull()
      await answer()
      expect(await store().runs.finishAnsweredLine(line.id)).not.toBeNull()
    })

    it('two lines that finish at once never both forget the third', async () => {
      for (let round = 0; round < 10; round += 1) {
        const { finish, states } = await givenGraph({ A: [], B: [], C: ['A', 'B'] })
        const ready = await Promise.all([finish('A'), finish('B')])
        expect(ready.flat()).toEqual(['C'])
        expect((await states())['C']).toBe('ready')
      }
    })

    it('a failed line blocks exactly its dependents, by name, and the run has failed', async () => {
      const { run, finish, states, lineOf } = await givenGraph({ A: [], B: ['A'], C: ['B'], D: [] })
      expect(await finish('A', 'failed')).toEqual([])
      expect(await states()).toEqual({ A: 'failed', B: 'blocked', C: 'blocked', D: 'ready' })
      expect((await lineOf('C')).blockedBy).toEqual(['A'])
      expect(await lineOf('A')).toMatchObject({ error: failure })
      await finish('D')
      expect((await store().runs.finishRunIfDone(run.id)).state).toBe('failed')
      const { jobs } = await store().runs.getRun(run.id)
      expect(jobs.slice(0, 2).map(({ state }) => state)).toEqual(['failed', 'failed'])
      // What never began waits no more.
      expect(jobs.filter(({ state }) => state === 'ready')).toEqual([])
      expect(jobs.filter(({ mappingName }) => mappingName === 'C').map(({ state }) => state)).toEqual([
        'cancelled',
        'cancelled',
      ])
    })

    it('starts that come no further than the one before are counted, until one ends or a page is done', async () => {
      const { lineOf } = await givenGraph({ A: [] })
      const { id } = await lineOf('A')
      const count = () => store().runs.countStart(id)
      expect([await count(), await count(), await count()]).toEqual([1, 2, 3])
      await store().runs.forgetStarts(id)
      expect(await count()).toBe(1)
    })

    it('a line starts when it is ready, again after a crash, and not once it or its run is over', async () => {
      const { run, finish, lineOf } = await givenGraph({ A: [], B: ['A'], C: [] })
      const start = async (name: string) => store().runs.startLine((await lineOf(name)).id)
      expect(await start('A')).toBe(true)
      expect((await lineOf('A')).state).toBe('running')
      expect(await start('A')).toBe(true)
      expect(await start('B')).toBe(false)
      await finish('A')
      expect(await start('A')).toBe(false)
      await store().runs.failRun(run.id, failure)
      expect(await start('C')).toBe(false)
    })

    it('further lines join an unfinished run, not a finished one', async () => {
      const { run, plans, finish } = await givenGraph({ A: [], B: [] })
      const again = { ...present(plans[0], 'plan'), dependsOn: ['B'] }
      const lines = await store().runs.addLines(run.id, [again])
      expect(lines.map(({ mappingName, state }) => `${mappingName} ${state}`)).toEqual([
        'A ready',
        'A pending',
        'B ready',
      ])
      expect(await finish('B')).toEqual(['A'])
      await store().runs.cancelRun(run.id, { by: 'test', reason: null })
      await expect(store().runs.addLines(run.id, [again])).rejects.toMatchObject({ code: 'RUN_UNKNOWN' })
    })
  })

  describe('retrying lines', () => {
    it('failed lines and those they blocked run again, with new queue ids', async () => {
      const { run, finish, states, lineOf } = await givenGraph({ A: [], B: ['A'], C: [] })
      await finish('A', 'failed')
      await finish('C')
      await store().runs.finishRunIfDone(run.id)
      const view = await store().runs.retryLines(run.id, null, act)
      expect(view.run).toMatchObject({ state: 'running', generation: 2, finishedAt: null })
      expect(await states()).toEqual({ A: 'ready', B: 'pending', C: 'finished' })
      expect(view.lines.map(({ generation }) => generation)).toEqual([2, 2, 1])
      expect(await lineOf('A')).toMatchObject({ error: null, finishedAt: null })
      expect((await lineOf('B')).blockedBy).toEqual([])
      const { jobs } = await store().runs.getRun(run.id)
      const again = jobs.filter(({ mappingName }) => mappingName !== 'C')
      expect(again.map(({ state, finishedAt }) => ({ state, finishedAt }))).toEqual(
        again.map(() => ({ state: 'ready', finishedAt: null })),
      )
      expect(await finish('A')).toEqual(['B'])
    })

    it('only the lines asked for; what another failure blocks stays blocked by it', async () => {
      const { run, finish, states, lineOf } = await givenGraph({ A: [], B: [], C: ['A', 'B'], D: ['A'] })
      await finish('A', 'failed')
      await finish('B', 'failed')
      await store().runs.retryLines(run.id, [(await lineOf('A')).id], act)
      expect(await states()).toEqual({ A: 'ready', B: 'failed', C: 'blocked', D: 'pending' })
      expect((await lineOf('C')).blockedBy).toEqual(['B'])
      expect((await lineOf('C')).generation).toBe(1)
    })

    it('jobs of a failed line go on from their checkpoint with their counters', async () => {
      const place = await givenWorkplace(store())
      const { jobs } = await store().runs.getRun(place.runId)
      const [to, from] = [present(jobs[0], 'to').id, present(jobs[1], 'from').id]
      const checkpoint = { cursor: 'c', ceiling: null, pages: 1, passDone: false }
      await store().runs.startJob(to, place.fence, 100)
      await store().runs.finishJob(to, place.fence, 'succeeded', null)
      await store().runs.startJob(from, place.fence, null)
      await place.commit({
        counters: new Map([[from, { read: 5, unchanged: 5 }]]),
        checkpoint: { jobId: from, value: checkpoint },
      })
      await store().runs.finishLine(place.lineId, 'failed', failure, place.fence)
      await store().runs.retryLines(place.runId, null, act)
      const after = (await store().runs.getRun(place.runId)).jobs
      expect(after[0]).toMatchObject({ state: 'succeeded', estimatedRows: 100 })
      expect(after[1]).toMatchObject({ state: 'ready', checkpoint, counters: { read: 5 }, error: null })
    })

    it('a finished line that is named begins from the start, and nothing else does', async () => {
      const { run, finish, states, lineOf } = await givenGraph({ A: [], B: ['A'] })
      for (const name of ['A', 'B']) await finish(name)
      await store().runs.retryLines(run.id, [(await lineOf('A')).id], act)
      expect(await states()).toEqual({ A: 'ready', B: 'finished' })
      const { jobs } = await store().runs.getRun(run.id)
      const ofA = jobs.filter(({ mappingName }) => mappingName === 'A')
      expect(ofA.every(({ state, checkpoint }) => state === 'ready' && checkpoint === null)).toBe(true)
    })

    it('is refused when nothing has failed', async () => {
      const { run, lineOf } = await givenGraph({ A: [] })
      const nothing = { code: 'NOTHING_TO_RETRY' }
      await expect(store().runs.retryLines(run.id, null, act)).rejects.toMatchObject(nothing)
      await expect(store().runs.retryLines(run.id, [(await lineOf('A')).id], act)).rejects.toMatchObject(
        nothing,
      )
    })

    it('a full run cannot come back while another one is at work', async () => {
      const pair = await givenPair(store())
      const mapping = await givenMapping(store(), pair)
      const create = () => store().runs.createRun(newRun(pair, [newLine(mapping)], { kind: 'full' }))
      const { run } = await create()
      await store().runs.failRun(run.id, failure)
      const second = await create()
      await expect(store().runs.retryLines(run.id, null, act)).rejects.toMatchObject({
        code: 'FULL_SYNC_RUNNING',
        data: { runId: second.run.id },
      })
    })

    it('of several who raise the generation of a run as they saw it one does, and none once it has ended', async () => {
      const { run } = await givenGraph({ A: [] })
      const raise = () => store().runs.raiseRunGeneration(run)
      expect((await Promise.all([raise(), raise(), raise()])).toSorted()).toEqual([2, null, null])
      await store().runs.failRun(run.id, failure)
      expect(await store().runs.raiseRunGeneration({ ...run, generation: 2 })).toBeNull()
    })

    it('generations only grow', async () => {
      const { run, lineOf } = await givenGraph({ A: [] })
      const { id } = await lineOf('A')
      expect(await store().runs.raiseRunGeneration(run)).toBe(2)
      expect(await store().runs.raiseLineGeneration({ id, generation: 1 })).toBe(2)
      expect(await store().runs.raiseLineGeneration({ id, generation: 2 })).toBe(3)
      expect((await store().runs.getLine(id)).generation).toBe(3)
    })

    it('of several who raise the generation of a line as they saw it one does, and none once it has ended', async () => {
      const { run, lineOf } = await givenGraph({ A: [], B: ['A'] })
      const line = await lineOf('A')
      const raise = () => store().runs.raiseLineGeneration(line)
      expect((await Promise.all([raise(), raise(), raise()])).toSorted()).toEqual([2, null, null])
      expect(await store().runs.raiseLineGeneration(await lineOf('B'))).toBeNull()
      await store().runs.failRun(run.id, failure)
      expect(await store().runs.raiseLineGeneration({ ...line, generation: 2 })).toBeNull()
      expect((await store().runs.getLine(line.id)).generation).toBe(2)
    })
  })

  describe('jobs', () => {
    it('a job with failed records is never shown as plain success', async () => {
      const place = await givenWorkplace(store())
      await store().runs.startJob(place.jobId, place.fence, null)
      await place.commit({ counters: new Map([[place.jobId, { read: 1, waiting: 1 }]]) })
      await store().runs.finishJob(place.jobId, place.fence, 'succeeded', null)
      const { jobs } = await store().runs.getRun(place.runId)
      expect(jobs[0]).toMatchObject({ state: 'succeeded-with-failures', error: null })
      expect(jobs[0]?.startedAt).not.toBeNull()
      expect(jobs[0]?.finishedAt).not.toBeNull()
    })

    it('a job keeps the error it ended with', async () => {
      const place = await givenWorkplace(store())
      await store().runs.finishJob(place.jobId, place.fence, 'failed', failure)
      expect((await store().runs.getRun(place.runId)).jobs[0]).toMatchObject({
        state: 'failed',
        error: failure,
      })
    })

    it('a line planned again forgets its checkpoints and pins the new version', async () => {
      const place = await givenWorkplace(store())
      await givenMapping(store(), place.pair, place.mapping.definition.name, { position: 1 })
      const value = { cursor: 'c', ceiling: null, pages: 1, passDone: false }
      await place.commit({ checkpoint: { jobId: place.jobId, value } })
      await store().runs.replanLine(place.lineId, 2)
      const { lines, jobs } = await store().runs.getRun(place.runId)
      expect(lines[0]?.mappingVersion).toBe(2)
      expect(jobs[0]?.checkpoint).toBeNull()
    })
  })
}
