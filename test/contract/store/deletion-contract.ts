import { describe, expect, it } from 'vitest'
import type { DeletionAnswers } from '../../../src/core/sync/deletion.ts'
import type { Store } from '../../../src/store/store.ts'
import {
  couplingWrite,
  givenPair,
  givenWorkplace,
  issueWrite,
  type Workplace,
} from '../../support/store-fixtures.ts'

export function deletionContract(store: () => Store): void {
  const search = ({ mapping }: Workplace) => ({ mappingId: mapping.id, direction: 'to' as const })
  const suspects = async (place: Workplace) =>
    (await store().deletions.listSuspects(search(place), 0, 10)).map(({ keys }) => keys.local)
  const issueOf = async (place: Workplace, key: string) => {
    const { issue } = await store().operations.findRecordState({ ...search(place), key: `text:${key}` })
    return issue
  }
  const dueKeys = async (place: Workplace) =>
    (await store().sync.findDueIssues(place.mapping.id, 'to', 10)).map(({ key }) => key)
  const held = (place: Workplace, key: string) =>
    issueWrite(place.jobId, key, {
      kind: 'waiting',
      errorKind: 'waiting',
      code: 'DELETION_HELD',
      partnerKey: `text:${key}-remote`,
    })
  const givenCouplings = async () => {
    const place = await givenWorkplace(store())
    await place.commit({
      couplings: ['A', 'B', 'C'].map((key) => couplingWrite(key, `${key}-remote`)),
    })
    return place
  }
  const remoteKeys = async ({ mapping }: Workplace, ...keys: string[]) => {
    const couplings = await store().sync.findCouplings(
      mapping.id,
      'local',
      keys.map((key) => `text:${key}`),
    )
    return couplings.map(({ remote }) => remote.key)
  }

  describe('the search for deleted records (architecture.md §4.6, P9)', () => {
    it('suspects couplings whose key was not listed, and none that are younger than the look', async () => {
      const place = await givenCouplings()
      const { mapping, fence } = place
      const startedAt = await store().deletions.beginComparison(fence, mapping.id)
      await store().deletions.stageKeys(fence, mapping.id, await remoteKeys(place, 'A'))
      await store().deletions.stageKeys(fence, mapping.id, await remoteKeys(place, 'A', 'C'))
      expect(await store().deletions.countStaged(mapping.id)).toBe(2)
      await place.commit({ couplings: [couplingWrite('young', 'young-remote')] })
      const end = { ...search(place), side: 'remote', startedAt, mark: 'm1' } as const
      await store().deletions.endComparison(fence, end)
      expect(await suspects(place)).toEqual(['text:B'])
      expect(await store().deletions.countSet(search(place))).toEqual({ records: 1, coupled: 4 })
      expect(await store().deletions.countStaged(mapping.id)).toBe(0)
      const look = await store().deletions.getLook(mapping.id, 'remote')
      expect([look.mark, typeof look.comparedMsAgo]).toEqual(['m1', 'number'])
    })

    it('suspects couplings that a pass has not met, and looks at uncoupled records with an issue', async () => {
      const place = await givenCouplings()
      const { mapping, fence } = place
      await place.commit({ seenCouplings: [4_711], openIssues: [issueWrite(place.jobId, 'X')] })
      await place.commit({ openIssues: [issueWrite(place.jobId, 'Y'), issueWrite(place.jobId, 'A')] })
      const startedAt = await store().deletions.beginComparison(fence, mapping.id)
      const [a, b] = await store().sync.findCouplings(mapping.id, 'local', ['text:A', 'text:B'])
      await place.commit({ seenCouplings: [a?.id ?? 0] })
      await place.commit({ seenCouplings: [b?.id ?? 0, 4_712] })
      await place.commit({ couplings: [couplingWrite('young', 'young-remote')] })
      const listUncoupled = (after: number) =>
        store().deletions.listUncoupled(mapping.id, 'local', { before: startedAt, after, limit: 1 })
      const [x] = await listUncoupled(0)
      const [y] = await listUncoupled(x?.issueId ?? 0)
      expect([x?.key, y?.key, await listUncoupled(y?.issueId ?? 0)]).toEqual(['text:X', 'text:Y', []])
      await store().deletions.stageKeys(fence, mapping.id, ['text:X'])
      const end = { ...search(place), side: 'local', startedAt, mark: null } as const
      await store().deletions.endPass(fence, end)
      expect([await suspects(place), await dueKeys(place)]).toEqual([['text:C'], ['text:Y']])
      await store().deletions.endPass(fence, { ...end, side: 'remote' })
      expect(await suspects(place)).toEqual(['text:C'])
      await store().deletions.forgetSeen(fence, mapping.id)
      await store().deletions.endPass(fence, end)
      expect(await suspects(place)).toEqual(['text:A', 'text:B', 'text:C'])
    })

    it('forgets a comparison that does not count, and remembers beside the rest what could be seen', async () => {
      const place = await givenCouplings()
      const { mapping, fence } = place
      await store().deletions.beginComparison(fence, mapping.id)
      await store().deletions.stageKeys(fence, mapping.id, await remoteKeys(place, 'A'))
      await store().deletions.dropComparison(fence, mapping.id)
      expect(await store().deletions.countStaged(mapping.id)).toBe(0)
      expect(await suspects(place)).toEqual([])
      const look = () => store().deletions.getLook(mapping.id, 'remote')
      expect(await look()).toEqual({ mark: null, comparedMsAgo: null, access: null })
      const seen = { mappingId: mapping.id, side: 'remote' } as const
      await store().deletions.saveAccess(fence, { ...seen, access: 'a' })
      await store().deletions.addDeleted(fence, { ...search(place), ...seen, keys: [], mark: 'm1' })
      expect(await look()).toEqual({ mark: 'm1', comparedMsAgo: null, access: 'a' })
      await store().deletions.saveAccess(fence, { ...seen, access: 'b' })
      expect(await look()).toMatchObject({ mark: 'm1', access: 'b' })
    })

    it('keeps what a pass has found until a page has judged it, or the coupling goes', async () => {
      const place = await givenCouplings()
      const found = await store().sync.findCouplings(place.mapping.id, 'local', [
        'text:A',
        'text:B',
        'text:C',
      ])
      const [a, b, c] = [...found].sort((x, y) => (x.local.key < y.local.key ? -1 : 1))
      if (!a || !b || !c) throw new Error('three couplings')
      const foundDeletions = found.map(({ id }) => ({ direction: 'to' as const, couplingId: id }))
      await place.commit({ foundDeletions })
      await place.commit({ foundDeletions })
      expect(await suspects(place)).toEqual(['text:A', 'text:B', 'text:C'])
      await place.commit({ settledDeletions: [a.id] })
      const why = { reason: 'test', uncoupledBy: 'test', jobId: place.jobId, isRemembered: true }
      const pair = { couplingId: b.id, localKey: b.local.key, remoteKey: b.remote.key, generation: 0 }
      await place.commit({ uncouplings: [{ ...pair, ...why }] })
      expect(await suspects(place)).toEqual(['text:C'])
      await store().deletions.dropSuspects(place.fence, [c.id])
      expect(await suspects(place)).toEqual([])
    })

    it('makes the issue of an uncoupled record due that a tombstone tells of', async () => {
      const place = await givenCouplings()
      await place.commit({ openIssues: [issueWrite(place.jobId, 'X'), issueWrite(place.jobId, 'A')] })
      await store().deletions.addDeleted(place.fence, {
        ...search(place),
        side: 'local',
        keys: ['text:X', 'text:A'],
        mark: 'm2',
      })
      expect([await dueKeys(place), await suspects(place)]).toEqual([['text:X'], ['text:A']])
      expect(await store().deletions.getLook(place.mapping.id, 'local')).toEqual({
        mark: 'm2',
        comparedMsAgo: null,
        access: null,
      })
    })
  })

  describe('a choice about a deletion', () => {
    const givenQuestion = async (changes: object = {}) => {
      const place = await givenWorkplace(store())
      const about = {
        code: 'DELETED_ON_ONE_SIDE',
        kind: 'conflict',
        partnerKey: 'text:P',
        ...changes,
      } as const
      const write = issueWrite(place.jobId, 'A', { ...about, partnerVersion: '' })
      await place.commit({ openIssues: [write] })
      return { place, write, id: (await issueOf(place, 'A'))?.id ?? 0 }
    }

    it('is stored for the version that is left, makes the issue due, and is never taken for a decided conflict', async () => {
      const { place, id } = await givenQuestion({ kind: 'skipped', sourceVersion: '', repeats: 2 })
      await place.commit({
        openIssues: [
          issueWrite(place.jobId, 'B', {
            code: 'COUPLED_TO_DELETED',
            sourceVersion: '',
            partnerVersion: '9',
          }),
        ],
      })
      expect(await store().deletions.resolve(id, 'archive', 'test')).toEqual({
        mappingId: place.mapping.id,
        pairId: place.pair.id,
      })
      expect(await issueOf(place, 'A')).toMatchObject({
        kind: 'failed',
        resolution: { kind: 'deletion', choice: 'archive', seenVersion: null },
      })
      expect(await dueKeys(place)).toEqual(['text:A'])
      const resolutions = await store().sync.findResolutions(place.mapping.id, 'to', ['text:A'])
      expect(resolutions.size).toBe(0)
      // An issue without a partner is about no coupling.
      const other = await issueOf(place, 'B')
      expect(await store().deletions.resolve(other?.id ?? 0, 'restore', 'test')).toBeNull()
      expect(await store().deletions.resolve(999_999_999, 'restore', 'test')).toBeNull()
    })

    it('stays while it is not carried out, and is due once more only for who has not seen it', async () => {
      const { place, write, id } = await givenQuestion({ sourceVersion: '7' })
      await store().deletions.resolve(id, 'leave', 'test')
      await place.commit({ openIssues: [write] })
      expect(await dueKeys(place)).toEqual(['text:A'])
      const chosen = { kind: 'deletion', choice: 'leave', seenVersion: '7' } as const
      await place.commit({ openIssues: [{ ...write, chosen }] })
      expect(await dueKeys(place)).toEqual([])
      expect((await issueOf(place, 'A'))?.resolution).toEqual(chosen)
      await place.commit({ openIssues: [{ ...write, code: 'RECORD_LOCKED', kind: 'failed', chosen }] })
      expect((await issueOf(place, 'A'))?.resolution).toEqual(chosen)
      // The partner is back, and something else is wrong.
      await place.commit({ openIssues: [{ ...write, code: 'VALUE_TRUNCATED', kind: 'failed' }] })
      expect((await issueOf(place, 'A'))?.resolution).toBeNull()
    })

    it('does not move to the other side when the question is over', async () => {
      const { place } = await givenQuestion()
      await place.commit({ closeIssues: [{ direction: 'to', key: 'text:A' }] })
      const query = { mapping: place.mapping.definition.name, limit: 10, before: null }
      expect(await store().operations.listIssues(query)).toEqual([])
    })

    it('is found again among what is due, by its issue or with all that was held in its run', async () => {
      const pair = await givenPair(store())
      const [place, other] = [await givenWorkplace(store(), pair), await givenWorkplace(store(), pair)]
      const due = issueWrite(place.jobId, 'D', { retryInMs: -1_000 })
      await place.commit({ openIssues: [held(place, 'A'), held(place, 'B'), held(other, 'C'), due] })
      const found = async (answers: DeletionAnswers) => {
        const asked = { jobIds: [], operationId: null, keys: [], answers }
        const issues = await store().sync.findDueIssues(place.mapping.id, 'to', 10, asked)
        return issues.map(({ key }) => key).sort()
      }
      const idOf = async (key: string) => (await issueOf(place, key))?.id ?? 0
      await store().deletions.resolve(await idOf('A'), 'restore', 'test')
      await store().deletions.resolve(await idOf('C'), 'restore', 'test')
      expect(await found({ issueId: await idOf('A') })).toEqual(['text:A'])
      expect(await found({ heldInRun: place.runId })).toEqual(['text:A'])
      const set = { runId: place.runId, mappingId: place.mapping.id, expected: 1 }
      await store().deletions.answerHeld(set, 'propagate', 'test')
      expect(await found({ heldInRun: place.runId })).toEqual(['text:A', 'text:B'])
    })

    it('answers what is held by the size of its set, and leaves the rest to decide', async () => {
      const place = await givenWorkplace(store())
      await place.commit({ openIssues: [held(place, 'A'), held(place, 'B')] })
      const known = await store().deletions.findKnown(place.mapping.id, 'to', ['text:A', 'text:none'])
      expect([...known]).toEqual([['text:A', { heldBy: place.jobId, resolution: null }]])
      const set = { runId: place.runId, mappingId: place.mapping.id }
      const tooFew = store().deletions.answerHeld({ ...set, expected: 1 }, 'propagate', 'test')
      await expect(tooFew).rejects.toMatchObject({ code: 'NOTHING_HELD' })
      expect(await store().deletions.listHeld(place.runId, null)).toMatchObject([{ records: 2 }])
      await store().deletions.answerHeld({ ...set, expected: 2 }, 'propagate', 'test')
      expect((await dueKeys(place)).sort()).toEqual(['text:A', 'text:B'])
      expect(await store().deletions.listHeld(place.runId, null)).toEqual([])
    })
  })
}
