import { describe, expect, it } from 'vitest'
import type { PlannedRecord, PreviewCommit } from '../../../src/core/ports/preview-store.ts'
import { SAMPLES } from '../../../src/core/sync/preview.ts'
import { plainOptions } from '../../../src/core/sync/run.ts'
import type { Store } from '../../../src/store/store.ts'
import {
  couplingWrite,
  givenLease,
  givenMapping,
  givenPair,
  issueWrite,
  newLine,
  newRun,
} from '../../support/store-fixtures.ts'

const planned = (key: string, realKey: string | null): PlannedRecord => ({
  realKey,
  key,
  version: 'planned',
  modifiedAt: null,
  values: { name: 'text:new' },
})
const nothing = { local: null, remote: null }
const noCommit = {
  couplings: [],
  uncouplings: [],
  outcomes: [],
  openIssues: [],
  closeIssues: [],
  metIssues: [],
  releases: [],
  counters: new Map(),
  checkpoint: null,
  watermark: null,
  scannedGeneration: null,
  closeIntents: [],
  keepForLastLook: [],
  doneInbox: [],
  requests: [],
  seenCouplings: [],
  foundDeletions: [],
  settledDeletions: [],
}
const sample = { localKey: 'text:L', remoteKey: null, message: null, changes: [] }

export function previewContract(store: () => Store): void {
  const givenPreview = async () => {
    const pair = await givenPair(store())
    const mapping = await givenMapping(store(), pair)
    const options = { ...plainOptions, dryRun: true }
    const requests = [{ direction: 'to', key: 'text:asked', force: true, createMissing: false }] as const
    const { run } = await store().runs.createRun(newRun(pair, [newLine(mapping, { requests })], { options }))
    const { jobs } = await store().runs.getRun(run.id)
    const fence = await givenLease(store(), [`preview/${run.id}`])
    const commit = (changes: Partial<PreviewCommit>, by = fence) =>
      store().previews.commitPage(by, {
        runId: run.id,
        mappingId: mapping.id,
        pairId: pair.id,
        couplings: [],
        findings: [],
        costs: null,
        counters: new Map(),
        checkpoint: null,
        doneInbox: [],
        requests: [],
        judged: [],
        releases: [],
        foundDeletions: [],
        settledDeletions: [],
        ...changes,
      })
    const ids = { runId: run.id, mappingId: mapping.id }
    return { pair, mapping, run, jobId: jobs[0]?.id ?? -1, fence, ids, commit }
  }

  describe('a preview', () => {
    it('finds its planned couplings by key and by what they stand for, and only its own', async () => {
      const { ids, commit } = await givenPreview()
      const other = await givenPreview()
      await commit({ couplings: [{ ...couplingWrite('L', 'R'), written: nothing }] })
      const find = (of = ids) => store().previews.findCouplings(of, 'remote', ['text:R'], [])
      const [found] = await find()
      expect(found).toMatchObject({ local: { key: 'text:L' }, remote: { key: 'text:R' }, generation: 1 })
      expect(found?.id).toBeLessThan(0)
      expect(await find(other.ids)).toEqual([])
      const id = found?.id ?? 0
      expect(await store().previews.findCouplings(ids, 'remote', ['text:none'], [id])).toHaveLength(1)
      const bases = await store().previews.loadBases(ids.runId, [id])
      expect(bases.get(id)).toMatchObject({ local: { name: 'text:L' } })
      const resolved = await store().previews.resolveReferences(ids, 'local', ['text:L', 'text:none'])
      expect([...resolved]).toEqual([['text:L', { local: 'text:L', remote: 'text:R' }]])
      expect(await store().sync.findCouplings(ids.mappingId, 'remote', ['text:R'])).toEqual([])
    })

    it('keeps what one direction has planned for a side when the other one plans for the other side', async () => {
      const { ids, commit } = await givenPreview()
      const remote = planned('text:R2', 'text:R')
      await commit({
        couplings: [{ ...couplingWrite('L', 'R2', { id: 7 }), written: { local: null, remote } }],
      })
      const local = planned('text:L', 'text:L')
      await commit({
        couplings: [{ ...couplingWrite('L', 'R2', { id: 7 }), written: { local, remote: null } }],
      })
      const find = (side: 'local' | 'remote', key: string) => store().previews.findRecords(ids, side, [key])
      expect(await find('remote', 'text:R')).toEqual([remote])
      expect(await find('remote', 'text:R2')).toEqual([remote])
      expect(await find('local', 'text:L')).toEqual([local])
    })

    it('P7, P8: adds findings, counters and costs up, and keeps the first samples only', async () => {
      const { ids, jobId, commit } = await givenPreview()
      const finding = {
        jobId,
        direction: 'to',
        kind: 'failed',
        code: 'VALUE_REFUSED',
        field: 'name',
      } as const
      const costs = {
        jobId,
        costs: {
          local: { reads: 1, writes: 0, records: 0 },
          remote: { reads: 2, writes: 1, records: 3 },
        },
      }
      for (const n of [1, 2, 3])
        await commit({
          findings: [
            { ...finding, records: 10, samples: [1, 2].map(() => ({ ...sample, message: `page ${n}` })) },
          ],
          costs,
          counters: new Map([[jobId, { read: 10, failed: 10 }]]),
        })
      const result = await store().previews.getResult(ids.runId)
      expect(result.findings).toMatchObject([{ ...finding, records: 30 }])
      expect(result.findings[0]?.samples).toHaveLength(SAMPLES)
      expect(result.findings[0]?.samples[0]?.message).toBe('page 1')
      expect(result.costs).toEqual([
        {
          jobId,
          local: { reads: 3, writes: 0, records: 0 },
          remote: { reads: 6, writes: 3, records: 9 },
        },
      ])
      const { jobs } = await store().runs.getRun(ids.runId)
      expect(jobs[0]).toMatchObject({ preview: true, counters: { read: 30, failed: 30 } })
    })

    it('keeps what seems to have been deleted to itself, once each, until a page has judged it', async () => {
      const { mapping, ids, pair, jobId, commit, fence } = await givenPreview()
      const worker = await givenLease(store(), [`mapping/${mapping.id}`])
      const names = ['A', 'B', 'C']
      await store().sync.commitPage(worker, {
        ...noCommit,
        mappingId: mapping.id,
        pairId: pair.id,
        couplings: names.map((name) => couplingWrite(name, `r${name}`, { jobId })),
      })
      const keys = names.map((name) => `text:${name}`)
      const couplings = await store().sync.findCouplings(mapping.id, 'local', keys)
      const [a = 0, b = 0, c = 0] = couplings.map(({ id }) => id).sort((x, y) => x - y)
      const search = { ...ids, direction: 'to' } as const
      const left = async () =>
        (await store().previews.listSuspects(search, 0, 10)).map(({ couplingId }) => couplingId)
      await commit({ foundDeletions: [{ direction: 'to', couplingId: a }] })
      await store().previews.addSuspects(fence, search, [a, b, c])
      expect(await left()).toEqual([a, b, c])
      expect(await store().previews.listSuspects({ ...search, direction: 'from' }, 0, 10)).toEqual([])
      expect(await store().previews.countSuspects(search)).toBe(3)
      await store().previews.dropSuspects(fence, ids.runId, [b])
      await commit({ settledDeletions: [a] })
      expect(await left()).toEqual([c])
      expect(await store().deletions.listSuspects(search, 0, 10)).toEqual([])
      await store().leases.release(fence)
      await expect(store().previews.addSuspects(fence, search, [a])).rejects.toMatchObject({
        code: 'LEASE_LOST',
      })
    })

    it('P2: changes nothing for a worker that has lost its lease', async () => {
      const { ids, fence, commit } = await givenPreview()
      await store().leases.release(fence)
      const late = commit({ couplings: [{ ...couplingWrite('L', 'R'), written: nothing }] })
      await expect(late).rejects.toMatchObject({ code: 'LEASE_LOST' })
      expect(await store().previews.findCouplings(ids, 'local', ['text:L'], [])).toEqual([])
    })

    it('looks once at what it was asked for and at issues it would release, which stay as they are', async () => {
      const { pair, mapping, ids, jobId, commit } = await givenPreview()
      const { previews, sync } = store()
      const [asked] = await previews.findInbox(ids, 'to', 10)
      expect(asked).toMatchObject({ key: 'text:asked', jobIds: [jobId], force: true })
      expect(await sync.findInbox(mapping.id, 'to', 10)).toEqual([])
      const worker = await givenLease(store(), [`mapping/${mapping.id}`])
      await sync.commitPage(worker, {
        ...noCommit,
        mappingId: mapping.id,
        pairId: pair.id,
        openIssues: [issueWrite(jobId, 'W', { kind: 'waiting', waitsFor: 'M/local/text:X' })],
      })
      await commit({ doneInbox: asked ? [asked] : [], releases: ['M/local/text:X'] })
      expect(await previews.findInbox(ids, 'to', 10)).toEqual([])
      expect(await previews.findDueIssues(ids, 'to', 10)).toMatchObject([{ key: 'text:W' }])
      expect(await previews.hasDueWork(ids)).toBe(true)
      expect(await sync.findDueIssues(mapping.id, 'to', 10)).toEqual([])
      await commit({ judged: [{ direction: 'to', key: 'text:W' }] })
      expect(await previews.hasDueWork(ids)).toBe(false)
    })

    it('looks next at what its pages ask for, once, and at what it was asked to decide by hand', async () => {
      const { mapping, run, jobId, ids, commit } = await givenPreview()
      const request = { direction: 'to', key: 'text:next', createMissing: true } as const
      await commit({ requests: [{ ...request, jobIds: [] }] })
      await commit({ requests: [{ ...request, jobIds: [jobId] }] })
      const found = await store().previews.findInbox(ids, 'to', 10)
      expect(found.map(({ key, jobIds }) => [key, jobIds])).toEqual([
        ['text:asked', [jobId]],
        ['text:next', []],
      ])
      expect(found[1]).toMatchObject({ force: true, createMissing: true, task: null })
      const task = { kind: 'couple', with: 'text:R', next: 'nothing' } as const
      const byHand = { direction: 'to', key: 'text:hand', force: true, createMissing: false, task } as const
      await store().runs.addLines(run.id, [newLine(mapping, { requests: [byHand] })])
      expect((await store().previews.findInbox(ids, 'to', 10))[2]).toMatchObject({ key: 'text:hand', task })
      expect(await store().sync.findInbox(mapping.id, 'to', 10)).toEqual([])
    })

    it('is no job that somebody has taken over from a worker of the mapping', async () => {
      const { mapping, run, jobId, fence } = await givenPreview()
      await store().runs.startJob(jobId, fence, null)
      const worker = await givenLease(store(), [`mapping/${mapping.id}/0`])
      await store().runs.recordTakeover(mapping.id, worker, 'dead')
      const { jobs } = await store().runs.getRun(run.id)
      expect(jobs.map(({ takeovers }) => takeovers)).toEqual([0, 0])
    })

    it('keeps only its result when its run has ended, and cannot be retried', async () => {
      const { ids, run, jobId, commit } = await givenPreview()
      const finding = { jobId, direction: 'to', kind: 'inserted', code: null, field: null } as const
      await commit({
        couplings: [{ ...couplingWrite('L', 'R'), written: nothing }],
        findings: [{ ...finding, records: 1, samples: [sample] }],
      })
      await store().runs.cancelRun(run.id, { by: 'test', reason: null })
      expect(await store().previews.findCouplings(ids, 'local', ['text:L'], [])).toEqual([])
      expect(await store().previews.hasDueWork(ids)).toBe(false)
      expect((await store().previews.getResult(run.id)).findings).toHaveLength(1)
      await expect(store().runs.retryLines(run.id, null, { by: 'test', reason: null })).rejects.toMatchObject(
        { code: 'NOTHING_TO_RETRY' },
      )
    })
  })
}
