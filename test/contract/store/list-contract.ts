import { describe, expect, it } from 'vitest'
import type { Store } from '../../../src/store/store.ts'
import {
  givenMapping,
  givenPair,
  givenWorkplace,
  newLine,
  newRun,
  outcome,
} from '../../support/store-fixtures.ts'

export function listContract(store: () => Store): void {
  describe('lists by what somebody looks for', () => {
    const givenRuns = async () => {
      const pair = await givenPair(store())
      const [a, b] = [await givenMapping(store(), pair), await givenMapping(store(), pair)]
      const create = async (mappings: readonly (typeof a)[], requestedBy: string) => {
        const lines = mappings.map((mapping, index) => newLine(mapping, { position: index + 1 }))
        return (await store().runs.createRun(newRun(pair, lines, { requestedBy }))).run
      }
      const [first, both, last] = [
        await create([a], 'user/ann'),
        await create([a, b], 'user/bob'),
        await create([b], 'user/ann'),
      ]
      return { pair, names: { a: a.definition.name, b: b.definition.name }, first, both, last }
    }

    it('runs with a line for a mapping, of who asked, of some mappings only, and of a time', async () => {
      const { pair, names, first, both, last } = await givenRuns()
      const query = { limit: 10, before: null, kind: null, pairId: pair.id }
      const list = async (changes: object) =>
        (await store().runs.listRuns({ ...query, ...changes })).map(({ id }) => id)
      expect(await list({ mapping: names.a })).toEqual([both.id, first.id])
      expect(await list({ mapping: names.b })).toEqual([last.id, both.id])
      expect(await list({ requestedBy: 'user/ann' })).toEqual([last.id, first.id])
      expect(await list({ onlyMappings: [names.a] })).toEqual([first.id])
      expect(await list({ onlyMappings: [names.a, names.b] })).toEqual([last.id, both.id, first.id])
      expect(await list({ onlyMappings: [] })).toEqual([])
      expect(await list({ since: both.createdAt })).toEqual([last.id, both.id])
      expect(await list({ until: both.createdAt })).toEqual([first.id])
      expect(await list({ since: both.createdAt, until: last.createdAt })).toEqual([both.id])
    })

    it('jobs of a time', async () => {
      const { pair, both, last } = await givenRuns()
      const query = { limit: 10, before: null, mapping: null, pairId: pair.id }
      const list = async (changes: object) =>
        (await store().runs.listJobs({ ...query, ...changes })).map(({ runId }) => runId)
      expect(new Set(await list({ since: last.createdAt }))).toEqual(new Set([last.id]))
      const between = await list({ since: both.createdAt, until: last.createdAt })
      expect(new Set(between)).toEqual(new Set([both.id]))
    })

    it('outcomes of a time', async () => {
      const place = await givenWorkplace(store())
      for (const key of ['A', 'B', 'C']) await place.commit({ outcomes: [outcome(place.jobId, key)] })
      const query = { runId: place.runId, jobId: null, mapping: null, limit: 10, before: null }
      const list = (changes: object) => store().operations.listOutcomes({ ...query, ...changes })
      const [c, b] = await list({})
      expect((await list({ since: b?.at })).map(({ localKey }) => localKey)).toEqual(['text:C', 'text:B'])
      expect((await list({ until: b?.at })).map(({ localKey }) => localKey)).toEqual(['text:A'])
      expect(await list({ since: b?.at, until: c?.at })).toEqual([b])
    })
  })
}
