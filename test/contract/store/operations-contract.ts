import { describe, expect, it } from 'vitest'
import { plainOptions } from '../../../src/core/sync/run.ts'
import type { Store } from '../../../src/store/store.ts'
import { waitFor } from '../../support/servers.ts'
import {
  couplingWrite,
  givenMapping,
  givenPair,
  givenWorkplace,
  issueWrite,
  newLine,
  newRun,
  outcome,
  unique,
} from '../../support/store-fixtures.ts'

export function operationsContract(store: () => Store): void {
  describe('the question at the end (P12)', () => {
    const ask = async (place: { runId: number; pair: { id: number } }, expiresInMs = 60_000) =>
      store().operations.openQuestion({
        runId: place.runId,
        pairId: place.pair.id,
        mappings: [{ mappingId: 1, name: 'M', version: 3 }],
        expiresInMs,
      })
    const notOpen = { code: 'QUESTION_NOT_OPEN' }

    it('is asked once, and answered once', async () => {
      const place = await givenWorkplace(store())
      const asked = await ask(place)
      expect(asked).toMatchObject({
        state: 'open',
        answer: null,
        mappings: [{ mappingId: 1, name: 'M', version: 3 }],
        results: [],
      })
      expect(await ask(place)).toEqual(asked)
      const results = [{ name: 'M', result: 'changed' }] as const
      const answered = await store().operations.answerQuestion(place.runId, 'yes', results, 'test')
      expect(answered).toEqual({ ...asked, state: 'answered', answer: 'yes', results })
      expect(await store().operations.findQuestion(place.runId)).toEqual(answered)
      await expect(store().operations.answerQuestion(place.runId, 'no', [], 'test')).rejects.toMatchObject(
        notOpen,
      )
      expect(await ask(place)).toEqual(answered)
    })

    it('of two answers at once one wins', async () => {
      const place = await givenWorkplace(store())
      await ask(place)
      const answers = await Promise.allSettled([
        store().operations.answerQuestion(place.runId, 'yes', [], 'test'),
        store().operations.answerQuestion(place.runId, 'no', [], 'test'),
      ])
      expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    })

    it('a newer question of the pair ends the older one, and not those of other pairs', async () => {
      const [place, stranger] = [await givenWorkplace(store()), await givenWorkplace(store())]
      await ask(place)
      await ask(stranger)
      const newer = await givenWorkplace(store(), place.pair)
      await ask(newer)
      expect(await store().operations.findQuestion(place.runId)).toMatchObject({
        state: 'expired',
        answer: null,
      })
      expect(await store().operations.findQuestion(newer.runId)).toMatchObject({ state: 'open' })
      expect(await store().operations.findQuestion(stranger.runId)).toMatchObject({ state: 'open' })
      await expect(store().operations.answerQuestion(place.runId, 'yes', [], 'test')).rejects.toMatchObject(
        notOpen,
      )
    })

    it('expires after its time and takes no answer then', async () => {
      const place = await givenWorkplace(store())
      await ask(place, 10)
      await waitFor('the time is over', async () => (await store().operations.expireQuestions()) > 0)
      expect(await store().operations.findQuestion(place.runId)).toMatchObject({ state: 'expired' })
      await expect(store().operations.answerQuestion(place.runId, 'yes', [], 'test')).rejects.toMatchObject(
        notOpen,
      )
      expect(await store().operations.findQuestion(-1)).toBeNull()
    })
  })

  describe('the audit log', () => {
    it('takes audit entries with any detail', async () => {
      const entry = {
        actor: 'a',
        action: 'b',
        subject: 'c',
        detail: { list: [1, null], nested: { x: true } },
      }
      await expect(store().operations.appendAudit(entry)).resolves.toBeUndefined()
    })
  })

  describe('the ledger', () => {
    it('is read newest first, by job and mapping, in pages', async () => {
      const place = await givenWorkplace(store(), undefined, unique('LEDGER'))
      await place.commit({ outcomes: ['A', 'B', 'C'].map((key) => outcome(place.jobId, key)) })
      const list = (changes: object) =>
        store().operations.listOutcomes({
          runId: null,
          jobId: null,
          mapping: place.mapping.definition.name,
          limit: 2,
          before: null,
          ...changes,
        })
      const newest = await list({})
      expect(newest.map(({ localKey }) => localKey)).toEqual(['text:C', 'text:B'])
      const next = await list({ before: newest[1]?.id ?? 0, jobId: place.jobId })
      expect(next.map(({ localKey }) => localKey)).toEqual(['text:A'])
      expect(await list({ jobId: place.jobId + 1 })).toEqual([])
    })
  })

  it('the history of a pair is found by both keys, by one where there is no other, in its mapping only', async () => {
    const place = await givenWorkplace(store())
    const other = await givenWorkplace(store(), place.pair)
    const row = (localKey: string | null, remoteKey: string | null) => ({
      ...outcome(place.jobId, 'x'),
      localKey,
      remoteKey,
    })
    await place.commit({
      outcomes: [
        row('text:L', null),
        row(null, 'text:R'),
        row('text:L', 'text:R'),
        row('text:R', 'text:other'),
        row('text:L2', 'text:R2'),
      ],
    })
    await other.commit({ outcomes: [{ ...row('text:L', null), jobId: other.jobId }] })
    const find = async (
      localKey: string | null,
      remoteKey: string | null,
      limit = 10,
      before: number | null = null,
    ) => store().operations.listHistory({ mappingId: place.mapping.id, localKey, remoteKey, limit, before })
    const keys = (outcomes: Awaited<ReturnType<typeof find>>) =>
      outcomes.map((each) => [each.localKey, each.remoteKey])
    const all = await find('text:L', 'text:R')
    expect(keys(all)).toEqual([
      ['text:L', 'text:R'],
      [null, 'text:R'],
      ['text:L', null],
    ])
    expect(keys(await find('text:L', 'text:R', 1, all[0]?.id ?? 0))).toEqual([[null, 'text:R']])
    expect(keys(await find('text:L', null))).toEqual([
      ['text:L', 'text:R'],
      ['text:L', null],
    ])
    expect(keys(await find(null, 'text:R'))).toEqual([
      ['text:L', 'text:R'],
      [null, 'text:R'],
    ])
    expect(await find(null, null)).toEqual([])
    const both = await store().operations.listHistory({
      mappingId: place.mapping.id,
      localKey: 'text:L',
      remoteKey: null,
      isOfBoth: true,
      limit: 10,
      before: null,
    })
    expect(keys(both)).toEqual([['text:L', 'text:R']])
  })

  it('couplings are found by the name others call their records by', async () => {
    const place = await givenWorkplace(store())
    const named = (local: string, remote: string, name: string) => {
      const write = couplingWrite(local, remote)
      return { ...write, local: { ...write.local, reference: name } }
    }
    await place.commit({ couplings: [named('a', 'b', 'text:N1'), named('c', 'd', 'text:N1')] })
    const found = await store().operations.findCouplingsByReference(place.mapping.id, 'local', ['text:N1'])
    expect(found.map(({ remote }) => remote.key)).toEqual(['text:b', 'text:d'])
    expect(
      await store().operations.findCouplingsByReference(place.mapping.id, 'remote', ['text:N1']),
    ).toEqual([])
    expect(await store().operations.findCouplingsByReference(place.mapping.id, 'local', [])).toEqual([])
  })

  it('couplings are listed by the reference of their local record, each once, and by how it begins', async () => {
    const place = await givenWorkplace(store())
    const named = (local: string, remote: string, name: string) => {
      const write = couplingWrite(local, remote)
      return { ...write, local: { ...write.local, reference: name } }
    }
    await place.commit({
      couplings: [
        named('a', 'b', 'text:N2'),
        named('c', 'd', 'text:N1'),
        named('e', 'f', 'text:N2'),
        named('g', 'h', 'text:n%'),
      ],
    })
    const list = (after: string | null, startsWith: string | null = null) =>
      store().operations.listCoupled({ mappingId: place.mapping.id, limit: 2, after, startsWith })
    const first = await list(null)
    const second = await list(first.next)
    const third = await list(second.next)
    const keys = [first, second, third].map(({ couplings }) => couplings.map(({ remote }) => remote.key))
    expect(keys).toEqual([['text:d', 'text:b'], ['text:f', 'text:h'], []])
    expect([second.next === null, third.next]).toEqual([false, null])
    expect((await list(null, 'N1')).couplings.map(({ local }) => local.reference)).toEqual(['text:N1'])
    expect((await list(null, 'n%')).couplings.map(({ remote }) => remote.key)).toEqual(['text:h'])
    expect((await list(null, '%')).couplings).toEqual([])
  })

  describe('orphaned work (P1, P10)', () => {
    const isOrphaned = async (mappingId: number, resting: readonly number[] = []) =>
      (await store().operations.listMappingsWithOrphanedWork({ limit: 10_000, resting })).some(
        (work) => work.mappingId === mappingId,
      )

    it('due issues are orphaned once no unfinished line stands for the mapping', async () => {
      const place = await givenWorkplace(store())
      await place.commit({ openIssues: [issueWrite(place.jobId, 'A', { retryInMs: 0 })] })
      await waitFor('the issue is due', () => store().sync.hasDueWork(place.mapping.id))
      expect(await isOrphaned(place.mapping.id)).toBe(false)
      await store().runs.finishLine(place.lineId, 'finished', null, place.fence)
      await store().runs.finishRunIfDone(place.runId)
      expect(
        await store().operations.listMappingsWithOrphanedWork({ limit: 10_000, resting: [] }),
      ).toContainEqual({
        pairId: place.pair.id,
        mappingId: place.mapping.id,
      })
      expect(await isOrphaned(place.mapping.id, [place.mapping.id])).toBe(false)
      await place.commit({ closeIssues: [{ direction: 'to', key: 'text:A' }] })
      expect(await isOrphaned(place.mapping.id)).toBe(false)
    })

    it('due issues are orphaned beside runs that leave them alone, once they have waited for a minute', async () => {
      const pair = await givenPair(store())
      const place = await givenWorkplace(store(), pair)
      const due = (key: string, retryInMs: number) =>
        place.commit({ openIssues: [issueWrite(place.jobId, key, { retryInMs })] })
      const line = newLine(place.mapping, { selection: 'requests' })
      const options = { ...plainOptions, onlyAsked: true }
      await store().runs.createRun(newRun(pair, [line], { kind: 'records', options }))
      await due('A', -50_000)
      await store().runs.finishLine(place.lineId, 'finished', null, place.fence)
      await store().runs.finishRunIfDone(place.runId)
      expect(await isOrphaned(place.mapping.id)).toBe(false)
      await due('B', -70_000)
      expect(await isOrphaned(place.mapping.id)).toBe(true)
      expect(await isOrphaned(place.mapping.id, [place.mapping.id])).toBe(false)
      await store().runs.createRun(newRun(pair, [line], { kind: 'records' }))
      expect(await isOrphaned(place.mapping.id)).toBe(false)
    })

    it('records enqueued without a run wait once each, and are told of the run that will see them', async () => {
      const pair = await givenPair(store())
      const mapping = await givenMapping(store(), pair)
      const requests = ['text:A', 'text:B', 'text:A'].map(
        (key) => ({ direction: 'to', key, force: true, createMissing: false }) as const,
      )
      expect(await store().runs.requestRecords(mapping, requests)).toBeNull()
      expect(await store().sync.findInbox(mapping.id, 'to', 10)).toHaveLength(2)
      expect(await isOrphaned(mapping.id, [mapping.id])).toBe(true)
      const line = newLine(mapping, { selection: 'requests', directions: ['to'] })
      const { run } = await store().runs.createRun(newRun(pair, [line]))
      expect(await store().runs.requestRecords(mapping, requests)).toBe(run.id)
      const lineId = (await store().runs.getRun(run.id)).lines[0]?.id ?? 0
      const fromThere = requests.map((request) => ({ ...request, direction: 'from' }) as const)
      expect(await store().runs.requestRecords(mapping, [...requests, ...fromThere])).toBeNull()
      await store().runs.startLine(lineId)
      expect(await store().runs.requestRecords(mapping, requests)).toBeNull()
    })

    it('what only a cancelled run has asked for is gone', async () => {
      const pair = await givenPair(store())
      const mapping = await givenMapping(store(), pair)
      const request = (key: string) => ({ direction: 'to', key, force: false, createMissing: false }) as const
      const create = async (...keys: string[]) => {
        const line = newLine(mapping, { requests: keys.map(request) })
        return (await store().runs.createRun(newRun(pair, [line]))).run.id
      }
      const cancelled = await create('text:A', 'text:B')
      await create('text:B')
      await store().runs.cancelRun(cancelled, { by: 'test', reason: null })
      const left = await store().sync.findInbox(mapping.id, 'to', 10)
      expect(left.map(({ key, jobIds }) => [key, jobIds.length])).toEqual([['text:B', 1]])
    })

    it('a line at work whose run has failed keeps nothing from being found', async () => {
      const place = await givenWorkplace(store())
      await place.commit({ openIssues: [issueWrite(place.jobId, 'A', { retryInMs: 0 })] })
      await store().runs.startLine(place.lineId)
      await store().runs.failRun(place.runId, { code: 'INTERNAL', message: 'x' })
      await waitFor('it is found', () => isOrphaned(place.mapping.id))
    })

    it('an issue that is not due yet is no orphan', async () => {
      const place = await givenWorkplace(store())
      await place.commit({ openIssues: [issueWrite(place.jobId, 'A', { retryInMs: 60_000 })] })
      await store().runs.cancelRun(place.runId, { by: 'test', reason: null })
      expect(await isOrphaned(place.mapping.id)).toBe(false)
    })
  })
}
