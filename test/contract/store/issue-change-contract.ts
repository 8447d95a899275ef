import { describe, expect, it } from 'vitest'
import type { Store } from '../../../src/store/store.ts'
import { givenWorkplace, issueWrite, type Workplace } from '../../support/store-fixtures.ts'

export function issueChangeContract(store: () => Store): void {
  const all = { after: 0, limit: 10 }
  const act = { by: 'anna', reason: 'the ERP knows better' }
  const list = (place: Workplace, filter: object = {}) =>
    store().operations.listIssues({
      mapping: place.mapping.definition.name,
      limit: 10,
      before: null,
      ...filter,
    })
  const keysOf = async (place: Workplace, filter: object) =>
    (await list(place, filter)).map(({ key }) => key.slice('text:'.length)).sort()
  const dueKeys = async (place: Workplace) =>
    (await store().sync.findDueIssues(place.mapping.id, 'to', 10)).map(({ key }) => key).sort()
  const givenIssues = async () => {
    const place = await givenWorkplace(store())
    await place.commit({
      openIssues: [
        issueWrite(place.jobId, 'A', { retryInMs: 60_000, repeats: 2 }),
        issueWrite(place.jobId, 'B', { kind: 'skipped', field: 'city' }),
        issueWrite(place.jobId, 'C', { kind: 'waiting', code: 'REFERENCE_NOT_COUPLED', field: null }),
      ],
    })
    return place
  }

  describe('issues by filter (domain.md §11.3)', () => {
    it('finds them by number, kind, code, field and time', async () => {
      const place = await givenIssues()
      const [c, b] = await list(place)
      expect(await keysOf(place, { ids: [b?.id, c?.id] })).toEqual(['B', 'C'])
      expect(await keysOf(place, { ids: [] })).toEqual([])
      expect(await keysOf(place, { kind: 'skipped' })).toEqual(['B'])
      expect(await keysOf(place, { code: 'REFERENCE_NOT_COUPLED' })).toEqual(['C'])
      expect(await keysOf(place, { field: 'name' })).toEqual(['A'])
      const last = c?.lastAt ?? ''
      expect(await keysOf(place, { since: last })).toContain('C')
      expect(await keysOf(place, { until: last })).not.toContain('C')
      expect(await keysOf(place, { since: '2999-01-01T00:00:00Z' })).toEqual([])
    })

    it('counts them by mapping and kind', async () => {
      const place = await givenIssues()
      const mapping = place.mapping.definition.name
      const counted = await store().operations.countIssues({ mapping, pairId: place.pair.id })
      const row = { mappingId: place.mapping.id, mapping, issues: 1 }
      expect(counted).toEqual([
        { ...row, kind: 'failed' },
        { ...row, kind: 'skipped' },
        { ...row, kind: 'waiting' },
      ])
      expect(await store().operations.countIssues({ mapping, code: 'INTERNAL' })).toEqual([])
    })

    it('releases exactly the ones meant, those that were set aside as well', async () => {
      const place = await givenIssues()
      const filter = { pairId: place.pair.id, code: 'VALUE_TRUNCATED' }
      expect(await store().operations.releaseIssues(filter, all)).toEqual({
        changed: 2,
        passedOver: [],
        next: null,
      })
      expect(await dueKeys(place)).toEqual(['text:A', 'text:B'])
      expect(await keysOf(place, { kind: 'failed' })).toEqual(['A', 'B'])
      expect((await list(place, { field: 'name' }))[0]).toMatchObject({ repeats: 0, attempts: 1 })
    })

    it('sets aside exactly the ones meant: nothing makes them due any more', async () => {
      const place = await givenIssues()
      const filter = { pairId: place.pair.id, field: 'name' }
      expect((await store().operations.skipIssues(filter, all, act)).changed).toBe(1)
      expect((await list(place, { field: 'name' }))[0]).toMatchObject({
        kind: 'skipped',
        nextAttemptAt: null,
        parkedBy: 'anna',
        parkedReason: 'the ERP knows better',
      })
      expect(await keysOf(place, { kind: 'waiting' })).toEqual(['C'])
      expect(await keysOf(place, { isStopped: true })).toEqual(['A', 'B'])
      await store().operations.releaseIssues(filter, all)
      expect((await list(place, { field: 'name' }))[0]).toMatchObject({ parkedBy: null, parkedReason: null })
    })

    it('counts them by their cause, and finds exactly those of one cause', async () => {
      const place = await givenIssues()
      await place.commit({
        openIssues: [issueWrite(place.jobId, 'D', { code: 'VALUE_TRUNCATED', field: null })],
      })
      const groups = await store().operations.listIssueGroups({ pairId: place.pair.id }, 10)
      const of = (field: string | null) => ({ mappingId: place.mapping.id, code: 'VALUE_TRUNCATED', field })
      expect(groups).toContainEqual(expect.objectContaining({ ...of('city'), issues: 1, stopped: 1 }))
      expect(groups).toContainEqual(expect.objectContaining({ ...of(null), issues: 1 }))
      expect(await keysOf(place, { group: of('city') })).toEqual(['B'])
      // Without a field is a group of its own, and not all of them.
      expect(await keysOf(place, { group: of(null) })).toEqual(['D'])
    })

    it('goes on page by page', async () => {
      const place = await givenIssues()
      const filter = { pairId: place.pair.id }
      const first = await store().operations.releaseIssues(filter, { after: 0, limit: 2 })
      expect(first).toMatchObject({ changed: 2 })
      expect(await dueKeys(place)).toEqual(['text:A', 'text:B'])
      const second = await store().operations.releaseIssues(filter, { after: first.next ?? 0, limit: 2 })
      expect(second).toEqual({ changed: 1, passedOver: [], next: null })
      expect(await dueKeys(place)).toHaveLength(3)
    })
  })
}
