import { describe, expect, it } from 'vitest'
import { referenceName } from '../../../src/core/sync/issue.ts'
import type { Store } from '../../../src/store/store.ts'
import { couplingWrite, givenWorkplace, issueWrite, type Workplace } from '../../support/store-fixtures.ts'

export function ledgerContract(store: () => Store): void {
  const find = (place: Workplace, keys: { to?: string[]; from?: string[] }) =>
    store().sync.findIssues(place.mapping.id, { to: keys.to ?? [], from: keys.from ?? [] })
  const issueOf = async (place: Workplace, key = 'A') => {
    const issues = await store().operations.listIssues({
      mapping: place.mapping.definition.name,
      limit: 10,
      before: null,
      pairId: place.pair.id,
      kind: null,
      code: null,
    })
    return issues.find((issue) => issue.key === `text:${key}`)
  }
  const dueKeys = async (place: Workplace) =>
    (await store().sync.findDueIssues(place.mapping.id, 'to', 10)).map(({ key }) => key)
  const met = (place: Workplace, key: string, isReleased: boolean) => [
    { direction: 'to' as const, key: `text:${key}`, jobId: place.jobId, isReleased },
  ]

  describe('the failure ledger (domain.md §11.4)', () => {
    it('finds the issues of both directions by their keys, with what the attempt looked at', async () => {
      const place = await givenWorkplace(store())
      const write = issueWrite(place.jobId, 'A', { partnerVersion: '', repeats: 3, createMissing: true })
      await place.commit({
        openIssues: [
          write,
          issueWrite(place.jobId, 'B'),
          issueWrite(place.jobId, 'A', { direction: 'from' }),
        ],
      })
      const found = await find(place, { to: ['text:A', 'text:none'], from: ['text:B'] })
      expect(found).toEqual([
        {
          direction: 'to',
          key: 'text:A',
          kind: 'failed',
          code: 'VALUE_TRUNCATED',
          field: 'name',
          repeats: 3,
          createMissing: true,
          sourceVersion: '1',
          partnerVersion: '',
          mappingVersion: 1,
          configuration: 'configuration',
        },
      ])
      expect(await find(place, { from: ['text:A'] })).toMatchObject([{ direction: 'from' }])
    })

    it('what was only read once more keeps its attempts and its next one', async () => {
      const place = await givenWorkplace(store())
      await place.commit({ openIssues: [issueWrite(place.jobId, 'A', { retryInMs: 60_000 })] })
      const before = await issueOf(place)
      await place.commit({
        openIssues: [issueWrite(place.jobId, 'A', { isAttempt: false, repeats: 9, sourceVersion: '2' })],
      })
      expect(await issueOf(place)).toMatchObject({
        attempts: 1,
        repeats: 1,
        nextAttemptAt: before?.nextAttemptAt,
        sourceVersion: '2',
      })
    })

    it('an issue met again shows the job that met it, and stays set aside', async () => {
      const place = await givenWorkplace(store())
      const other = await givenWorkplace(store(), place.pair)
      await place.commit({ openIssues: [issueWrite(other.jobId, 'A', { kind: 'skipped' })] })
      await place.commit({ metIssues: met(place, 'A', false) })
      expect(await issueOf(place)).toMatchObject({ kind: 'skipped', jobId: place.jobId, nextAttemptAt: null })
    })

    it('an issue whose record has changed is due at once, set aside or not', async () => {
      const place = await givenWorkplace(store())
      await place.commit({
        openIssues: [
          issueWrite(place.jobId, 'A', { kind: 'skipped', repeats: 2 }),
          issueWrite(place.jobId, 'B', { kind: 'conflict' }),
        ],
      })
      await place.commit({ metIssues: [...met(place, 'A', true), ...met(place, 'B', true)] })
      expect(await issueOf(place)).toMatchObject({ kind: 'failed', repeats: 0 })
      expect(await issueOf(place, 'B')).toMatchObject({ kind: 'conflict' })
      expect((await dueKeys(place)).sort()).toEqual(['text:A', 'text:B'])
    })

    it('another mapping version or configuration releases its issues page by page, each once', async () => {
      const place = await givenWorkplace(store())
      const other = await givenWorkplace(store(), place.pair)
      const old = ['A', 'B', 'C'].map((key) => issueWrite(place.jobId, key, { kind: 'skipped' }))
      const now = issueWrite(place.jobId, 'D', { kind: 'skipped', mappingVersion: 2 })
      await place.commit({ openIssues: [...old, now] })
      await other.commit({ openIssues: [issueWrite(other.jobId, 'E')] })
      const release = (configuration: string) =>
        store().sync.releaseOutdated(
          place.mapping.id,
          { mappingVersion: 2, configuration },
          { limit: 2, fromMs: 0, toMs: 0 },
        )
      expect([await release('configuration'), await release('configuration')]).toEqual([2, 1])
      expect(await release('configuration')).toBe(0)
      expect((await dueKeys(place)).sort()).toEqual(['text:A', 'text:B', 'text:C'])
      expect(await issueOf(place, 'D')).toMatchObject({ kind: 'skipped' })
      expect([await release('other'), await release('other'), await release('other')]).toEqual([2, 2, 0])
      expect(await dueKeys(other)).toEqual([])
    })

    it('what is released is spread over the time given', async () => {
      const place = await givenWorkplace(store())
      await place.commit({ openIssues: [issueWrite(place.jobId, 'A')] })
      const spread = { limit: 2, fromMs: 60_000, toMs: 120_000 }
      await store().sync.releaseOutdated(place.mapping.id, { mappingVersion: 2, configuration: '' }, spread)
      const delayMs =
        Date.parse((await issueOf(place))?.nextAttemptAt ?? '') -
        Date.parse((await issueOf(place))?.lastAt ?? '')
      expect(delayMs).toBeGreaterThanOrEqual(60_000)
      expect(await dueKeys(place)).toEqual([])
    })

    it('issues of an older mapping version call for a run', async () => {
      const place = await givenWorkplace(store())
      const orphaned = async () =>
        (await store().operations.listMappingsWithOrphanedWork({ limit: 100, resting: [] })).map(
          ({ mappingId }) => mappingId,
        )
      await place.commit({ openIssues: [issueWrite(place.jobId, 'A', { mappingVersion: 0 })] })
      await store().runs.finishLine(place.lineId, 'finished', null, place.fence)
      await store().runs.finishRunIfDone(place.runId)
      expect(await orphaned()).toContain(place.mapping.id)
      await place.commit({ openIssues: [issueWrite(place.jobId, 'A', { mappingVersion: 1 })] })
      expect(await orphaned()).not.toContain(place.mapping.id)
    })

    it('a record that was set aside is not released by the coupling it had waited for', async () => {
      const place = await givenWorkplace(store())
      const parent = referenceName(place.mapping.definition.name, 'local', 'text:P')
      await place.commit({
        openIssues: [
          issueWrite(place.jobId, 'A', { kind: 'skipped', waitsFor: parent }),
          issueWrite(place.jobId, 'B', { kind: 'waiting', waitsFor: parent }),
        ],
      })
      await place.commit({ couplings: [couplingWrite('P', 'R')], releases: [parent] })
      expect(await dueKeys(place)).toEqual(['text:B'])
    })

    it.each(['failed', 'waiting', 'conflict', 'skipped'] as const)(
      'a job that has succeeded does not stay a plain success when a record is %s after it',
      async (kind) => {
        const place = await givenWorkplace(store())
        await store().runs.finishJob(place.jobId, place.fence, 'succeeded', null)
        const state = async () =>
          (await store().runs.getRun(place.runId)).jobs.find((job) => job.id === place.jobId)?.state
        await place.commit({ counters: new Map([[place.jobId, { read: 1, unchanged: 1 }]]) })
        expect(await state()).toBe('succeeded')
        await place.commit({ counters: new Map([[place.jobId, { read: 1, [kind]: 1 }]]) })
        expect(await state()).toBe('succeeded-with-failures')
      },
    )
  })
}
