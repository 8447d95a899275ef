import { describe, expect, it } from 'vitest'
import type { Store } from '../../../src/store/store.ts'
import { givenWorkplace, issueWrite, type Workplace } from '../../support/store-fixtures.ts'

export function issueChangeContract(store: () => Store): void {
  const list = (place: Workplace, filter: object = {}) =>
    store().operations.listIssues({
      mapping: place.mapping.definition.name,
      limit: 10,
      before: null,
      ...filter,
    })
  const keysOf = async (place: Workplace, filter: object) =>
    (await list(place, filter)).map(({ key }) => key.slice('text:'.length)).sort()
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

    it('finds those that nothing tries again, those about a deletion, and conflicts in the same fields', async () => {
      const place = await givenIssues()
      const conflict = (...fields: readonly string[]) => ({
        kind: 'conflict' as const,
        code: 'CONFLICT_BOTH_CHANGED' as const,
        conflicts: fields.map((field) => ({
          local: { field, base: null, value: null, modifiedAt: null },
          remote: { field, base: null, value: null, modifiedAt: null },
        })),
      })
      await place.commit({
        openIssues: [
          issueWrite(place.jobId, 'D', { code: 'DELETED_ON_ONE_SIDE', partnerKey: 'text:d' }),
          issueWrite(place.jobId, 'E', { code: 'DELETED_ON_ONE_SIDE', partnerKey: null }),
          issueWrite(place.jobId, 'F', conflict('city', 'name')),
          issueWrite(place.jobId, 'G', conflict('name', 'city')),
          issueWrite(place.jobId, 'H', conflict('name')),
        ],
      })
      expect(await keysOf(place, { isStopped: true })).toContain('B')
      expect(await keysOf(place, { isAboutDeletion: true })).toEqual(['D'])
      const [f] = await list(place, { code: 'CONFLICT_BOTH_CHANGED', limit: 10 }).then((found) =>
        found.filter(({ key }) => key === 'text:F'),
      )
      expect(await keysOf(place, { alikeTo: f?.id })).toEqual(['G'])
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
  })
}
