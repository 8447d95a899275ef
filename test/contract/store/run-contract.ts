import { describe, expect, it } from 'vitest'
import type { NewRun } from '../../../src/core/ports/run-store.ts'
import { zeroCounters } from '../../../src/core/sync/outcome.ts'
import { plainOptions } from '../../../src/core/sync/run.ts'
import { zeroCosts } from '../../../src/core/sync/step-costs.ts'
import type { Store } from '../../../src/store/store.ts'
import {
  givenMapping,
  givenPair,
  givenWorkplace,
  issueWrite,
  newLine,
  newRun,
  outcome,
  unique,
} from '../../support/store-fixtures.ts'

export function runContract(store: () => Store): void {
  const givenRunnable = async () => {
    const pair = await givenPair(store())
    const mapping = await givenMapping(store(), pair)
    const create = (changes: Partial<NewRun> = {}) =>
      store().runs.createRun(newRun(pair, [newLine(mapping)], changes))
    return { pair, mapping, create }
  }

  it('what the steps of a job have cost adds up over its attempts, for the holder of the lease only', async () => {
    const workplace = await givenWorkplace(store())
    const cost = (ms: number, requests: number) => ({
      ...zeroCosts,
      read: { ms, requests },
    })
    await store().runs.addStepCosts(workplace.jobId, workplace.fence, cost(10.4, 2))
    await store().runs.addStepCosts(workplace.jobId, workplace.fence, cost(5, 1))
    await store().leases.release(workplace.fence)
    const late = store().runs.addStepCosts(workplace.jobId, workplace.fence, cost(9, 9))
    await expect(late).rejects.toMatchObject({ code: 'LEASE_LOST' })
    const listed = { limit: 100, before: null, mapping: null }
    const jobs = await store().runs.listJobs(listed)
    const job = jobs.find(({ id }) => id === workplace.jobId)
    expect(job?.stepCosts).toEqual(cost(15, 3))
    const ofRun = await store().runs.listJobs({ ...listed, runId: job?.runId ?? 0 })
    expect(ofRun).toEqual(jobs.filter(({ runId }) => runId === job?.runId))
    expect(await store().runs.listJobs({ ...listed, runId: 999_999 })).toEqual([])
    expect(await store().runs.listJobs({ ...listed, pairId: 999_999 })).toEqual([])
    expect(await store().runs.listJobs({ ...listed, code: 'LINE_KILLS_WORKERS' })).toEqual([])
    expect(
      jobs.find(({ lineId, id }) => lineId === job?.lineId && id !== workplace.jobId)?.stepCosts ?? null,
    ).toBeNull()
  })

  describe('creating runs', () => {
    it('a run comes with its lines, and with its jobs in the order to, from', async () => {
      const { mapping, create } = await givenRunnable()
      const { run, created, lines } = await create({
        options: { ...plainOptions, createMissing: true, keepCreating: 'ask' },
      })
      expect(created).toBe(true)
      expect(run).toMatchObject({
        state: 'queued',
        generation: 1,
        startedAt: null,
        finishedAt: null,
        error: null,
      })
      const details = await store().runs.getRun(run.id)
      expect(details.run).toEqual(run)
      expect(details.lines).toEqual(lines)
      expect(details.run.options).toEqual({ ...plainOptions, createMissing: true, keepCreating: 'ask' })
      expect(details.lines).toMatchObject([
        { mappingName: mapping.definition.name, state: 'ready', generation: 1 },
      ])
      expect(details.jobs.map(({ direction }) => direction)).toEqual(['to', 'from'])
      expect(details.jobs[0]).toMatchObject({ state: 'ready', counters: zeroCounters, checkpoint: null })
      await expect(store().runs.getRun(-1)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' })
    })

    it('the same idempotency key gives the same run, also to requests at the same moment (P11)', async () => {
      const { create } = await givenRunnable()
      const key = { idempotencyKey: 'k', payloadHash: 'h' }
      const created = await Promise.all([create(key), create(key), create(key)])
      expect(created.filter((creation) => creation.created)).toHaveLength(1)
      expect(new Set(created.map(({ run }) => run.id)).size).toBe(1)
      expect((await store().runs.getRun(created[0]?.run.id ?? 0)).lines).toHaveLength(1)
    })

    it('the same idempotency key with another payload is refused', async () => {
      const { create } = await givenRunnable()
      await create({ idempotencyKey: 'k', payloadHash: 'h' })
      await expect(create({ idempotencyKey: 'k', payloadHash: 'other' })).rejects.toMatchObject({
        code: 'RUN_KEY_REUSED',
      })
    })

    it('two pairs may use the same idempotency key', async () => {
      const key = { idempotencyKey: 'k', payloadHash: 'h' }
      const [one, two] = [await givenRunnable(), await givenRunnable()]
      expect((await one.create(key)).created).toBe(true)
      expect((await two.create(key)).created).toBe(true)
    })

    it('one slot of a schedule makes one run', async () => {
      const { pair, create } = await givenRunnable()
      const schedule = await store().schedules.save(
        { pairId: pair.id, name: unique('s'), everyMinutes: 30 },
        null,
      )
      const slot = { scheduleId: schedule.id, slot: '2024-05-01T10:00Z' }
      const runs = await Promise.all([create(slot), create(slot)])
      expect(runs.map(({ created }) => created).sort()).toEqual([false, true])
      expect(runs[0]?.run.id).toBe(runs[1]?.run.id)
      expect((await create({ ...slot, slot: '2024-05-01T10:30Z' })).created).toBe(true)
    })

    it('a second full run of a pair is refused until the first has ended', async () => {
      const { create } = await givenRunnable()
      const full = { kind: 'full' } as const
      const { run } = await create(full)
      const refused = `Full synchronization ${run.id} is running since ${run.createdAt}, asked for by test`
      await expect(create(full)).rejects.toMatchObject({
        code: 'FULL_SYNC_RUNNING',
        message: refused,
        data: { runId: run.id },
      })
      const preview = { ...full, options: { ...plainOptions, dryRun: true } }
      expect([(await create(preview)).created, (await create(preview)).created]).toEqual([true, true])
      expect((await create({ kind: 'modified' })).created).toBe(true)
      expect((await (await givenRunnable()).create(full)).created).toBe(true)
      await store().runs.cancelRun(run.id, { by: 'test', reason: null })
      expect((await create(full)).created).toBe(true)
    })

    it('the idempotency key of a running full run gives that run', async () => {
      const { create } = await givenRunnable()
      const full = { kind: 'full', idempotencyKey: 'k', payloadHash: 'h' } as const
      const { run } = await create(full)
      expect(await create(full)).toEqual({ run, created: false, lines: [] })
    })
  })

  describe('joining a run that waits', () => {
    const records = { kind: 'records', deduplicate: true } as const
    const givenRequests = async () => {
      const pair = await givenPair(store())
      const mapping = await givenMapping(store(), pair)
      const ask = (key: string, changes: Partial<NewRun> = {}) => {
        const request = { direction: 'to', key, force: true, createMissing: false, releases: false } as const
        const line = newLine(mapping, { selection: 'requests', directions: ['to'], requests: [request] })
        return store().runs.createRun(newRun(pair, [line], { ...records, ...changes }))
      }
      const waiting = async () => {
        const rows = await store().sync.findInbox(mapping.id, 'to', 100)
        return rows.map(({ key, jobIds }) => `${key} ${jobIds.length}`).sort()
      }
      return { pair, mapping, ask, waiting }
    }

    it('an equal run that has not begun takes the records along, and answers for their idempotency keys (P11)', async () => {
      const { ask, waiting } = await givenRequests()
      const { run } = await ask('text:a')
      const key = { idempotencyKey: 'k', payloadHash: 'h' }
      expect(await ask('text:b', key)).toEqual({ run, created: false, lines: [] })
      expect(await ask('text:a')).toEqual({ run, created: false, lines: [] })
      expect(await ask('text:b', { ...key, deduplicate: false })).toEqual({ run, created: false, lines: [] })
      await expect(ask('text:b', { ...key, payloadHash: 'other' })).rejects.toMatchObject({
        code: 'RUN_KEY_REUSED',
      })
      expect(await waiting()).toEqual(['text:a 1', 'text:b 1'])
      const { jobs } = await store().runs.getRun(run.id)
      expect(jobs).toHaveLength(1)
    })

    it.each([
      ['has begun', {}, (id: number) => store().runs.startRun(id)],
      ['was cancelled', {}, (id: number) => store().runs.cancelRun(id, { by: 'test', reason: null })],
      ['somebody else has asked for', { requestedBy: 'other' }, null],
      ['has another reason', { reason: 'other' }, null],
      ['tells somebody else of its end', { callbackUrl: 'https://example.com/done' }, null],
      ['has another priority', { priority: 9 }, null],
      ['creates what is missing', { options: { ...plainOptions, createMissing: true } }, null],
      ['is of another kind', { kind: 'uncouple' as const }, null],
    ])('a run that %s does not', async (_, changes, act) => {
      const { ask } = await givenRequests()
      const { run } = await ask('text:a', changes)
      await act?.(run.id)
      expect((await ask('text:b')).created).toBe(true)
    })

    it('nor does one of another mapping, or without being asked to', async () => {
      const { pair, ask } = await givenRequests()
      await ask('text:a')
      expect((await ask('text:b', { deduplicate: false })).created).toBe(true)
      const other = newLine(await givenMapping(store(), pair), { selection: 'requests', directions: ['to'] })
      expect((await store().runs.createRun(newRun(pair, [other], records))).created).toBe(true)
    })

    it('many requests at the same moment: each is in one run, and the same key in one only', async () => {
      const { ask, waiting } = await givenRequests()
      const key = { idempotencyKey: 'k', payloadHash: 'h' }
      const asked = await Promise.all([
        ...['a', 'b', 'c', 'd', 'e'].map((each) => ask(`text:${each}`)),
        ...[1, 2, 3].map(() => ask('text:f', key)),
      ])
      expect(new Set(asked.slice(5).map(({ run }) => run.id)).size).toBe(1)
      expect((await waiting()).map((each) => each.slice(0, 6))).toEqual(
        ['a', 'b', 'c', 'd', 'e', 'f'].map((each) => `text:${each}`),
      )
    })
  })

  describe('reading runs', () => {
    it('lists newest first, in pages, by kind; unfinished ones oldest first', async () => {
      const { create } = await givenRunnable()
      const ids: number[] = []
      for (const kind of ['modified', 'mapping', 'modified'] as const)
        ids.push((await create({ kind })).run.id)
      const [first = 0, second = 0, third = 0] = ids
      const list = async (changes: object) =>
        (await store().runs.listRuns({ limit: 2, before: third + 1, kind: null, ...changes })).map(
          ({ id }) => id,
        )
      expect(await list({})).toEqual([third, second])
      expect(await list({ before: second })).toContain(first)
      expect(await list({ kind: 'modified' })).toEqual([third, first])
      expect(await list({ state: 'running' })).not.toContain(first)
      expect(await list({ state: 'queued', pairId: (await store().runs.getRun(first)).run.pairId })).toEqual([
        third,
        second,
      ])
      await store().runs.cancelRun(second, { by: 'test', reason: null })
      const unfinished = (await store().runs.listUnfinished({ limit: 10_000, after: 0 })).filter(({ run }) =>
        ids.includes(run.id),
      )
      expect(unfinished.map(({ run }) => run.id)).toEqual([first, third])
      const rest = await store().runs.listUnfinished({ limit: 10_000, after: first })
      expect(rest.some(({ run }) => run.id <= first)).toBe(false)
      expect(unfinished[0]?.lines).toMatchObject([{ runId: first, state: 'ready' }])
    })

    it('lists jobs newest first, by mapping', async () => {
      const { mapping, create } = await givenRunnable()
      await create()
      await create()
      const list = (before: number | null) =>
        store().runs.listJobs({ limit: 3, before, mapping: mapping.definition.name })
      const newest = await list(null)
      expect(newest).toHaveLength(3)
      expect(await list(newest[2]?.id ?? 0)).toHaveLength(1)
      expect(newest[0]?.id).toBeGreaterThan(newest[1]?.id ?? Number.POSITIVE_INFINITY)
    })

    it('lists the records of a run that are still wrong', async () => {
      const place = await givenWorkplace(store())
      const failed = (key: string) => outcome(place.jobId, key, { kind: 'failed', remoteKey: null })
      await place.commit({
        outcomes: [failed('A'), failed('B'), outcome(place.jobId, 'C')],
        openIssues: [issueWrite(place.jobId, 'A'), issueWrite(place.jobId, 'B')],
      })
      const next = await store().runs.createRun(newRun(place.pair, [newLine(place.mapping)]))
      const nextJob = (await store().runs.getRun(next.run.id)).jobs[0]?.id ?? 0
      await place.commit({
        closeIssues: [{ direction: 'to', key: 'text:A' }],
        openIssues: [issueWrite(nextJob, 'B'), issueWrite(nextJob, 'D')],
      })
      expect(await store().runs.listFailedRecords(place.runId)).toEqual([
        { mappingId: place.mapping.id, direction: 'to', key: 'text:B' },
      ])
      const ofNext = await store().runs.listFailedRecords(next.run.id)
      expect(ofNext.map(({ key }) => key)).toEqual(['text:B', 'text:D'])
    })
  })

  describe('the end of a run', () => {
    const endWith = async (counters: object) => {
      const place = await givenWorkplace(store())
      await place.commit({ counters: new Map([[place.jobId, { read: 1, ...counters }]]) })
      await store().runs.startRun(place.runId)
      expect((await store().runs.finishRunIfDone(place.runId)).state).toBe('running')
      await store().runs.finishLine(place.lineId, 'finished', null, place.fence)
      return store().runs.finishRunIfDone(place.runId)
    }

    it('succeeds when all lines finished and all records did', async () => {
      const run = await endWith({ inserted: 1 })
      expect(run).toMatchObject({ state: 'succeeded', error: null })
      expect(run.startedAt).not.toBeNull()
      expect(run.finishedAt).not.toBeNull()
      expect(await store().runs.finishRunIfDone(run.id)).toEqual(run)
    })

    it.each(['failed', 'waiting', 'conflict', 'skipped'])(
      'is never shown as plain success when a record is %s',
      async (name) => {
        expect((await endWith({ [name]: 1 })).state).toBe('succeeded-with-failures')
      },
    )

    it('a run that fails takes the lines that had not begun with it', async () => {
      const { create } = await givenRunnable()
      const { run } = await create()
      await store().runs.failRun(run.id, { code: 'INTERNAL', message: 'broken' })
      const details = await store().runs.getRun(run.id)
      expect(details.run).toMatchObject({ state: 'failed', error: { code: 'INTERNAL', message: 'broken' } })
      expect(details.lines[0]).toMatchObject({ state: 'failed' })
      expect(await store().runs.startLine(details.lines[0]?.id ?? 0)).toBe(false)
    })

    it('a cancelled run without a line at work ends at once, and only once', async () => {
      const { create } = await givenRunnable()
      const { run } = await create()
      expect(await store().runs.isCancelled(run.id)).toBe(false)
      const ended = await store().runs.cancelRun(run.id, { by: 'me', reason: null })
      expect(ended).toMatchObject({ state: 'cancelled', cancelledBy: 'me' })
      expect(ended.finishedAt).not.toBeNull()
      const { lines, jobs } = await store().runs.getRun(run.id)
      expect([...lines, ...jobs].every(({ state }) => state === 'cancelled')).toBe(true)
      const again = store().runs.cancelRun(run.id, { by: 'me', reason: null })
      await expect(again).rejects.toMatchObject({ code: 'RUN_ENDED' })
    })

    it('a line at work ends a cancelled run when it stops itself', async () => {
      const { create } = await givenRunnable()
      const { run } = await create()
      const lineId = (await store().runs.getRun(run.id)).lines[0]?.id ?? 0
      await store().runs.startRun(run.id)
      await store().runs.startLine(lineId)
      const cancelled = await store().runs.cancelRun(run.id, { by: 'me', reason: null })
      expect(cancelled).toMatchObject({ state: 'running', cancelledBy: 'me' })
      expect(await store().runs.isCancelled(run.id)).toBe(true)
      await store().runs.finishLine(lineId, 'cancelled', null, null)
      expect((await store().runs.finishRunIfDone(run.id)).state).toBe('cancelled')
    })
  })
}
